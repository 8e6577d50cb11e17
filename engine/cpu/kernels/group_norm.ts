// Group norm of sequences with channels last, [B, T, C], and its gradients: statistics over all times of
// a group's channels. Sums run over chunks of times that fit the second cache, a column a channel, and
// are joined in a fixed order in f64.
import { at, float, int, ptr, threadId } from "./abi";

/** out[c] += x[c] for n channels. */
function addRow(out: usize, x: usize, n: i32): void {
  let c = 0;
  for (; c + 8 <= n; c += 8) {
    const a = f32x4.add(v128.load(at(out, c)), v128.load(at(x, c)));
    const b = f32x4.add(v128.load(at(out, c), 16), v128.load(at(x, c), 16));
    v128.store(at(out, c), a);
    v128.store(at(out, c), b, 16);
  }
  for (; c < n; c++) store<f32>(at(out, c), load<f32>(at(out, c)) + load<f32>(at(x, c)));
}

/** out[c] += (x[c] − mean[c])² for n channels. */
function addSquares(out: usize, x: usize, mean: usize, n: i32): void {
  let c = 0;
  for (; c + 8 <= n; c += 8) {
    const u = f32x4.sub(v128.load(at(x, c)), v128.load(at(mean, c)));
    const v = f32x4.sub(v128.load(at(x, c), 16), v128.load(at(mean, c), 16));
    const a = f32x4.relaxed_madd(u, u, v128.load(at(out, c)));
    const b = f32x4.relaxed_madd(v, v, v128.load(at(out, c), 16));
    v128.store(at(out, c), a);
    v128.store(at(out, c), b, 16);
  }
  for (; c < n; c++) {
    const u = load<f32>(at(x, c)) - load<f32>(at(mean, c));
    store<f32>(at(out, c), load<f32>(at(out, c)) + u * u);
  }
}

/**
 * groupNormMoments: x, out; times, channels, times a chunk, chunks. Items: chunks of all sequences.
 * out is [chunk][2][channels]: means, and sums of squared deviations from them.
 */
export function groupNormMoments(p: usize, start: i32, end: i32): void {
  const times = int(p, 2), n = int(p, 3), size = int(p, 4), chunks = int(p, 5);
  for (let item = start; item < end; item++) {
    const first = item % chunks * size, rows = min(size, times - first);
    const x = at(ptr(p, 0), (item / chunks * times + first) * n);
    const mean = at(ptr(p, 1), item * 2 * n), squares = at(mean, n);
    memory.fill(mean, 0, <usize> n << 3);
    for (let t = 0; t < rows; t++) addRow(mean, at(x, t * n), n);
    for (let c = 0; c < n; c++) store<f32>(at(mean, c), load<f32>(at(mean, c)) / <f32> rows);
    for (let t = 0; t < rows; t++) addSquares(squares, at(x, t * n), mean, n);
  }
}

/**
 * groupNormStatistics: moments, mean, rstd; times, channels, times a chunk, chunks, groups, eps. Items:
 * groups of all sequences.
 */
export function groupNormStatistics(p: usize, start: i32, end: i32): void {
  const times = int(p, 3), n = int(p, 4), size = int(p, 5), chunks = int(p, 6);
  const groups = int(p, 7), eps = float(p, 8), each = n / groups;
  const count = <f64> times * <f64> each;
  for (let item = start; item < end; item++) {
    const base = at(ptr(p, 0), item / groups * chunks * 2 * n + item % groups * each);
    let mean: f64 = 0, squares: f64 = 0;
    for (let k = 0; k < chunks; k++) {
      const rows = min(size, times - k * size);
      for (let c = 0; c < each; c++) mean += <f64> rows * load<f32>(at(base, k * 2 * n + c));
    }
    mean /= count;
    for (let k = 0; k < chunks; k++) {
      const rows = min(size, times - k * size);
      for (let c = 0; c < each; c++) {
        const d = <f64> load<f32>(at(base, k * 2 * n + c)) - mean;
        squares += <f64> load<f32>(at(base, (k * 2 + 1) * n + c)) + <f64> rows * d * d;
      }
    }
    store<f32>(at(ptr(p, 1), item), <f32> mean);
    store<f32>(at(ptr(p, 2), item), <f32> (1.0 / Math.sqrt(squares / count + <f64> eps)));
  }
}

/** out[c] = (x[c] − mean[c]) · scale[c] + shift[c] for n channels. */
function normRow(x: usize, mean: usize, scale: usize, shift: usize, out: usize, n: i32): void {
  let c = 0;
  for (; c + 8 <= n; c += 8) {
    const u = f32x4.sub(v128.load(at(x, c)), v128.load(at(mean, c)));
    const v = f32x4.sub(v128.load(at(x, c), 16), v128.load(at(mean, c), 16));
    const a = f32x4.relaxed_madd(u, v128.load(at(scale, c)), v128.load(at(shift, c)));
    const b = f32x4.relaxed_madd(v, v128.load(at(scale, c), 16), v128.load(at(shift, c), 16));
    v128.store(at(out, c), a);
    v128.store(at(out, c), b, 16);
  }
  for (; c < n; c++) {
    const u = load<f32>(at(x, c)) - load<f32>(at(mean, c));
    store<f32>(at(out, c), u * load<f32>(at(scale, c)) + load<f32>(at(shift, c)));
  }
}

/**
 * groupNorm: x, gamma, beta, mean, rstd, out, scratch; times, channels, groups, scratch words a thread.
 * Items: times of all sequences.
 */
export function groupNorm(p: usize, start: i32, end: i32): void {
  const times = int(p, 7), n = int(p, 8), groups = int(p, 9), each = n / groups;
  const means = at(ptr(p, 6), threadId * int(p, 10)), scales = at(means, n);
  let t = start;
  while (t < end) {
    const image = t / times, stop = min(end, (image + 1) * times);
    for (let c = 0; c < n; c++) {
      const g = image * groups + c / each;
      store<f32>(at(means, c), load<f32>(at(ptr(p, 3), g)));
      store<f32>(at(scales, c), load<f32>(at(ptr(p, 4), g)) * load<f32>(at(ptr(p, 1), c)));
    }
    for (; t < stop; t++) {
      normRow(at(ptr(p, 0), t * n), means, scales, ptr(p, 2), at(ptr(p, 5), t * n), n);
    }
  }
}
