// exp, log, tanh and the normal distribution's Φ on four lanes, to a few units in the last place of
// f32. Polynomials after the Cephes library (S. Moshier) and, for erfc, Numerical Recipes §6.2.

// @inline
function splat(x: f32): v128 {
  return f32x4.splat(x);
}

// @inline
function fma(a: v128, b: v128, c: v128): v128 {
  return f32x4.relaxed_madd(a, b, c);
}

/** eˣ; 0 below −87.3, infinity above 88.7. */
export function exp4(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, splat(1.44269504088896341)));
  // r = x − n ln 2, ln 2 in two parts
  let r = fma(n, splat(-0.693359375), x);
  r = fma(n, splat(2.12194440e-4), r);
  let y = splat(1.9875691500e-4);
  y = fma(y, r, splat(1.3981999507e-3));
  y = fma(y, r, splat(8.3334519073e-3));
  y = fma(y, r, splat(4.1665795894e-2));
  y = fma(y, r, splat(1.6666665459e-1));
  y = fma(y, r, splat(5.0000001201e-1));
  y = f32x4.add(fma(y, f32x4.mul(r, r), r), splat(1.0));
  // 2ⁿ in two halves, so that n = 128 and denormal results do not overflow the exponent field
  const k = i32x4.trunc_sat_f32x4_s(f32x4.max(splat(-252), f32x4.min(splat(252), n)));
  const half = i32x4.shr_s(k, 1);
  const rest = i32x4.sub(k, half);
  y = f32x4.mul(y, i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23));
  y = f32x4.mul(y, i32x4.shl(i32x4.add(rest, i32x4.splat(127)), 23));
  // NaN stays NaN: the comparison below is false for it and y came from it
  return v128.bitselect(splat(0), y, f32x4.lt(x, splat(-104)));
}

/** Natural logarithm; −∞ at 0, NaN below. */
export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, splat(1.17549435e-38));
  const scaled = v128.bitselect(f32x4.mul(x, splat(8388608.0)), x, tiny);
  let e = f32x4.convert_i32x4_s(i32x4.sub(i32x4.shr_s(scaled, 23), i32x4.splat(126)));
  e = f32x4.sub(e, v128.and(tiny, splat(23)));
  let m = v128.or(v128.and(scaled, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const small = f32x4.lt(m, splat(0.707106781186547524));
  e = f32x4.sub(e, v128.and(small, splat(1)));
  m = f32x4.sub(f32x4.add(m, v128.and(small, m)), splat(1));
  const z = f32x4.mul(m, m);
  let y = splat(7.0376836292e-2);
  y = fma(y, m, splat(-1.1514610310e-1));
  y = fma(y, m, splat(1.1676998740e-1));
  y = fma(y, m, splat(-1.2420140846e-1));
  y = fma(y, m, splat(1.4249322787e-1));
  y = fma(y, m, splat(-1.6668057665e-1));
  y = fma(y, m, splat(2.0000714765e-1));
  y = fma(y, m, splat(-2.4999993993e-1));
  y = fma(y, m, splat(3.3333331174e-1));
  y = f32x4.mul(f32x4.mul(y, m), z);
  y = fma(e, splat(-2.12194440e-4), y);
  y = fma(splat(-0.5), z, y);
  let r = fma(e, splat(0.693359375), f32x4.add(m, y));
  r = v128.bitselect(splat(-Infinity), r, f32x4.eq(x, splat(0)));
  r = v128.bitselect(splat(NaN), r, f32x4.lt(x, splat(0)));
  const special = v128.or(f32x4.eq(x, splat(Infinity)), f32x4.ne(x, x));
  return v128.bitselect(x, r, special);
}

/** Hyperbolic tangent: a polynomial near 0, where 1 − 2/(e²ˣ+1) would cancel. */
export function tanh4(x: v128): v128 {
  const a = f32x4.abs(x);
  const large = f32x4.sub(
    splat(1),
    f32x4.div(splat(2), f32x4.add(exp4(f32x4.add(a, a)), splat(1))),
  );
  const z = f32x4.mul(x, x);
  let y = splat(-5.70498872745e-3);
  y = fma(y, z, splat(2.06390887954e-2));
  y = fma(y, z, splat(-5.37397155531e-2));
  y = fma(y, z, splat(1.33314422036e-1));
  y = fma(y, z, splat(-3.33332819422e-1));
  const small = fma(f32x4.mul(y, z), x, x);
  const sign = v128.and(x, i32x4.splat(0x80000000));
  return v128.bitselect(small, v128.or(large, sign), f32x4.lt(a, splat(0.625)));
}

/** 1 / (1 + e⁻ˣ). */
export function sigmoid4(x: v128): v128 {
  return f32x4.div(splat(1), f32x4.add(splat(1), exp4(f32x4.neg(x))));
}

// Φ(−u)^(−1/16) and e^(−z/32) are so smooth that polynomials give them; four squarings give the functions
// themselves, to 4e-6 of their values, small tails included. Both end at |x| = 6.5, where Φ(−|x|) is 4e-11.
// Coefficients lie in memory, since a load into all lanes is cheaper than a constant.
const TAIL = memory.data<f32>([
  1.04427385,
  0.0520741232,
  0.0220823102,
  0.00340977637,
  6.03247354e-5,
  2.95027312e-5,
  1.90609262e-5,
  -4.65094899e-6,
  8.3279059e-7,
  -7.21754461e-8,
  3.31246364e-9,
]);
const DENSITY = memory.data<f32>([
  1,
  -0.0312499814,
  0.000488273072,
  -5.08482026e-6,
  3.96085227e-8,
  -2.4203764e-10,
  1.11463388e-12,
  -2.94820236e-15,
]);
const LIMIT: f32 = 6.5;

// x¹⁶
// @inline
function power16(x: v128): v128 {
  x = f32x4.mul(x, x);
  x = f32x4.mul(x, x);
  x = f32x4.mul(x, x);
  return f32x4.mul(x, x);
}

/** Φ(x), the standard normal distribution function; 0 below −6.5. */
// @inline
export function normalCdf4(x: v128): v128 {
  const u = f32x4.min(splat(LIMIT), f32x4.abs(x));
  let y = fma(v128.load32_splat(TAIL, 40), u, v128.load32_splat(TAIL, 36));
  y = fma(y, u, v128.load32_splat(TAIL, 32));
  y = fma(y, u, v128.load32_splat(TAIL, 28));
  y = fma(y, u, v128.load32_splat(TAIL, 24));
  y = fma(y, u, v128.load32_splat(TAIL, 20));
  y = fma(y, u, v128.load32_splat(TAIL, 16));
  y = fma(y, u, v128.load32_splat(TAIL, 12));
  y = fma(y, u, v128.load32_splat(TAIL, 8));
  y = fma(y, u, v128.load32_splat(TAIL, 4));
  y = fma(y, u, v128.load32_splat(TAIL));
  const tail = power16(f32x4.div(splat(1), y));
  const cdf = v128.bitselect(f32x4.sub(splat(1), tail), tail, f32x4.gt(x, splat(0)));
  return v128.andnot(cdf, f32x4.lt(x, splat(-LIMIT)));
}

/** Slope of x Φ(x): Φ(x) + x φ(x). */
// @inline
export function geluSlope4(x: v128): v128 {
  const u = f32x4.max(splat(-LIMIT), f32x4.min(splat(LIMIT), x));
  const z = f32x4.mul(u, u);
  let y = fma(v128.load32_splat(DENSITY, 28), z, v128.load32_splat(DENSITY, 24));
  y = fma(y, z, v128.load32_splat(DENSITY, 20));
  y = fma(y, z, v128.load32_splat(DENSITY, 16));
  y = fma(y, z, v128.load32_splat(DENSITY, 12));
  y = fma(y, z, v128.load32_splat(DENSITY, 8));
  y = fma(y, z, v128.load32_splat(DENSITY, 4));
  y = fma(y, z, v128.load32_splat(DENSITY));
  const density = f32x4.mul(power16(y), splat(0.39894228040143268));
  return fma(u, density, normalCdf4(x));
}
