// Rounding to half precision. The CPU computes in f32 alone: a half is an f32 value that half precision
// could hold.
import { at, ptr } from "./abi";

// To the nearest of four lanes, ties to even. From 2⁻¹⁴ on the bits below the tenth of the fraction are
// rounded away as integers; below, adding ½ leaves multiples of 2⁻²⁴ alone.
// @inline
function half4(x: v128): v128 {
  const sign = v128.and(x, i32x4.splat(0x80000000));
  const a = v128.xor(x, sign);
  const odd = v128.and(i32x4.shr_u(a, 13), i32x4.splat(1));
  const rounded = v128.and(
    i32x4.add(i32x4.add(a, i32x4.splat(0xfff)), odd),
    i32x4.splat(~0x1fff),
  );
  const big = v128.bitselect(
    i32x4.splat(0x7f800000),
    rounded,
    i32x4.ge_s(a, i32x4.splat(0x477ff000)), // 65,520: halfway to what is no half any more
  );
  const small = f32x4.sub(f32x4.add(a, f32x4.splat(0.5)), f32x4.splat(0.5));
  const finite = v128.bitselect(small, big, i32x4.lt_s(a, i32x4.splat(0x38800000)));
  const nan = i32x4.gt_s(a, i32x4.splat(0x7f800000));
  return v128.or(sign, v128.bitselect(i32x4.splat(0x7fc00000), finite, nan));
}

/** roundToHalf: x, out. Items: elements. */
export function roundToHalf(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), out = ptr(p, 1);
  let i = start;
  for (; i + 8 <= end; i += 8) {
    const a = half4(v128.load(at(x, i))), b = half4(v128.load(at(x, i), 16));
    v128.store(at(out, i), a);
    v128.store(at(out, i), b, 16);
  }
  for (; i < end; i++) {
    store<f32>(at(out, i), f32x4.extract_lane(half4(f32x4.splat(load<f32>(at(x, i)))), 0));
  }
}
