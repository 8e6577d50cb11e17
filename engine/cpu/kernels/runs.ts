// What kernels over rows share: sums, maxima and their place along a run of adjacent floats. f32 lanes
// add at most 128 numbers before they are handed on in f64, so long sums stay exact.
import { at } from "./abi";
import { exp4, log4 } from "./math";

/** Sum of `n` adjacent floats. */
export function sumRun(x: usize, n: i32): f64 {
  let total: f64 = 0;
  let i = 0;
  while (i + 16 <= n) {
    const stop = min(n, i + 2048) - 15;
    let a = f32x4.splat(0), b = a, c = a, d = a;
    for (; i < stop; i += 16) {
      a = f32x4.add(a, v128.load(at(x, i)));
      b = f32x4.add(b, v128.load(at(x, i), 16));
      c = f32x4.add(c, v128.load(at(x, i), 32));
      d = f32x4.add(d, v128.load(at(x, i), 48));
    }
    total += <f64> lanesSum(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  }
  for (; i < n; i++) total += load<f32>(at(x, i));
  return total;
}

/** Sum of (x − shift)² over `n` adjacent floats. */
export function squaresRun(x: usize, n: i32, shift: f32): f64 {
  const s = f32x4.splat(shift);
  let total: f64 = 0;
  let i = 0;
  while (i + 8 <= n) {
    const stop = min(n, i + 1024) - 7;
    let a = f32x4.splat(0), b = a;
    for (; i < stop; i += 8) {
      const u = f32x4.sub(v128.load(at(x, i)), s), v = f32x4.sub(v128.load(at(x, i), 16), s);
      a = f32x4.relaxed_madd(u, u, a);
      b = f32x4.relaxed_madd(v, v, b);
    }
    total += <f64> lanesSum(f32x4.add(a, b));
  }
  for (; i < n; i++) {
    const d = load<f32>(at(x, i)) - shift;
    total += <f64> d * <f64> d;
  }
  return total;
}

/** Largest of `n` ≥ 1 adjacent floats; NaN if one is. */
export function maxRun(x: usize, n: i32): f32 {
  let a = v128.load32_splat(x), b = a;
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    a = f32x4.max(a, v128.load(at(x, i)));
    b = f32x4.max(b, v128.load(at(x, i), 16));
  }
  for (; i < n; i++) a = f32x4.max(a, v128.load32_splat(at(x, i)));
  a = f32x4.max(a, b);
  return max<f32>(
    max<f32>(f32x4.extract_lane(a, 0), f32x4.extract_lane(a, 1)),
    max<f32>(f32x4.extract_lane(a, 2), f32x4.extract_lane(a, 3)),
  );
}

// @inline
export function lanesSum(a: v128): f32 {
  return (f32x4.extract_lane(a, 0) + f32x4.extract_lane(a, 1)) +
    (f32x4.extract_lane(a, 2) + f32x4.extract_lane(a, 3));
}

/** eˣ of one number, the same bits as a lane of `exp4`. */
export function exp1(x: f32): f32 {
  return f32x4.extract_lane(exp4(f32x4.splat(x)), 0);
}

/** ln x of one number. */
export function log1(x: f32): f32 {
  return f32x4.extract_lane(log4(f32x4.splat(x)), 0);
}

/** Index of the first largest of `n` floats `step` apart. */
export function argmaxOf(x: usize, n: i32, step: i32): i32 {
  let best: f32 = -Infinity;
  let index = 0;
  for (let j = 0; j < n; j++) {
    const value = load<f32>(at(x, j * step));
    if (value > best) {
      best = value;
      index = j;
    }
  }
  return index;
}
