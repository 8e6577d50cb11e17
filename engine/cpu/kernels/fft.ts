// Real FFT of N points by one complex FFT of M = N/2: even samples are the real parts, odd ones the
// imaginary, and the spectrum is split from theirs. Each transform is one item, worked in the
// thread's own scratch, so threads never change the result.
//
// Table (made by ops/fft.ts): that of complex_fft.ts, then cos and −sin of e^{−2πi k/N}, k ≤ M/2.
import { at, float, int, ptr, threadId } from "./abi";
import { complexFft } from "./complex_fft";

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
