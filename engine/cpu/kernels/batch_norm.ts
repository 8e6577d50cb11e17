// Batch norm over rows [N·C] of S values each. Statistics and gradient sums leave one pair of f64 a
// row, combined over N in order by a second kernel, so threads never change a result.
// Normalising is (x − mean) · scale + shift with scale = gamma / √(var + eps): the subtraction
// first, since mean ≫ deviation would cancel in x · scale + shift′.
import { at, float, int, ptr, threadId } from "./abi";
import { channelScale } from "./channel";

/** Values of a row worked at a time: its second reading comes from the nearest cache. */
const BLOCK = 2048;

// Sum of 32 f32 lanes left in memory.
// @inline
function sum32(lanes: usize): f64 {
  let total: f64 = 0;
  for (let i = 0; i < 32; i++) total += load<f32>(at(lanes, i));
  return total;
}

// Σ x, or Σ (x − shift)², over n values, n a multiple of 32.
// @inline
function moment(x: usize, n: i32, shift: f32, squared: bool, lanes: usize): f64 {
  const c = f32x4.splat(shift);
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  for (let i = 0; i < n; i += 32) {
    const p = at(x, i);
    const x0 = v128.load(p), x1 = v128.load(p, 16), x2 = v128.load(p, 32), x3 = v128.load(p, 48);
    const x4 = v128.load(p, 64), x5 = v128.load(p, 80), x6 = v128.load(p, 96);
    const x7 = v128.load(p, 112);
    if (squared) {
      const d0 = f32x4.sub(x0, c);
      const d1 = f32x4.sub(x1, c);
      const d2 = f32x4.sub(x2, c);
      const d3 = f32x4.sub(x3, c);
      const d4 = f32x4.sub(x4, c);
      const d5 = f32x4.sub(x5, c);
      const d6 = f32x4.sub(x6, c);
      const d7 = f32x4.sub(x7, c);
      a0 = f32x4.relaxed_madd(d0, d0, a0);
      a1 = f32x4.relaxed_madd(d1, d1, a1);
      a2 = f32x4.relaxed_madd(d2, d2, a2);
      a3 = f32x4.relaxed_madd(d3, d3, a3);
      a4 = f32x4.relaxed_madd(d4, d4, a4);
      a5 = f32x4.relaxed_madd(d5, d5, a5);
      a6 = f32x4.relaxed_madd(d6, d6, a6);
      a7 = f32x4.relaxed_madd(d7, d7, a7);
    } else {
      a0 = f32x4.add(x0, a0);
      a1 = f32x4.add(x1, a1);
      a2 = f32x4.add(x2, a2);
      a3 = f32x4.add(x3, a3);
      a4 = f32x4.add(x4, a4);
      a5 = f32x4.add(x5, a5);
      a6 = f32x4.add(x6, a6);
      a7 = f32x4.add(x7, a7);
    }
  }
  v128.store(lanes, a0);
  v128.store(lanes, a1, 16);
  v128.store(lanes, a2, 32);
  v128.store(lanes, a3, 48);
  v128.store(lanes, a4, 64);
  v128.store(lanes, a5, 80);
  v128.store(lanes, a6, 96);
  v128.store(lanes, a7, 112);
  return sum32(lanes);
}

/**
 * batchNormMoments: x [rows, S], lanes [threads, 32], partial [rows] of f64 (mean, Σ(x − mean)²); S.
 * Items: rows. Two readings of a block, blocks joined by the formula of Chan, Golub and LeVeque.
 */
export function batchNormMoments(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), lanes = at(ptr(p, 1), threadId * 32), partial = ptr(p, 2), S = int(p, 3);
  for (let row = start; row < end; row++) {
    let mean: f64 = 0, m2: f64 = 0;
    for (let s = 0; s < S; s += BLOCK) {
      const n = min(BLOCK, S - s), whole = n & ~31, from = at(x, row * S + s);
      let sum = whole > 0 ? moment(from, whole, 0, false, lanes) : 0;
      for (let i = whole; i < n; i++) sum += load<f32>(at(from, i));
      const near = <f32> (sum / n), center: f64 = near;
      // Second moments about the nearest f32, then moved to the mean itself.
      let square = whole > 0 ? moment(from, whole, near, true, lanes) : 0;
      for (let i = whole; i < n; i++) {
        const d = <f64> load<f32>(at(from, i)) - center;
        square += d * d;
      }
      const own = sum / n, off = own - center;
      square -= off * off * n;
      const delta = own - mean, total: f64 = s + n;
      m2 += square + delta * delta * s * n / total;
      mean += delta * n / total;
    }
    store<f64>(partial + (<usize> row << 4), mean);
    store<f64>(partial + (<usize> row << 4), m2, 8);
  }
}

/** batchNormStatistics: partial [N, C], mean [C], variance [C]; N, C, S. Items: channels. */
export function batchNormStatistics(p: usize, start: i32, end: i32): void {
  const partial = ptr(p, 0), means = ptr(p, 1), variances = ptr(p, 2);
  const N = int(p, 3), C = int(p, 4), S: f64 = int(p, 5);
  for (let c = start; c < end; c++) {
    let mean: f64 = 0, m2: f64 = 0;
    for (let n = 0; n < N; n++) {
      const from = partial + (<usize> (n * C + c) << 4);
      const delta = load<f64>(from) - mean;
      m2 += load<f64>(from, 8) + delta * delta * S * n / (n + 1);
      mean += delta / (n + 1);
    }
    store<f32>(at(means, c), <f32> mean);
    store<f32>(at(variances, c), <f32> (m2 / (N * S)));
  }
}

/** batchNormRunning: runningMean, runningVar, mean, variance; momentum, n / (n − 1). */
export function batchNormRunning(p: usize, start: i32, end: i32): void {
  const runningMean = ptr(p, 0), runningVar = ptr(p, 1), mean = ptr(p, 2), variance = ptr(p, 3);
  const momentum = float(p, 4), unbias = float(p, 5);
  for (let c = start; c < end; c++) {
    const m = load<f32>(at(runningMean, c)), v = load<f32>(at(runningVar, c));
    store<f32>(at(runningMean, c), m + momentum * (load<f32>(at(mean, c)) - m));
    store<f32>(at(runningVar, c), v + momentum * (load<f32>(at(variance, c)) * unbias - v));
  }
}

/** batchNorm: x, gamma, beta, mean, variance, y; C, S, eps, relu. Items: rows. */
export function batchNorm(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0),
    gamma = ptr(p, 1),
    beta = ptr(p, 2),
    means = ptr(p, 3),
    variances = ptr(p, 4);
  const y = ptr(p, 5), C = int(p, 6), S = int(p, 7), eps = float(p, 8), relu = int(p, 9);
  for (let row = start; row < end; row++) {
    const c = row % C;
    const mean = load<f32>(at(means, c)), scale = channelScale(gamma, variances, c, eps);
    const shift = load<f32>(at(beta, c)), low: f32 = relu ? 0 : -Infinity;
    const m = f32x4.splat(mean), g = f32x4.splat(scale), b = f32x4.splat(shift);
    const floor = f32x4.splat(low);
    const from = at(x, row * S), to = at(y, row * S);
    let i = 0;
    for (; i + 8 <= S; i += 8) {
      const x0 = v128.load(at(from, i)), x1 = v128.load(at(from, i), 16);
      const y0 = f32x4.add(f32x4.mul(f32x4.sub(x0, m), g), b);
      const y1 = f32x4.add(f32x4.mul(f32x4.sub(x1, m), g), b);
      // not max: its care for NaN costs more than the rest, and andnot keeps NaN as well
      v128.store(at(to, i), v128.andnot(y0, f32x4.lt(y0, floor)));
      v128.store(at(to, i), v128.andnot(y1, f32x4.lt(y1, floor)), 16);
    }
    for (; i < S; i++) {
      store<f32>(at(to, i), max<f32>((load<f32>(at(from, i)) - mean) * scale + shift, low));
    }
  }
}

/**
 * batchNormSums: dy, x, gamma, beta, mean, variance, lanes [threads, 32], partial [rows] of f64
 * (Σ dy, Σ dy·(x − mean)); C, S, eps, relu. With relu, dy counts where the output is positive.
 * Also serves the fused pooling, where x holds the window maxima. Items: rows.
 */
export function batchNormSums(p: usize, start: i32, end: i32): void {
  const dy = ptr(p, 0), x = ptr(p, 1), gamma = ptr(p, 2), beta = ptr(p, 3), means = ptr(p, 4);
  const variances = ptr(p, 5), lanes = at(ptr(p, 6), threadId * 32), partial = ptr(p, 7);
  const C = int(p, 8), S = int(p, 9), eps = float(p, 10), relu = int(p, 11);
  for (let row = start; row < end; row++) {
    const c = row % C;
    const mean = load<f32>(at(means, c)), scale = channelScale(gamma, variances, c, eps);
    const shift = load<f32>(at(beta, c)), low: f32 = relu ? 0 : -Infinity;
    const m = f32x4.splat(mean), g = f32x4.splat(scale), b = f32x4.splat(shift);
    const floor = f32x4.splat(low);
    let sum: f64 = 0, dot: f64 = 0;
    for (let s = 0; s < S; s += BLOCK) {
      const n = min(BLOCK, S - s), whole = n & ~15;
      const from = at(x, row * S + s), grad = at(dy, row * S + s);
      let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, t0 = s0, t1 = s0, t2 = s0, t3 = s0;
      for (let i = 0; i < whole; i += 16) {
        const q = at(from, i), r = at(grad, i);
        const d0 = f32x4.sub(v128.load(q), m), d1 = f32x4.sub(v128.load(q, 16), m);
        const d2 = f32x4.sub(v128.load(q, 32), m), d3 = f32x4.sub(v128.load(q, 48), m);
        const g0 = v128.and(v128.load(r), f32x4.gt(f32x4.add(f32x4.mul(d0, g), b), floor));
        const g1 = v128.and(v128.load(r, 16), f32x4.gt(f32x4.add(f32x4.mul(d1, g), b), floor));
        const g2 = v128.and(v128.load(r, 32), f32x4.gt(f32x4.add(f32x4.mul(d2, g), b), floor));
        const g3 = v128.and(v128.load(r, 48), f32x4.gt(f32x4.add(f32x4.mul(d3, g), b), floor));
        s0 = f32x4.add(s0, g0);
        s1 = f32x4.add(s1, g1);
        s2 = f32x4.add(s2, g2);
        s3 = f32x4.add(s3, g3);
        t0 = f32x4.relaxed_madd(g0, d0, t0);
        t1 = f32x4.relaxed_madd(g1, d1, t1);
        t2 = f32x4.relaxed_madd(g2, d2, t2);
        t3 = f32x4.relaxed_madd(g3, d3, t3);
      }
      v128.store(lanes, s0);
      v128.store(lanes, s1, 16);
      v128.store(lanes, s2, 32);
      v128.store(lanes, s3, 48);
      v128.store(lanes, t0, 64);
      v128.store(lanes, t1, 80);
      v128.store(lanes, t2, 96);
      v128.store(lanes, t3, 112);
      for (let i = 0; i < 16; i++) {
        sum += load<f32>(at(lanes, i));
        dot += load<f32>(at(lanes, i + 16));
      }
      for (let i = whole; i < n; i++) {
        const d = load<f32>(at(from, i)) - mean;
        if (d * scale + shift > low) {
          sum += load<f32>(at(grad, i));
          dot += <f64> load<f32>(at(grad, i)) * d;
        }
      }
    }
    store<f64>(partial + (<usize> row << 4), sum);
    store<f64>(partial + (<usize> row << 4), dot, 8);
  }
}

/**
 * batchNormCombine: partial [N, C], gamma, variance, dgamma, dbeta, line [C, 4]; N, C, eps,
 * 1 / (values a channel), or 0 where the statistics are constants. `line` is what dx takes: dx =
 * scale · dy + slope · (x − mean) + offset, as (scale, slope, offset, unused). Items: channels.
 */
export function batchNormCombine(p: usize, start: i32, end: i32): void {
  const partial = ptr(p, 0), gamma = ptr(p, 1), variances = ptr(p, 2), dgamma = ptr(p, 3);
  const dbeta = ptr(p, 4), line = ptr(p, 5);
  const N = int(p, 6), C = int(p, 7), eps = float(p, 8);
  const share: f64 = float(p, 9);
  for (let c = start; c < end; c++) {
    let sum: f64 = 0, dot: f64 = 0;
    for (let n = 0; n < N; n++) {
      const from = partial + (<usize> (n * C + c) << 4);
      sum += load<f64>(from);
      dot += load<f64>(from, 8);
    }
    const inverse = 1 / Math.sqrt(<f64> load<f32>(at(variances, c)) + eps);
    const scale = load<f32>(at(gamma, c)) * inverse;
    store<f32>(at(dgamma, c), <f32> (dot * inverse));
    store<f32>(at(dbeta, c), <f32> sum);
    store<f32>(at(line, 4 * c), <f32> scale);
    store<f32>(at(line, 4 * c + 1), <f32> (-scale * inverse * inverse * dot * share));
    store<f32>(at(line, 4 * c + 2), <f32> (-scale * sum * share));
  }
}

/** batchNormDx: dy, x, beta, mean, line, dx; C, S, relu. Items: rows. */
export function batchNormDx(p: usize, start: i32, end: i32): void {
  const dy = ptr(p, 0), x = ptr(p, 1), beta = ptr(p, 2), means = ptr(p, 3), line = ptr(p, 4);
  const dx = ptr(p, 5), C = int(p, 6), S = int(p, 7), relu = int(p, 8);
  for (let row = start; row < end; row++) {
    const c = row % C;
    const mean = load<f32>(at(means, c)), shift = load<f32>(at(beta, c));
    const scale = load<f32>(at(line, 4 * c)), low: f32 = relu ? 0 : -Infinity;
    const slope = load<f32>(at(line, 4 * c + 1)), offset = load<f32>(at(line, 4 * c + 2));
    const m = f32x4.splat(mean), g = f32x4.splat(scale), b = f32x4.splat(shift);
    const k = f32x4.splat(slope), o = f32x4.splat(offset), floor = f32x4.splat(low);
    const from = at(x, row * S), grad = at(dy, row * S), to = at(dx, row * S);
    let i = 0;
    for (; i + 8 <= S; i += 8) {
      const d0 = f32x4.sub(v128.load(at(from, i)), m),
        d1 = f32x4.sub(v128.load(at(from, i), 16), m);
      const g0 = v128.load(at(grad, i)), g1 = v128.load(at(grad, i), 16);
      const k0 = v128.and(g0, f32x4.gt(f32x4.add(f32x4.mul(d0, g), b), floor));
      const k1 = v128.and(g1, f32x4.gt(f32x4.add(f32x4.mul(d1, g), b), floor));
      const r0 = f32x4.relaxed_madd(d0, k, f32x4.relaxed_madd(k0, g, o));
      const r1 = f32x4.relaxed_madd(d1, k, f32x4.relaxed_madd(k1, g, o));
      v128.store(at(to, i), r0);
      v128.store(at(to, i), r1, 16);
    }
    for (; i < S; i++) {
      const d = load<f32>(at(from, i)) - mean;
      const own: f32 = d * scale + shift > low ? load<f32>(at(grad, i)) : 0;
      store<f32>(at(to, i), own * scale + offset + d * slope);
    }
  }
}
