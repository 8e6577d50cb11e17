// Winograd's transforms F(4, 5), as winograd_vectors.ts has F(4, 3): at the points 0, ±1, ±2, ±1/2 and ∞.
// Vectors of 8 floats, `step` bytes apart; n such rows are done at once, `next` bytes apart.

import { mad, times } from "./winograd_vectors";

/** One over the product of the differences of ±1, ±2 and ±1/2 to the other points. */
const F1: f32 = -1 / 4.5;
const F2: f32 = 1 / 90;
const FH: f32 = 1 / 1.40625;

/** Eight inputs at the eight points. */
export function input8(
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
    p += fromStep;
    const d6 = v128.load(p), e6 = v128.load(p, 16);
    p += fromStep;
    const d7 = v128.load(p), e7 = v128.load(p, 16);
    v128.store(q, mad(f32x4.sub(d2, d4), 5.25, f32x4.sub(d6, d0)));
    v128.store(q, mad(f32x4.sub(e2, e4), 5.25, f32x4.sub(e6, e0)), 16);
    q += toStep;
    const p0 = mad(d4, -4.25, f32x4.add(d6, d2)), p1 = mad(e4, -4.25, f32x4.add(e6, e2));
    const p2 = mad(d3, -4.25, f32x4.add(d5, d1)), p3 = mad(e3, -4.25, f32x4.add(e5, e1));
    v128.store(q, f32x4.add(p0, p2));
    v128.store(q, f32x4.add(p1, p3), 16);
    q += toStep;
    v128.store(q, f32x4.sub(p0, p2));
    v128.store(q, f32x4.sub(p1, p3), 16);
    q += toStep;
    const q0 = mad(d4, -1.25, mad(d2, 0.25, d6)), q1 = mad(e4, -1.25, mad(e2, 0.25, e6));
    const q2 = times(mad(d3, -1.25, mad(d1, 0.25, d5)), 2),
      q3 = times(mad(e3, -1.25, mad(e1, 0.25, e5)), 2);
    v128.store(q, f32x4.add(q0, q2));
    v128.store(q, f32x4.add(q1, q3), 16);
    q += toStep;
    v128.store(q, f32x4.sub(q0, q2));
    v128.store(q, f32x4.sub(q1, q3), 16);
    q += toStep;
    const r0 = mad(d4, -5, mad(d2, 4, d6)), r1 = mad(e4, -5, mad(e2, 4, e6));
    const r2 = times(mad(d3, -5, mad(d1, 4, d5)), 0.5),
      r3 = times(mad(e3, -5, mad(e1, 4, e5)), 0.5);
    v128.store(q, f32x4.add(r0, r2));
    v128.store(q, f32x4.add(r1, r3), 16);
    q += toStep;
    v128.store(q, f32x4.sub(r0, r2));
    v128.store(q, f32x4.sub(r1, r3), 16);
    q += toStep;
    v128.store(q, mad(f32x4.sub(d3, d5), 5.25, f32x4.sub(d7, d1)));
    v128.store(q, mad(f32x4.sub(e3, e5), 5.25, f32x4.sub(e7, e1)), 16);
    from += fromNext;
    to += toNext;
  }
}

/** Four outputs from the products at the eight points, on top of the vector at `bias`; rows, biases too, are neighbours. */
export function output4of8(
  n: i32,
  from: usize,
  fromStep: usize,
  bias: usize,
  to: usize,
  toStep: usize,
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
    p += fromStep;
    const d6 = v128.load(p), e6 = v128.load(p, 16);
    p += fromStep;
    const d7 = v128.load(p), e7 = v128.load(p, 16);
    const b0 = v128.load(bias), b1 = v128.load(bias, 16);
    const p0 = f32x4.add(d1, d2), p1 = f32x4.add(e1, e2);
    const p2 = f32x4.sub(d1, d2), p3 = f32x4.sub(e1, e2);
    const q0 = f32x4.add(d3, d4), q1 = f32x4.add(e3, e4);
    const q2 = f32x4.sub(d3, d4), q3 = f32x4.sub(e3, e4);
    const r0 = f32x4.add(d5, d6), r1 = f32x4.add(e5, e6);
    const r2 = f32x4.sub(d5, d6), r3 = f32x4.sub(e5, e6);
    v128.store(q, f32x4.add(f32x4.add(f32x4.add(d0, b0), p0), f32x4.add(q0, r0)));
    v128.store(q, f32x4.add(f32x4.add(f32x4.add(e0, b1), p1), f32x4.add(q1, r1)), 16);
    q += toStep;
    v128.store(q, mad(q2, 2, mad(r2, 0.5, f32x4.add(p2, b0))));
    v128.store(q, mad(q3, 2, mad(r3, 0.5, f32x4.add(p3, b1))), 16);
    q += toStep;
    v128.store(q, mad(q0, 4, mad(r0, 0.25, f32x4.add(p0, b0))));
    v128.store(q, mad(q1, 4, mad(r1, 0.25, f32x4.add(p1, b1))), 16);
    q += toStep;
    v128.store(q, mad(q2, 8, mad(r2, 0.125, f32x4.add(f32x4.add(p2, b0), d7))));
    v128.store(q, mad(q3, 8, mad(r3, 0.125, f32x4.add(f32x4.add(p3, b1), e7))), 16);
    from += 32;
    bias += 32;
    to += 32;
  }
}

/** Four of the output's gradient at the eight points: `output4of8` transposed. */
export function gradient8(
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
    const p0 = f32x4.add(d2, d0), p1 = f32x4.add(e2, e0);
    const p2 = f32x4.add(d3, d1), p3 = f32x4.add(e3, e1);
    v128.store(q, f32x4.add(p0, p2));
    v128.store(q, f32x4.add(p1, p3), 16);
    q += toStep;
    v128.store(q, f32x4.sub(p0, p2));
    v128.store(q, f32x4.sub(p1, p3), 16);
    q += toStep;
    const q0 = mad(d2, 4, d0), q1 = mad(e2, 4, e0);
    const q2 = mad(d3, 8, times(d1, 2)), q3 = mad(e3, 8, times(e1, 2));
    v128.store(q, f32x4.add(q0, q2));
    v128.store(q, f32x4.add(q1, q3), 16);
    q += toStep;
    v128.store(q, f32x4.sub(q0, q2));
    v128.store(q, f32x4.sub(q1, q3), 16);
    q += toStep;
    const r0 = mad(d2, 0.25, d0), r1 = mad(e2, 0.25, e0);
    const r2 = mad(d3, 0.125, times(d1, 0.5)), r3 = mad(e3, 0.125, times(e1, 0.5));
    v128.store(q, f32x4.add(r0, r2));
    v128.store(q, f32x4.add(r1, r3), 16);
    q += toStep;
    v128.store(q, f32x4.sub(r0, r2));
    v128.store(q, f32x4.sub(r1, r3), 16);
    q += toStep;
    v128.store(q, d3);
    v128.store(q, e3, 16);
    from += fromNext;
    to += toNext;
  }
}

/** Five weights at the eight points, 4 floats at once. */
export function weight5(
  x: v128,
  y: v128,
  z: v128,
  u: v128,
  v: v128,
  to: usize,
  toStep: usize,
): void {
  v128.store(to, f32x4.neg(x));
  const p0 = times(f32x4.add(f32x4.add(x, z), v), F1), p1 = times(f32x4.add(y, u), F1);
  to += toStep;
  v128.store(to, f32x4.add(p0, p1));
  to += toStep;
  v128.store(to, f32x4.sub(p0, p1));
  const q0 = times(mad(v, 16, mad(z, 4, x)), F2), q1 = times(mad(u, 8, times(y, 2)), F2);
  to += toStep;
  v128.store(to, f32x4.add(q0, q1));
  to += toStep;
  v128.store(to, f32x4.sub(q0, q1));
  const r0 = times(mad(v, 0.0625, mad(z, 0.25, x)), FH),
    r1 = times(mad(u, 0.125, times(y, 0.5)), FH);
  to += toStep;
  v128.store(to, f32x4.add(r0, r1));
  to += toStep;
  v128.store(to, f32x4.sub(r0, r1));
  v128.store(to + toStep, v);
}

/** Gradients of five weights from eight sums of products, 4 floats at once: `weight5` transposed. */
export function sums5(from: usize, fromStep: usize, to: usize, toStep: usize): void {
  const e0 = v128.load(from);
  const e1 = v128.load(from + fromStep);
  const e2 = v128.load(from + 2 * fromStep);
  const e3 = v128.load(from + 3 * fromStep);
  const e4 = v128.load(from + 4 * fromStep);
  const e5 = v128.load(from + 5 * fromStep);
  const e6 = v128.load(from + 6 * fromStep);
  const e7 = v128.load(from + 7 * fromStep);
  const p0 = times(f32x4.add(e1, e2), F1), p1 = times(f32x4.sub(e1, e2), F1);
  const q0 = times(f32x4.add(e3, e4), F2), q1 = times(f32x4.sub(e3, e4), F2);
  const r0 = times(f32x4.add(e5, e6), FH), r1 = times(f32x4.sub(e5, e6), FH);
  v128.store(to, f32x4.add(f32x4.add(p0, q0), f32x4.sub(r0, e0)));
  v128.store(to + toStep, mad(q1, 2, mad(r1, 0.5, p1)));
  v128.store(to + 2 * toStep, mad(q0, 4, mad(r0, 0.25, p0)));
  v128.store(to + 3 * toStep, mad(q1, 8, mad(r1, 0.125, p1)));
  v128.store(to + 4 * toStep, mad(q0, 16, mad(r0, 0.0625, f32x4.add(p0, e7))));
}
