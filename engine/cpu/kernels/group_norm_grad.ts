// Gradients of group norm, channels last. With h = (x − mean) · rstd, a channel's sums over time Σ g and
// Σ g·h give those of its γ and β, and the two means over a group that the gradient of x needs.
import { at, int, ptr, threadId } from "./abi";

/** sums[c] += g[c], products[c] += g[c] · (x[c] − mean[c]) for n channels. */
function addProducts(
  g: usize,
  x: usize,
  mean: usize,
  sums: usize,
  products: usize,
  n: i32,
): void {
  let c = 0;
  for (; c + 8 <= n; c += 8) {
    const g0 = v128.load(at(g, c)), g1 = v128.load(at(g, c), 16);
    const u = f32x4.sub(v128.load(at(x, c)), v128.load(at(mean, c)));
    const v = f32x4.sub(v128.load(at(x, c), 16), v128.load(at(mean, c), 16));
    const a = f32x4.add(v128.load(at(sums, c)), g0);
    const b = f32x4.add(v128.load(at(sums, c), 16), g1);
    v128.store(at(sums, c), a);
    v128.store(at(sums, c), b, 16);
    const d = f32x4.relaxed_madd(g0, u, v128.load(at(products, c)));
    const e = f32x4.relaxed_madd(g1, v, v128.load(at(products, c), 16));
    v128.store(at(products, c), d);
    v128.store(at(products, c), e, 16);
  }
  for (; c < n; c++) {
    const value = load<f32>(at(g, c)), u = load<f32>(at(x, c)) - load<f32>(at(mean, c));
    store<f32>(at(sums, c), load<f32>(at(sums, c)) + value);
    store<f32>(at(products, c), load<f32>(at(products, c)) + value * u);
  }
}

/**
 * groupNormSums: g, x, mean, out, scratch; times, channels, times a chunk, chunks, groups, scratch words a
 * thread. Items: chunks of all sequences. out is [chunk][2][channels]: Σ g and Σ g·(x − mean).
 */
export function groupNormSums(p: usize, start: i32, end: i32): void {
  const times = int(p, 5), n = int(p, 6), size = int(p, 7), chunks = int(p, 8);
  const groups = int(p, 9), each = n / groups;
  const means = at(ptr(p, 4), threadId * int(p, 10));
  for (let item = start; item < end; item++) {
    const image = item / chunks, first = item % chunks * size;
    const rows = min(size, times - first);
    for (let c = 0; c < n; c++) {
      store<f32>(at(means, c), load<f32>(at(ptr(p, 2), image * groups + c / each)));
    }
    const from = (image * times + first) * n;
    const sums = at(ptr(p, 3), item * 2 * n), products = at(sums, n);
    memory.fill(sums, 0, <usize> n << 3);
    for (let t = 0; t < rows; t++) {
      addProducts(
        at(ptr(p, 0), from + t * n),
        at(ptr(p, 1), from + t * n),
        means,
        sums,
        products,
        n,
      );
    }
  }
}

/**
 * groupNormTotals: sums, gamma, rstd, dGamma, dBeta (a row a sequence), factors; times, channels, chunks,
 * groups. Items: groups of all sequences. factors holds a pair a group: mean(g·γ) and
 * rstd · mean(g·γ·h).
 */
export function groupNormTotals(p: usize, start: i32, end: i32): void {
  const times = int(p, 6), n = int(p, 7), chunks = int(p, 8), groups = int(p, 9);
  const each = n / groups;
  for (let item = start; item < end; item++) {
    const image = item / groups, rstd = <f64> load<f32>(at(ptr(p, 2), item));
    let mean: f64 = 0, along: f64 = 0;
    for (let c = item % groups * each; c < (item % groups + 1) * each; c++) {
      let sum: f64 = 0, product: f64 = 0;
      let from = at(ptr(p, 0), image * chunks * 2 * n + c);
      for (let k = 0; k < chunks; k++) {
        sum += load<f32>(from);
        product += load<f32>(at(from, n));
        from = at(from, 2 * n);
      }
      product *= rstd;
      store<f32>(at(ptr(p, 3), image * n + c), <f32> product);
      store<f32>(at(ptr(p, 4), image * n + c), <f32> sum);
      const gamma = <f64> load<f32>(at(ptr(p, 1), c));
      mean += gamma * sum;
      along += gamma * product;
    }
    const count = <f64> times * <f64> each;
    store<f32>(at(ptr(p, 5), 2 * item), <f32> (mean / count));
    store<f32>(at(ptr(p, 5), 2 * item + 1), <f32> (rstd * along / count));
  }
}

/**
 * dx[c] = rstd[c] · (g[c] · γ[c] − shift[c] − (x[c] − mean[c]) · slope[c]) for n channels, of which `rows`
 * holds means, rstds, shifts and slopes.
 */
function gradRow(g: usize, x: usize, gamma: usize, rows: usize, dx: usize, n: i32): void {
  const rstd = at(rows, n), shift = at(rows, 2 * n), slope = at(rows, 3 * n);
  let c = 0;
  for (; c + 8 <= n; c += 8) {
    const u = f32x4.sub(v128.load(at(rows, c)), v128.load(at(x, c)));
    const v = f32x4.sub(v128.load(at(rows, c), 16), v128.load(at(x, c), 16));
    const a = f32x4.mul(v128.load(at(g, c)), v128.load(at(gamma, c)));
    const b = f32x4.mul(v128.load(at(g, c), 16), v128.load(at(gamma, c), 16));
    const d = f32x4.sub(a, v128.load(at(shift, c)));
    const e = f32x4.sub(b, v128.load(at(shift, c), 16));
    const h = f32x4.relaxed_madd(u, v128.load(at(slope, c)), d);
    const i = f32x4.relaxed_madd(v, v128.load(at(slope, c), 16), e);
    v128.store(at(dx, c), f32x4.mul(h, v128.load(at(rstd, c))));
    v128.store(at(dx, c), f32x4.mul(i, v128.load(at(rstd, c), 16)), 16);
  }
  for (; c < n; c++) {
    const u = load<f32>(at(rows, c)) - load<f32>(at(x, c));
    const a = load<f32>(at(g, c)) * load<f32>(at(gamma, c)) - load<f32>(at(shift, c));
    store<f32>(at(dx, c), (u * load<f32>(at(slope, c)) + a) * load<f32>(at(rstd, c)));
  }
}

/**
 * groupNormGrad: g, x, gamma, mean, rstd, factors, dx, scratch; times, channels, groups, scratch words a
 * thread. Items: times of all sequences.
 */
export function groupNormGrad(p: usize, start: i32, end: i32): void {
  const times = int(p, 8), n = int(p, 9), groups = int(p, 10), each = n / groups;
  const rows = at(ptr(p, 7), threadId * int(p, 11));
  let t = start;
  while (t < end) {
    const image = t / times, stop = min(end, (image + 1) * times);
    for (let c = 0; c < n; c++) {
      const g = image * groups + c / each;
      store<f32>(at(rows, c), load<f32>(at(ptr(p, 3), g)));
      store<f32>(at(rows, n + c), load<f32>(at(ptr(p, 4), g)));
      store<f32>(at(rows, 2 * n + c), load<f32>(at(ptr(p, 5), 2 * g)));
      store<f32>(at(rows, 3 * n + c), load<f32>(at(ptr(p, 5), 2 * g + 1)));
    }
    for (; t < stop; t++) {
      gradRow(at(ptr(p, 0), t * n), at(ptr(p, 1), t * n), ptr(p, 2), rows, at(ptr(p, 6), t * n), n);
    }
  }
}
