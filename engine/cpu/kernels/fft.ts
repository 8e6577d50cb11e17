// Real FFT of N points by one complex FFT of M = N/2: even samples are the real parts, odd ones the
// imaginary. The complex FFT is Stockham's (no bit reversal) in radix 4, with a last radix 2 where
// M is not a power of 4, on split real and imaginary arrays. Each transform is one item, worked in
// the thread's own scratch, so threads never change the result.
//
// Table (made by ops/fft.ts): cos and −sin arrays of w, w², w³ with w = e^{−2πi p/M}, p < M/4, then
// cos and −sin of e^{−2πi k/N}, k ≤ M/2.
import { at, float, int, ptr, threadId } from "./abi";

// @inline
function re(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 2, 4, 6);
}

// @inline
function im(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 1, 3, 5, 7);
}

// @inline
function reverse(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 3, 2, 1, 0);
}

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
function complexFft(r: usize, i: usize, r2: usize, i2: usize, table: usize, M: i32): bool {
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

/**
 * rfft: x [items, N], table, scratch [threads, 2N], out [items, N/2 + 1, 2]; N, factor of the bins
 * 0 and N/2, factor of those between. Items: transforms.
 */
export function rfft(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), table = ptr(p, 1), out = ptr(p, 3);
  const N = int(p, 4), M = N >> 1;
  const ends = float(p, 5), inner = float(p, 6) * 0.5;
  const scratch = at(ptr(p, 2), threadId * 2 * N);
  const r = scratch, i = at(scratch, M), r2 = at(scratch, N), i2 = at(scratch, N + M);
  const wr = at(table, 6 * (M >> 2)), wi = at(wr, (M >> 1) + 1);
  for (let item = start; item < end; item++) {
    const from = at(x, item * N), to = at(out, item * (N + 2));
    let n = 0;
    for (; n + 4 <= M; n += 4) {
      const a = v128.load(at(from, 2 * n)), b = v128.load(at(from, 2 * n), 16);
      v128.store(at(r, n), re(a, b));
      v128.store(at(i, n), im(a, b));
    }
    for (; n < M; n++) {
      store<f32>(at(r, n), load<f32>(at(from, 2 * n)));
      store<f32>(at(i, n), load<f32>(at(from, 2 * n + 1)));
    }
    const second = complexFft(r, i, r2, i2, table, M);
    splitSpectrum(second ? r2 : r, second ? i2 : i, wr, wi, to, M, ends, inner);
  }
}

// X[k] = ½ (Z[k] + Z*[M−k]) − ½ i w^k (Z[k] − Z*[M−k]); X[M−k] comes of the same terms.
function splitSpectrum(
  r: usize,
  i: usize,
  wr: usize,
  wi: usize,
  to: usize,
  M: i32,
  ends: f32,
  inner: f32,
): void {
  const a = load<f32>(r), b = load<f32>(i);
  store<f32>(to, ends * (a + b));
  store<f32>(to + 4, 0);
  store<f32>(at(to, 2 * M), ends * (a - b));
  store<f32>(at(to, 2 * M + 1), 0);
  const c = f32x4.splat(inner);
  let k = 1;
  // Whole vectors while the two runs k…k+3 and M−k−3…M−k do not meet.
  for (; 2 * k + 6 < M; k += 4) {
    const j = M - k - 3;
    const zr = v128.load(at(r, k)), zi = v128.load(at(i, k));
    const yr = reverse(v128.load(at(r, j))), yi = reverse(v128.load(at(i, j)));
    const w0 = v128.load(at(wr, k)), w1 = v128.load(at(wi, k));
    const sr = f32x4.add(zr, yr), si = f32x4.sub(zi, yi);
    const dr = f32x4.sub(zr, yr), di = f32x4.add(zi, yi);
    // −i w (dr + i di)
    const tr = f32x4.add(f32x4.mul(dr, w1), f32x4.mul(di, w0));
    const ti = f32x4.sub(f32x4.mul(di, w1), f32x4.mul(dr, w0));
    const ur = f32x4.mul(c, f32x4.add(sr, tr)), ui = f32x4.mul(c, f32x4.add(si, ti));
    const vr = reverse(f32x4.mul(c, f32x4.sub(sr, tr)));
    const vi = reverse(f32x4.mul(c, f32x4.sub(ti, si)));
    v128.store(at(to, 2 * k), v128.shuffle<f32>(ur, ui, 0, 4, 1, 5));
    v128.store(at(to, 2 * k), v128.shuffle<f32>(ur, ui, 2, 6, 3, 7), 16);
    v128.store(at(to, 2 * j), v128.shuffle<f32>(vr, vi, 0, 4, 1, 5));
    v128.store(at(to, 2 * j), v128.shuffle<f32>(vr, vi, 2, 6, 3, 7), 16);
  }
  for (; 2 * k <= M; k++) {
    const j = M - k;
    const zr = load<f32>(at(r, k)), zi = load<f32>(at(i, k));
    const yr = load<f32>(at(r, j)), yi = load<f32>(at(i, j));
    const w0 = load<f32>(at(wr, k)), w1 = load<f32>(at(wi, k));
    const sr = zr + yr, si = zi - yi, dr = zr - yr, di = zi + yi;
    const tr = dr * w1 + di * w0, ti = di * w1 - dr * w0;
    store<f32>(at(to, 2 * k), inner * (sr + tr));
    store<f32>(at(to, 2 * k + 1), inner * (si + ti));
    store<f32>(at(to, 2 * j), inner * (sr - tr));
    store<f32>(at(to, 2 * j + 1), inner * (ti - si));
  }
}

/**
 * irfft: spectra [items, N/2 + 1, 2], table, scratch [threads, 2N], out [items, N]; N, factor of the
 * bins 0 and N/2, factor of those between. Imaginary parts of the two end bins are ignored.
 */
export function irfft(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), table = ptr(p, 1), out = ptr(p, 3);
  const N = int(p, 4), M = N >> 1;
  const ends = float(p, 5), inner = float(p, 6) * 0.5;
  const scratch = at(ptr(p, 2), threadId * 2 * N);
  const r = scratch, i = at(scratch, M), r2 = at(scratch, N), i2 = at(scratch, N + M);
  const wr = at(table, 6 * (M >> 2)), wi = at(wr, (M >> 1) + 1);
  for (let item = start; item < end; item++) {
    const from = at(x, item * (N + 2)), to = at(out, item * N);
    joinSpectrum(from, wr, wi, r, i, M, ends, inner);
    const second = complexFft(i, r, i2, r2, table, M); // parts exchanged: the inverse
    const yr = second ? r2 : r, yi = second ? i2 : i;
    let n = 0;
    for (; n + 4 <= M; n += 4) {
      const a = v128.load(at(yr, n)), b = v128.load(at(yi, n));
      v128.store(at(to, 2 * n), v128.shuffle<f32>(a, b, 0, 4, 1, 5));
      v128.store(at(to, 2 * n), v128.shuffle<f32>(a, b, 2, 6, 3, 7), 16);
    }
    for (; n < M; n++) {
      store<f32>(at(to, 2 * n), load<f32>(at(yr, n)));
      store<f32>(at(to, 2 * n + 1), load<f32>(at(yi, n)));
    }
  }
}

// Z[k] = (X[k] + X*[M−k]) + i w^−k (X[k] − X*[M−k]), weighted; Z[M−k] comes of the same terms.
function joinSpectrum(
  from: usize,
  wr: usize,
  wi: usize,
  r: usize,
  i: usize,
  M: i32,
  ends: f32,
  inner: f32,
): void {
  const a = load<f32>(from), b = load<f32>(at(from, 2 * M));
  store<f32>(r, ends * (a + b));
  store<f32>(i, ends * (a - b));
  const c = f32x4.splat(inner);
  let k = 1;
  for (; 2 * k + 6 < M; k += 4) {
    const j = M - k - 3;
    const x0 = v128.load(at(from, 2 * k)), x1 = v128.load(at(from, 2 * k), 16);
    const y0 = v128.load(at(from, 2 * j)), y1 = v128.load(at(from, 2 * j), 16);
    const xr = re(x0, x1), xi = im(x0, x1);
    const yr = reverse(re(y0, y1)), yi = reverse(im(y0, y1));
    const w0 = v128.load(at(wr, k)), w1 = v128.load(at(wi, k));
    const sr = f32x4.add(xr, yr), si = f32x4.sub(xi, yi);
    const dr = f32x4.sub(xr, yr), di = f32x4.add(xi, yi);
    // i w* (dr + i di)
    const tr = f32x4.sub(f32x4.mul(dr, w1), f32x4.mul(di, w0));
    const ti = f32x4.add(f32x4.mul(dr, w0), f32x4.mul(di, w1));
    v128.store(at(r, k), f32x4.mul(c, f32x4.add(sr, tr)));
    v128.store(at(i, k), f32x4.mul(c, f32x4.add(si, ti)));
    v128.store(at(r, j), reverse(f32x4.mul(c, f32x4.sub(sr, tr))));
    v128.store(at(i, j), reverse(f32x4.mul(c, f32x4.sub(ti, si))));
  }
  for (; 2 * k <= M; k++) {
    const j = M - k;
    const xr = load<f32>(at(from, 2 * k)), xi = load<f32>(at(from, 2 * k + 1));
    const yr = load<f32>(at(from, 2 * j)), yi = load<f32>(at(from, 2 * j + 1));
    const w0 = load<f32>(at(wr, k)), w1 = load<f32>(at(wi, k));
    const sr = xr + yr, si = xi - yi, dr = xr - yr, di = xi + yi;
    const tr = dr * w1 - di * w0, ti = dr * w0 + di * w1;
    store<f32>(at(r, k), inner * (sr + tr));
    store<f32>(at(i, k), inner * (si + ti));
    store<f32>(at(r, j), inner * (sr - tr));
    store<f32>(at(i, j), inner * (ti - si));
  }
}
