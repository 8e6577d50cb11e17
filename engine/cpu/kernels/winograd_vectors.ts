// Winograd's transforms F(4, 3) along one axis, for 8 neighbouring floats at once: inputs and outputs are
// vectors of 8, `step` bytes apart; n such rows are done at once, `next` bytes apart. The points are 0, ±3/4, ±3/2 and ∞: beside the usual 0, ±1, ±2 and ∞
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
export function mad(x: v128, factor: f32, y: v128): v128 {
  return f32x4.relaxed_madd(x, f32x4.splat(factor), y);
}

// @inline
export function times(x: v128, factor: f32): v128 {
  return f32x4.mul(x, f32x4.splat(factor));
}

/** Six inputs at the six points. */
export function input6(
  n: i32,
  from: usize,
  fromStep: usize,
  fromNext: usize,
  to: usize,
  toStep: usize,
  toNext: usize,
): void {
  for (let i = 0; i < n; i++) {
    let p = from, q = to;
    const d0 = v128.load(p), e0 = v128.load(p, 16);
    p += fromStep;
    const d1 = v128.load(p), e1 = v128.load(p, 16);
    p += fromStep;
    const d2 = v128.load(p), e2 = v128.load(p, 16);
    p += fromStep;
    const d3 = v128.load(p), e3 = v128.load(p, 16);
    p += fromStep;
    const d4 = v128.load(p), e4 = v128.load(p, 16);
    p += fromStep;
    const d5 = v128.load(p), e5 = v128.load(p, 16);
    v128.store(q, mad(d0, AABB, mad(d2, -SUM, d4)));
    v128.store(q, mad(e0, AABB, mad(e2, -SUM, e4)), 16);
    q += toStep;
    const x0 = mad(d2, -BB, d4), x1 = mad(e2, -BB, e4);
    const x2 = times(mad(d1, -BB, d3), A), x3 = times(mad(e1, -BB, e3), A);
    v128.store(q, f32x4.add(x0, x2));
    v128.store(q, f32x4.add(x1, x3), 16);
    q += toStep;
    v128.store(q, f32x4.sub(x0, x2));
    v128.store(q, f32x4.sub(x1, x3), 16);
    q += toStep;
    const x4 = mad(d2, -AA, d4), x5 = mad(e2, -AA, e4);
    const x6 = times(mad(d1, -AA, d3), B), x7 = times(mad(e1, -AA, e3), B);
    v128.store(q, f32x4.add(x4, x6));
    v128.store(q, f32x4.add(x5, x7), 16);
    q += toStep;
    v128.store(q, f32x4.sub(x4, x6));
    v128.store(q, f32x4.sub(x5, x7), 16);
    q += toStep;
    v128.store(q, mad(d1, AABB, mad(d3, -SUM, d5)));
    v128.store(q, mad(e1, AABB, mad(e3, -SUM, e5)), 16);
    from += fromNext;
    to += toNext;
  }
}

/** Four outputs from the products at the six points. */
export function output4(
  n: i32,
  from: usize,
  fromStep: usize,
  fromNext: usize,
  to: usize,
  toStep: usize,
  toNext: usize,
): void {
  for (let i = 0; i < n; i++) {
    let p = from, q = to;
    const d0 = v128.load(p), e0 = v128.load(p, 16);
    p += fromStep;
    const d1 = v128.load(p), e1 = v128.load(p, 16);
    p += fromStep;
    const d2 = v128.load(p), e2 = v128.load(p, 16);
    p += fromStep;
    const d3 = v128.load(p), e3 = v128.load(p, 16);
    p += fromStep;
    const d4 = v128.load(p), e4 = v128.load(p, 16);
    p += fromStep;
    const d5 = v128.load(p), e5 = v128.load(p, 16);
    const x0 = f32x4.add(d1, d2), x1 = f32x4.add(e1, e2);
    const x2 = f32x4.sub(d1, d2), x3 = f32x4.sub(e1, e2);
    const x4 = f32x4.add(d3, d4), x5 = f32x4.add(e3, e4);
    const x6 = f32x4.sub(d3, d4), x7 = f32x4.sub(e3, e4);
    v128.store(q, f32x4.add(f32x4.add(d0, x0), x4));
    v128.store(q, f32x4.add(f32x4.add(e0, x1), x5), 16);
    q += toStep;
    v128.store(q, mad(x6, B, times(x2, A)));
    v128.store(q, mad(x7, B, times(x3, A)), 16);
    q += toStep;
    v128.store(q, mad(x4, BB, times(x0, AA)));
    v128.store(q, mad(x5, BB, times(x1, AA)), 16);
    q += toStep;
    v128.store(q, mad(x6, BBB, mad(x2, AAA, d5)));
    v128.store(q, mad(x7, BBB, mad(x3, AAA, e5)), 16);
    from += fromNext;
    to += toNext;
  }
}

/** Four of the output's gradient at the six points: `output4` transposed. */
export function gradient4(
  n: i32,
  from: usize,
  fromStep: usize,
  fromNext: usize,
  to: usize,
  toStep: usize,
  toNext: usize,
): void {
  for (let i = 0; i < n; i++) {
    let p = from, q = to;
    const d0 = v128.load(p), e0 = v128.load(p, 16);
    p += fromStep;
    const d1 = v128.load(p), e1 = v128.load(p, 16);
    p += fromStep;
    const d2 = v128.load(p), e2 = v128.load(p, 16);
    p += fromStep;
    const d3 = v128.load(p), e3 = v128.load(p, 16);
    v128.store(q, d0);
    v128.store(q, e0, 16);
    q += toStep;
    const x0 = mad(d2, AA, d0), x1 = mad(e2, AA, e0);
    const x2 = mad(d3, AAA, times(d1, A)), x3 = mad(e3, AAA, times(e1, A));
    v128.store(q, f32x4.add(x0, x2));
    v128.store(q, f32x4.add(x1, x3), 16);
    q += toStep;
    v128.store(q, f32x4.sub(x0, x2));
    v128.store(q, f32x4.sub(x1, x3), 16);
    q += toStep;
    const x4 = mad(d2, BB, d0), x5 = mad(e2, BB, e0);
    const x6 = mad(d3, BBB, times(d1, B)), x7 = mad(e3, BBB, times(e1, B));
    v128.store(q, f32x4.add(x4, x6));
    v128.store(q, f32x4.add(x5, x7), 16);
    q += toStep;
    v128.store(q, f32x4.sub(x4, x6));
    v128.store(q, f32x4.sub(x5, x7), 16);
    q += toStep;
    v128.store(q, d3);
    v128.store(q, e3, 16);
    from += fromNext;
    to += toNext;
  }
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
