// Complex FFT of M points, a power of two: Stockham's (no bit reversal) in radix 4, with a last radix 2
// where M is no power of 4, on split real and imaginary arrays.
// Table: cos and −sin arrays of w, w², w³ with w = e^{−2πi p/M}, p < M/4.
import { at } from "./abi";

// Four vectors of four become the rows of their transpose, stored one after the other.
// @inline
function storeTransposed(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5));
  v128.store(out, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 16);
  v128.store(out, v128.shuffle<f32>(AB, CD, 0, 1, 4, 5), 32);
  v128.store(out, v128.shuffle<f32>(AB, CD, 2, 3, 6, 7), 48);
}

// First stage, four butterflies at a time: inputs m apart, outputs side by side.
function firstStage4(xr: usize, xi: usize, yr: usize, yi: usize, w: usize, m: i32): void {
  const step = <usize> m << 2;
  for (let p: usize = 0; p < step; p += 16) {
    const ar = v128.load(xr + p), ai = v128.load(xi + p);
    const br = v128.load(xr + p + step), bi = v128.load(xi + p + step);
    const cr = v128.load(xr + p + 2 * step), ci = v128.load(xi + p + 2 * step);
    const dr = v128.load(xr + p + 3 * step), di = v128.load(xi + p + 3 * step);
    const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci);
    const tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci);
    const ur = f32x4.add(br, dr), ui = f32x4.add(bi, di);
    // −i (b − d)
    const vr = f32x4.sub(bi, di), vi = f32x4.sub(dr, br);
    const y1r = f32x4.add(tr, vr), y1i = f32x4.add(ti, vi);
    const y2r = f32x4.sub(sr, ur), y2i = f32x4.sub(si, ui);
    const y3r = f32x4.sub(tr, vr), y3i = f32x4.sub(ti, vi);
    const w1r = v128.load(w + p), w1i = v128.load(w + p + step);
    const w2r = v128.load(w + p + 2 * step), w2i = v128.load(w + p + 3 * step);
    const w3r = v128.load(w + p + 4 * step), w3i = v128.load(w + p + 5 * step);
    storeTransposed(
      yr + 4 * p,
      f32x4.add(sr, ur),
      f32x4.sub(f32x4.mul(y1r, w1r), f32x4.mul(y1i, w1i)),
      f32x4.sub(f32x4.mul(y2r, w2r), f32x4.mul(y2i, w2i)),
      f32x4.sub(f32x4.mul(y3r, w3r), f32x4.mul(y3i, w3i)),
    );
    storeTransposed(
      yi + 4 * p,
      f32x4.add(si, ui),
      f32x4.add(f32x4.mul(y1r, w1i), f32x4.mul(y1i, w1r)),
      f32x4.add(f32x4.mul(y2r, w2i), f32x4.mul(y2i, w2r)),
      f32x4.add(f32x4.mul(y3r, w3i), f32x4.mul(y3i, w3r)),
    );
  }
}

// A later stage: m butterflies of one twiddle each over runs of s = 4, 16, … elements.
function stage4(
  xr: usize,
  xi: usize,
  yr: usize,
  yi: usize,
  w: usize,
  m: i32,
  s: i32,
  quarter: i32,
): void {
  const run = <usize> s << 2, step = run * m, wstep = <usize> quarter << 2;
  for (let p = 0; p < m; p++) {
    const t = at(w, p * s);
    const w1r = v128.load32_splat(t), w1i = v128.load32_splat(t + wstep);
    const w2r = v128.load32_splat(t + 2 * wstep), w2i = v128.load32_splat(t + 3 * wstep);
    const w3r = v128.load32_splat(t + 4 * wstep), w3i = v128.load32_splat(t + 5 * wstep);
    const x0 = xr + p * run, x1 = xi + p * run;
    const y0 = yr + 4 * p * run, y1 = yi + 4 * p * run;
    for (let q: usize = 0; q < run; q += 16) {
      const ar = v128.load(x0 + q), ai = v128.load(x1 + q);
      const br = v128.load(x0 + q + step), bi = v128.load(x1 + q + step);
      const cr = v128.load(x0 + q + 2 * step), ci = v128.load(x1 + q + 2 * step);
      const dr = v128.load(x0 + q + 3 * step), di = v128.load(x1 + q + 3 * step);
      const sr = f32x4.add(ar, cr), si = f32x4.add(ai, ci);
      const tr = f32x4.sub(ar, cr), ti = f32x4.sub(ai, ci);
      const ur = f32x4.add(br, dr), ui = f32x4.add(bi, di);
      const vr = f32x4.sub(bi, di), vi = f32x4.sub(dr, br);
      const y1r = f32x4.add(tr, vr), y1i = f32x4.add(ti, vi);
      const y2r = f32x4.sub(sr, ur), y2i = f32x4.sub(si, ui);
      const y3r = f32x4.sub(tr, vr), y3i = f32x4.sub(ti, vi);
      v128.store(y0 + q, f32x4.add(sr, ur));
      v128.store(y1 + q, f32x4.add(si, ui));
      v128.store(y0 + q + run, f32x4.sub(f32x4.mul(y1r, w1r), f32x4.mul(y1i, w1i)));
      v128.store(y1 + q + run, f32x4.add(f32x4.mul(y1r, w1i), f32x4.mul(y1i, w1r)));
      v128.store(y0 + q + 2 * run, f32x4.sub(f32x4.mul(y2r, w2r), f32x4.mul(y2i, w2i)));
      v128.store(y1 + q + 2 * run, f32x4.add(f32x4.mul(y2r, w2i), f32x4.mul(y2i, w2r)));
      v128.store(y0 + q + 3 * run, f32x4.sub(f32x4.mul(y3r, w3r), f32x4.mul(y3i, w3i)));
      v128.store(y1 + q + 3 * run, f32x4.add(f32x4.mul(y3r, w3i), f32x4.mul(y3i, w3r)));
    }
  }
}

// First stage of the few sizes too small for vectors (M = 4 and 8: m = 1 and 2).
function firstStageSmall(xr: usize, xi: usize, yr: usize, yi: usize, w: usize, m: i32): void {
  for (let p = 0; p < m; p++) {
    const ar = load<f32>(at(xr, p)), ai = load<f32>(at(xi, p));
    const br = load<f32>(at(xr, p + m)), bi = load<f32>(at(xi, p + m));
    const cr = load<f32>(at(xr, p + 2 * m)), ci = load<f32>(at(xi, p + 2 * m));
    const dr = load<f32>(at(xr, p + 3 * m)), di = load<f32>(at(xi, p + 3 * m));
    const sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;
    const ur = br + dr, ui = bi + di, vr = bi - di, vi = dr - br;
    store<f32>(at(yr, 4 * p), sr + ur);
    store<f32>(at(yi, 4 * p), si + ui);
    putTwisted(yr, yi, 4 * p + 1, tr + vr, ti + vi, at(w, p), at(w, p + m));
    putTwisted(yr, yi, 4 * p + 2, sr - ur, si - ui, at(w, p + 2 * m), at(w, p + 3 * m));
    putTwisted(yr, yi, 4 * p + 3, tr - vr, ti - vi, at(w, p + 4 * m), at(w, p + 5 * m));
  }
}

function putTwisted(yr: usize, yi: usize, i: i32, a: f32, b: f32, wr: usize, wi: usize): void {
  const c = load<f32>(wr), s = load<f32>(wi);
  store<f32>(at(yr, i), a * c - b * s);
  store<f32>(at(yi, i), a * s + b * c);
}

// Last stage where M is no power of 4: halves against each other, all twiddles 1.
function lastStage2(xr: usize, xi: usize, yr: usize, yi: usize, half: i32): void {
  if (half < 4) {
    for (let i = 0; i < half; i++) {
      const ar = load<f32>(at(xr, i)), br = load<f32>(at(xr, i + half));
      const ai = load<f32>(at(xi, i)), bi = load<f32>(at(xi, i + half));
      store<f32>(at(yr, i), ar + br);
      store<f32>(at(yi, i), ai + bi);
      store<f32>(at(yr, i + half), ar - br);
      store<f32>(at(yi, i + half), ai - bi);
    }
    return;
  }
  const step = <usize> half << 2;
  for (let q: usize = 0; q < step; q += 16) {
    const ar = v128.load(xr + q), br = v128.load(xr + q + step);
    const ai = v128.load(xi + q), bi = v128.load(xi + q + step);
    v128.store(yr + q, f32x4.add(ar, br));
    v128.store(yi + q, f32x4.add(ai, bi));
    v128.store(yr + q + step, f32x4.sub(ar, br));
    v128.store(yi + q + step, f32x4.sub(ai, bi));
  }
}

// Forward FFT of M points. Reads (r, i), uses (r2, i2) in turn; true where the result ends in the
// second pair. Called with real and imaginary parts exchanged it is the inverse (times M).
export function complexFft(r: usize, i: usize, r2: usize, i2: usize, table: usize, M: i32): bool {
  const quarter = M >> 2;
  let xr = r, xi = i, yr = r2, yi = i2, swapped = false;
  let s = 1;
  while (M / s >= 4) {
    if (s > 1) stage4(xr, xi, yr, yi, table, quarter / s, s, quarter);
    else if (quarter >= 4) firstStage4(xr, xi, yr, yi, table, quarter);
    else firstStageSmall(xr, xi, yr, yi, table, quarter);
    const tr = xr, ti = xi;
    xr = yr;
    xi = yi;
    yr = tr;
    yi = ti;
    s <<= 2;
    swapped = !swapped;
  }
  if (M / s == 2) {
    lastStage2(xr, xi, yr, yi, s);
    swapped = !swapped;
  }
  return swapped;
}
