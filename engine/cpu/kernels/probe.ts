// One multiply-add tile in two forms, for `devices` to time: do adjacent halves run as one AVX2
// operation? The arithmetic is that of a matmul tile, 4 × 16 over panels that stay in the cache.
import { int, ptr } from "./abi";

/** probePaired: a (4 floats a turn), b (16 floats a turn), c (4 × 16); turns. Items: repeats. */
export function probePaired(p: usize, start: i32, end: i32): void {
  const c = ptr(p, 2);
  for (let i = start; i < end; i++) {
    let a = ptr(p, 0), b = ptr(p, 1);
    let c00 = v128.load(c), c01 = v128.load(c, 16), c02 = v128.load(c, 32), c03 = v128.load(c, 48);
    let c10 = v128.load(c, 64), c11 = v128.load(c, 80);
    let c12 = v128.load(c, 96), c13 = v128.load(c, 112);
    let c20 = v128.load(c, 128), c21 = v128.load(c, 144);
    let c22 = v128.load(c, 160), c23 = v128.load(c, 176);
    let c30 = v128.load(c, 192), c31 = v128.load(c, 208);
    let c32 = v128.load(c, 224), c33 = v128.load(c, 240);
    for (let k = int(p, 3); k > 0; k--) {
      const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
      let s = v128.load32_splat(a);
      c00 = f32x4.relaxed_madd(s, b0, c00);
      c01 = f32x4.relaxed_madd(s, b1, c01);
      c02 = f32x4.relaxed_madd(s, b2, c02);
      c03 = f32x4.relaxed_madd(s, b3, c03);
      s = v128.load32_splat(a, 4);
      c10 = f32x4.relaxed_madd(s, b0, c10);
      c11 = f32x4.relaxed_madd(s, b1, c11);
      c12 = f32x4.relaxed_madd(s, b2, c12);
      c13 = f32x4.relaxed_madd(s, b3, c13);
      s = v128.load32_splat(a, 8);
      c20 = f32x4.relaxed_madd(s, b0, c20);
      c21 = f32x4.relaxed_madd(s, b1, c21);
      c22 = f32x4.relaxed_madd(s, b2, c22);
      c23 = f32x4.relaxed_madd(s, b3, c23);
      s = v128.load32_splat(a, 12);
      c30 = f32x4.relaxed_madd(s, b0, c30);
      c31 = f32x4.relaxed_madd(s, b1, c31);
      c32 = f32x4.relaxed_madd(s, b2, c32);
      c33 = f32x4.relaxed_madd(s, b3, c33);
      a += 16;
      b += 64;
    }
    v128.store(c, c00);
    v128.store(c, c01, 16);
    v128.store(c, c02, 32);
    v128.store(c, c03, 48);
    v128.store(c, c10, 64);
    v128.store(c, c11, 80);
    v128.store(c, c12, 96);
    v128.store(c, c13, 112);
    v128.store(c, c20, 128);
    v128.store(c, c21, 144);
    v128.store(c, c22, 160);
    v128.store(c, c23, 176);
    v128.store(c, c30, 192);
    v128.store(c, c31, 208);
    v128.store(c, c32, 224);
    v128.store(c, c33, 240);
  }
}

/** probeSingle: the same panels and work a turn in halves that no compiler can pair. */
export function probeSingle(p: usize, start: i32, end: i32): void {
  const c = ptr(p, 2);
  for (let i = start; i < end; i++) {
    let a = ptr(p, 0), b = ptr(p, 1);
    let s0 = v128.load(c), s1 = v128.load(c, 16), s2 = v128.load(c, 32), s3 = v128.load(c, 48);
    let s4 = v128.load(c, 64), s5 = v128.load(c, 80), s6 = v128.load(c, 96), s7 = v128.load(c, 112);
    for (let k = int(p, 3); k > 0; k--) {
      const b0 = v128.load(b), b1 = v128.load(b, 32);
      let s = v128.load32_splat(a);
      s0 = f32x4.relaxed_madd(s, b0, s0);
      s1 = f32x4.relaxed_madd(s, b1, s1);
      s = v128.load32_splat(a, 4);
      s2 = f32x4.relaxed_madd(s, b0, s2);
      s3 = f32x4.relaxed_madd(s, b1, s3);
      s = v128.load32_splat(a, 8);
      s4 = f32x4.relaxed_madd(s, b0, s4);
      s5 = f32x4.relaxed_madd(s, b1, s5);
      s = v128.load32_splat(a, 12);
      s6 = f32x4.relaxed_madd(s, b0, s6);
      s7 = f32x4.relaxed_madd(s, b1, s7);
      a += 16;
      b += 64;
    }
    const sum = f32x4.add(
      f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3)),
      f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7)),
    );
    v128.store(c, sum);
  }
}
