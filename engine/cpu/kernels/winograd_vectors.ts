// Winograd's transforms F(4, 3) along one axis, for 8 neighbouring floats at once: inputs and outputs are
// vectors of 8, `step` bytes apart. The points are 0, ±3/4, ±3/2 and ∞: beside the usual 0, ±1, ±2 and ∞
// the error is a third (Barabasz et al. 2020). The form is the revectorizer's, as in tile.ts.

const A: f32 = 0.75;
const B: f32 = 1.5;
const AA: f32 = A * A;
const BB: f32 = B * B;
const AABB: f32 = AA * BB;
const SUM: f32 = AA + BB;
const AAA: f32 = AA * A;
const BBB: f32 = BB * B;
/** One over the product of the differences of 0, ±A and ±B to the other points. */
const F0: f32 = 1 / AABB;
const FA: f32 = 1 / (2 * AA * (AA - BB));
const FB: f32 = 1 / (2 * BB * (BB - AA));

// @inline
function mad(x: v128, factor: f32, y: v128): v128 {
  return f32x4.relaxed_madd(x, f32x4.splat(factor), y);
}

// @inline
function times(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor));
}

/** Six inputs at the six points. */
export function input6(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), e0 = v128.load(from, 16);
  from += fromStep;
  const d1 = v128.load(from), e1 = v128.load(from, 16);
  from += fromStep;
  const d2 = v128.load(from), e2 = v128.load(from, 16);
  from += fromStep;
  const d3 = v128.load(from), e3 = v128.load(from, 16);
  from += fromStep;
  const d4 = v128.load(from), e4 = v128.load(from, 16);
  from += fromStep;
  const d5 = v128.load(from), e5 = v128.load(from, 16);
  v128.store(to, mad(d0, AABB, mad(d2, -SUM, d4)));
  v128.store(to, mad(e0, AABB, mad(e2, -SUM, e4)), 16);
  to += toStep;
  const p = mad(d2, -BB, d4), q = mad(e2, -BB, e4);
  const r = times(mad(d1, -BB, d3), A), s = times(mad(e1, -BB, e3), A);
  v128.store(to, f32x4.add(p, r));
  v128.store(to, f32x4.add(q, s), 16);
  to += toStep;
  v128.store(to, f32x4.sub(p, r));
  v128.store(to, f32x4.sub(q, s), 16);
  to += toStep;
  const t = mad(d2, -AA, d4), u = mad(e2, -AA, e4);
  const v = times(mad(d1, -AA, d3), B), w = times(mad(e1, -AA, e3), B);
  v128.store(to, f32x4.add(t, v));
  v128.store(to, f32x4.add(u, w), 16);
  to += toStep;
  v128.store(to, f32x4.sub(t, v));
  v128.store(to, f32x4.sub(u, w), 16);
  to += toStep;
  v128.store(to, mad(d1, AABB, mad(d3, -SUM, d5)));
  v128.store(to, mad(e1, AABB, mad(e3, -SUM, e5)), 16);
}

/** Four outputs from the products at the six points. */
export function output4(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), e0 = v128.load(from, 16);
  from += fromStep;
  const d1 = v128.load(from), e1 = v128.load(from, 16);
  from += fromStep;
  const d2 = v128.load(from), e2 = v128.load(from, 16);
  from += fromStep;
  const d3 = v128.load(from), e3 = v128.load(from, 16);
  from += fromStep;
  const d4 = v128.load(from), e4 = v128.load(from, 16);
  from += fromStep;
  const d5 = v128.load(from), e5 = v128.load(from, 16);
  const p = f32x4.add(d1, d2), q = f32x4.add(e1, e2);
  const r = f32x4.sub(d1, d2), s = f32x4.sub(e1, e2);
  const t = f32x4.add(d3, d4), u = f32x4.add(e3, e4);
  const v = f32x4.sub(d3, d4), w = f32x4.sub(e3, e4);
  v128.store(to, f32x4.add(f32x4.add(d0, p), t));
  v128.store(to, f32x4.add(f32x4.add(e0, q), u), 16);
  to += toStep;
  v128.store(to, mad(v, B, times(r, A)));
  v128.store(to, mad(w, B, times(s, A)), 16);
  to += toStep;
  v128.store(to, mad(t, BB, times(p, AA)));
  v128.store(to, mad(u, BB, times(q, AA)), 16);
  to += toStep;
  v128.store(to, mad(v, BBB, mad(r, AAA, d5)));
  v128.store(to, mad(w, BBB, mad(s, AAA, e5)), 16);
}

/** Four of the output's gradient at the six points: `output4` transposed. */
export function gradient4(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const d0 = v128.load(from), e0 = v128.load(from, 16);
  from += fromStep;
  const d1 = v128.load(from), e1 = v128.load(from, 16);
  from += fromStep;
  const d2 = v128.load(from), e2 = v128.load(from, 16);
  from += fromStep;
  const d3 = v128.load(from), e3 = v128.load(from, 16);
  v128.store(to, d0);
  v128.store(to, e0, 16);
  to += toStep;
  const p = mad(d2, AA, d0), q = mad(e2, AA, e0);
  const r = mad(d3, AAA, times(d1, A)), s = mad(e3, AAA, times(e1, A));
  v128.store(to, f32x4.add(p, r));
  v128.store(to, f32x4.add(q, s), 16);
  to += toStep;
  v128.store(to, f32x4.sub(p, r));
  v128.store(to, f32x4.sub(q, s), 16);
  to += toStep;
  const t = mad(d2, BB, d0), u = mad(e2, BB, e0);
  const v = mad(d3, BBB, times(d1, B)), w = mad(e3, BBB, times(e1, B));
  v128.store(to, f32x4.add(t, v));
  v128.store(to, f32x4.add(u, w), 16);
  to += toStep;
  v128.store(to, f32x4.sub(t, v));
  v128.store(to, f32x4.sub(u, w), 16);
  to += toStep;
  v128.store(to, d3);
  v128.store(to, e3, 16);
}

/** Three weights at the six points, 4 floats at once. */
export function weight3(x: v128, y: v128, z: v128, to: usize, toStep: usize): void {
  v128.store(to, times(x, F0));
  to += toStep;
  const p = times(mad(z, AA, x), FA), q = times(y, FA * A);
  v128.store(to, f32x4.add(p, q));
  to += toStep;
  v128.store(to, f32x4.sub(p, q));
  to += toStep;
  const r = times(mad(z, BB, x), FB), s = times(y, FB * B);
  v128.store(to, f32x4.add(r, s));
  to += toStep;
  v128.store(to, f32x4.sub(r, s));
  to += toStep;
  v128.store(to, z);
}

/** Gradients of three weights from six sums of products, 4 floats at once: `weight3` transposed. */
export function sums3(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const e0 = v128.load(from), e1 = v128.load(from + fromStep);
  const e2 = v128.load(from + 2 * fromStep), e3 = v128.load(from + 3 * fromStep);
  const e4 = v128.load(from + 4 * fromStep), e5 = v128.load(from + 5 * fromStep);
  const p = times(f32x4.add(e1, e2), FA), q = times(f32x4.sub(e1, e2), FA * A);
  const r = times(f32x4.add(e3, e4), FB), s = times(f32x4.sub(e3, e4), FB * B);
  v128.store(to, mad(e0, F0, f32x4.add(p, r)));
  v128.store(to + toStep, f32x4.add(q, s));
  v128.store(to + 2 * toStep, mad(p, AA, mad(r, BB, e5)));
}
