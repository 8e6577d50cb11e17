// Batch norm over rows [R, C] of one value a channel (channels last): sums run down the columns, a
// chunk of rows at a time into a row of its own, and a second kernel adds the chunks in f64 in their
// order, so threads never change a result. For longer runs of a channel see batch_norm.ts.
import { at, float, int, ptr } from "./abi";
import { channelScale } from "./channel";

/**
 * batchNormRowMoment: x [R, C], center [C], partial [chunks, C]; R, C, rows a chunk, squared.
 * Σ x, or Σ (x − center)², over each chunk's rows. Items: chunks.
 */
export function batchNormRowMoment(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), center = ptr(p, 1), partial = ptr(p, 2);
  const R = int(p, 3), C = int(p, 4), size = int(p, 5), squared = int(p, 6);
  for (let chunk = start; chunk < end; chunk++) {
    const sums = at(partial, chunk * C);
    memory.fill(sums, 0, <usize> C << 2);
    const stop = min((chunk + 1) * size, R);
    for (let row = chunk * size; row < stop; row++) {
      if (squared) addSquares(sums, at(x, row * C), center, C);
      else addRow(sums, at(x, row * C), C);
    }
  }
}

// @inline
function addRow(sums: usize, x: usize, C: i32): void {
  let i = 0;
  for (; i + 8 <= C; i += 8) {
    const s = at(sums, i), q = at(x, i);
    const s0 = v128.load(s), s1 = v128.load(s, 16), x0 = v128.load(q), x1 = v128.load(q, 16);
    v128.store(s, f32x4.add(s0, x0));
    v128.store(s, f32x4.add(s1, x1), 16);
  }
  for (; i < C; i++) store<f32>(at(sums, i), load<f32>(at(sums, i)) + load<f32>(at(x, i)));
}

// @inline
function addSquares(sums: usize, x: usize, center: usize, C: i32): void {
  let i = 0;
  for (; i + 8 <= C; i += 8) {
    const s = at(sums, i), q = at(x, i), c = at(center, i);
    const s0 = v128.load(s), s1 = v128.load(s, 16);
    const d0 = f32x4.sub(v128.load(q), v128.load(c));
    const d1 = f32x4.sub(v128.load(q, 16), v128.load(c, 16));
    v128.store(s, f32x4.relaxed_madd(d0, d0, s0));
    v128.store(s, f32x4.relaxed_madd(d1, d1, s1), 16);
  }
  for (; i < C; i++) {
    const d = load<f32>(at(x, i)) - load<f32>(at(center, i));
    store<f32>(at(sums, i), load<f32>(at(sums, i)) + d * d);
  }
}

/** batchNormRowMean: partial [chunks, C], out [C]; chunks, C, R. Items: channels. */
export function batchNormRowMean(p: usize, start: i32, end: i32): void {
  const partial = ptr(p, 0), out = ptr(p, 1), chunks = int(p, 2), C = int(p, 3);
  const R: f64 = int(p, 4);
  for (let c = start; c < end; c++) {
    let sum: f64 = 0;
    for (let k = 0; k < chunks; k++) sum += load<f32>(at(partial, k * C + c));
    store<f32>(at(out, c), <f32> (sum / R));
  }
}

/** batchNormRowScale: gamma, variance, scale; eps. Items: channels. */
export function batchNormRowScale(p: usize, start: i32, end: i32): void {
  const gamma = ptr(p, 0), variance = ptr(p, 1), scale = ptr(p, 2), eps = float(p, 3);
  for (let c = start; c < end; c++) {
    store<f32>(at(scale, c), channelScale(gamma, variance, c, eps));
  }
}

/** batchNormRows: x [R, C], scale, beta, mean, y; C, relu. Items: rows. */
export function batchNormRows(p: usize, start: i32, end: i32): void {
  const scale = ptr(p, 1), beta = ptr(p, 2), mean = ptr(p, 3), C = int(p, 5);
  const low: f32 = int(p, 6) ? 0 : -Infinity, floor = f32x4.splat(low);
  for (let row = start; row < end; row++) {
    const x = at(ptr(p, 0), row * C), y = at(ptr(p, 4), row * C);
    let i = 0;
    for (; i + 8 <= C; i += 8) {
      const q = at(x, i), m = at(mean, i), g = at(scale, i), b = at(beta, i);
      const d0 = f32x4.sub(v128.load(q), v128.load(m));
      const d1 = f32x4.sub(v128.load(q, 16), v128.load(m, 16));
      const y0 = f32x4.add(f32x4.mul(d0, v128.load(g)), v128.load(b));
      const y1 = f32x4.add(f32x4.mul(d1, v128.load(g, 16)), v128.load(b, 16));
      v128.store(at(y, i), v128.andnot(y0, f32x4.lt(y0, floor)));
      v128.store(at(y, i), v128.andnot(y1, f32x4.lt(y1, floor)), 16);
    }
    for (; i < C; i++) {
      const d = load<f32>(at(x, i)) - load<f32>(at(mean, i));
      store<f32>(at(y, i), max<f32>(d * load<f32>(at(scale, i)) + load<f32>(at(beta, i)), low));
    }
  }
}

/**
 * batchNormRowSums: dy, x [R, C], scale, beta, mean, partial [chunks, 2, C]; R, C, rows a chunk, relu.
 * Σ dy and Σ dy·(x − mean) over each chunk's rows; with relu, dy counts where the output is positive.
 * Items: chunks.
 */
export function batchNormRowSums(p: usize, start: i32, end: i32): void {
  const scale = ptr(p, 2), beta = ptr(p, 3), mean = ptr(p, 4);
  const R = int(p, 6), C = int(p, 7), size = int(p, 8);
  const low: f32 = int(p, 9) ? 0 : -Infinity, floor = f32x4.splat(low);
  for (let chunk = start; chunk < end; chunk++) {
    const sums = at(ptr(p, 5), 2 * chunk * C), dots = at(sums, C);
    memory.fill(sums, 0, <usize> C << 3);
    const stop = min((chunk + 1) * size, R);
    for (let row = chunk * size; row < stop; row++) {
      const dy = at(ptr(p, 0), row * C), x = at(ptr(p, 1), row * C);
      let i = 0;
      for (; i + 8 <= C; i += 8) {
        const q = at(x, i), r = at(dy, i), m = at(mean, i), g = at(scale, i), b = at(beta, i);
        const s = at(sums, i), t = at(dots, i);
        const d0 = f32x4.sub(v128.load(q), v128.load(m));
        const d1 = f32x4.sub(v128.load(q, 16), v128.load(m, 16));
        const y0 = f32x4.add(f32x4.mul(d0, v128.load(g)), v128.load(b));
        const y1 = f32x4.add(f32x4.mul(d1, v128.load(g, 16)), v128.load(b, 16));
        const g0 = v128.and(v128.load(r), f32x4.gt(y0, floor));
        const g1 = v128.and(v128.load(r, 16), f32x4.gt(y1, floor));
        const s0 = v128.load(s), s1 = v128.load(s, 16), t0 = v128.load(t), t1 = v128.load(t, 16);
        v128.store(s, f32x4.add(s0, g0));
        v128.store(s, f32x4.add(s1, g1), 16);
        v128.store(t, f32x4.relaxed_madd(g0, d0, t0));
        v128.store(t, f32x4.relaxed_madd(g1, d1, t1), 16);
      }
      for (; i < C; i++) {
        const d = load<f32>(at(x, i)) - load<f32>(at(mean, i));
        if (d * load<f32>(at(scale, i)) + load<f32>(at(beta, i)) > low) {
          const own = load<f32>(at(dy, i));
          store<f32>(at(sums, i), load<f32>(at(sums, i)) + own);
          store<f32>(at(dots, i), load<f32>(at(dots, i)) + own * d);
        }
      }
    }
  }
}

/**
 * batchNormRowLine: partial [chunks, 2, C], gamma, variance, dgamma, dbeta, line [2, C]; chunks, C, eps,
 * 1 / R, or 0 where the statistics are constants. dx = scale · dy + slope · (x − mean) + offset, of
 * which `line` holds slope and offset. Items: channels.
 */
export function batchNormRowLine(p: usize, start: i32, end: i32): void {
  const partial = ptr(p, 0), gamma = ptr(p, 1), variance = ptr(p, 2), dgamma = ptr(p, 3);
  const dbeta = ptr(p, 4), line = ptr(p, 5), chunks = int(p, 6), C = int(p, 7), eps = float(p, 8);
  const share: f64 = float(p, 9);
  for (let c = start; c < end; c++) {
    let sum: f64 = 0, dot: f64 = 0;
    for (let k = 0; k < chunks; k++) {
      sum += load<f32>(at(partial, 2 * k * C + c));
      dot += load<f32>(at(partial, (2 * k + 1) * C + c));
    }
    const inverse = 1 / Math.sqrt(<f64> load<f32>(at(variance, c)) + eps);
    const scale = load<f32>(at(gamma, c)) * inverse;
    store<f32>(at(dgamma, c), <f32> (dot * inverse));
    store<f32>(at(dbeta, c), <f32> sum);
    store<f32>(at(line, c), <f32> (-scale * inverse * inverse * dot * share));
    store<f32>(at(line, C + c), <f32> (-scale * sum * share));
  }
}

/** batchNormRowDx: dy, x [R, C], scale, beta, mean, line [2, C], dx; C, relu. Items: rows. */
export function batchNormRowDx(p: usize, start: i32, end: i32): void {
  const scale = ptr(p, 2), beta = ptr(p, 3), mean = ptr(p, 4), C = int(p, 7);
  const slope = ptr(p, 5), offset = at(slope, C);
  const low: f32 = int(p, 8) ? 0 : -Infinity, floor = f32x4.splat(low);
  for (let row = start; row < end; row++) {
    const dy = at(ptr(p, 0), row * C), x = at(ptr(p, 1), row * C), dx = at(ptr(p, 6), row * C);
    let i = 0;
    for (; i + 8 <= C; i += 8) {
      const q = at(x, i), r = at(dy, i), m = at(mean, i), g = at(scale, i), b = at(beta, i);
      const k = at(slope, i), o = at(offset, i);
      const d0 = f32x4.sub(v128.load(q), v128.load(m));
      const d1 = f32x4.sub(v128.load(q, 16), v128.load(m, 16));
      const c0 = v128.load(g), c1 = v128.load(g, 16);
      const y0 = f32x4.add(f32x4.mul(d0, c0), v128.load(b));
      const y1 = f32x4.add(f32x4.mul(d1, c1), v128.load(b, 16));
      const g0 = v128.and(v128.load(r), f32x4.gt(y0, floor));
      const g1 = v128.and(v128.load(r, 16), f32x4.gt(y1, floor));
      const l0 = f32x4.relaxed_madd(g0, c0, v128.load(o));
      const l1 = f32x4.relaxed_madd(g1, c1, v128.load(o, 16));
      v128.store(at(dx, i), f32x4.relaxed_madd(d0, v128.load(k), l0));
      v128.store(at(dx, i), f32x4.relaxed_madd(d1, v128.load(k, 16), l1), 16);
    }
    for (; i < C; i++) {
      const d = load<f32>(at(x, i)) - load<f32>(at(mean, i)), g = load<f32>(at(scale, i));
      const own: f32 = d * g + load<f32>(at(beta, i)) > low ? load<f32>(at(dy, i)) : 0;
      store<f32>(at(dx, i), own * g + load<f32>(at(offset, i)) + d * load<f32>(at(slope, i)));
    }
  }
}
