// What changed: 4 rows by 8 columns of the result are kept in eight vector registers while k runs, and four
// multiply-adds are one instruction (eight where V8 fuses pairs). Why it should help: a turn reads 4 floats of a
// and 8 of b for 32 multiply-adds, and the sums never leave the registers. What stays: b is read in strides of a
// whole row, so that large matrices miss the first cache and the address book (TLB) at every step; the last
// rung packs both operands into the order in which they are read.
import { at, int, ptr } from "../../../engine/cpu/kernels/abi";

/** matmulSimd: a, b, out; m, k, n. Items: blocks of 4 rows. */
export function matmulSimd(p: usize, start: i32, end: i32): void {
  const a = ptr(p, 0), b = ptr(p, 1), out = ptr(p, 2);
  const m = int(p, 3), k = int(p, 4), n = int(p, 5);
  const step = <usize> n << 2;
  for (let item = start; item < end; item++) {
    const i = item * 4;
    let j = 0;
    if (i + 4 <= m) {
      for (; j + 8 <= n; j += 8) tile(at(a, i * k), at(b, j), at(out, i * n + j), k, step);
    }
    for (let r = i; r < min(i + 4, m); r++) {
      for (let c = j; c < n; c++) {
        let sum: f32 = 0;
        for (let l = 0; l < k; l++) {
          sum += load<f32>(at(a, r * k + l)) * load<f32>(at(b, l * n + c));
        }
        store<f32>(at(out, r * n + c), sum);
      }
    }
  }
}

// @inline
function tile(a: usize, b: usize, out: usize, k: i32, step: usize): void {
  let c00 = f32x4.splat(0), c01 = f32x4.splat(0), c10 = f32x4.splat(0), c11 = f32x4.splat(0);
  let c20 = f32x4.splat(0), c21 = f32x4.splat(0), c30 = f32x4.splat(0), c31 = f32x4.splat(0);
  const row = <usize> k << 2;
  for (let l = 0; l < k; l++) {
    const x = v128.load(b), y = v128.load(b, 16);
    let s = v128.load32_splat(a);
    c00 = f32x4.relaxed_madd(s, x, c00);
    c01 = f32x4.relaxed_madd(s, y, c01);
    s = v128.load32_splat(a + row);
    c10 = f32x4.relaxed_madd(s, x, c10);
    c11 = f32x4.relaxed_madd(s, y, c11);
    s = v128.load32_splat(a + 2 * row);
    c20 = f32x4.relaxed_madd(s, x, c20);
    c21 = f32x4.relaxed_madd(s, y, c21);
    s = v128.load32_splat(a + 3 * row);
    c30 = f32x4.relaxed_madd(s, x, c30);
    c31 = f32x4.relaxed_madd(s, y, c31);
    a += 4;
    b += step;
  }
  v128.store(out, c00);
  v128.store(out, c01, 16);
  v128.store(out + step, c10);
  v128.store(out + step, c11, 16);
  v128.store(out + 2 * step, c20);
  v128.store(out + 2 * step, c21, 16);
  v128.store(out + 3 * step, c30);
  v128.store(out + 3 * step, c31, 16);
}
