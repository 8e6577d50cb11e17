// The microkernels of Winograd's products: 6 rows by 16 columns in registers, on operands that lie as the
// transforms left them, unpacked. The form is the revectorizer's, as in tile.ts.

/**
 * c = a · b: six rows of `depth` floats (a multiple of 2), `aRow` bytes apart, by [depth][16]. Rows of c are
 * 16 floats, one after the other. `zero` points at 64 bytes of zeros.
 */
export function rows6x16(
  depth: i32,
  a: usize,
  aRow: usize,
  b: usize,
  zero: usize,
  c: usize,
): void {
  let c0a = v128.load(zero);
  let c0b = v128.load(zero, 16);
  let c0c = v128.load(zero, 32);
  let c0d = v128.load(zero, 48);
  let c1a = v128.load(zero);
  let c1b = v128.load(zero, 16);
  let c1c = v128.load(zero, 32);
  let c1d = v128.load(zero, 48);
  let c2a = v128.load(zero);
  let c2b = v128.load(zero, 16);
  let c2c = v128.load(zero, 32);
  let c2d = v128.load(zero, 48);
  let c3a = v128.load(zero);
  let c3b = v128.load(zero, 16);
  let c3c = v128.load(zero, 32);
  let c3d = v128.load(zero, 48);
  let c4a = v128.load(zero);
  let c4b = v128.load(zero, 16);
  let c4c = v128.load(zero, 32);
  let c4d = v128.load(zero, 48);
  let c5a = v128.load(zero);
  let c5b = v128.load(zero, 16);
  let c5c = v128.load(zero, 32);
  let c5d = v128.load(zero, 48);
  let a0 = a;
  let a1 = a0 + aRow;
  let a2 = a1 + aRow;
  let a3 = a2 + aRow;
  let a4 = a3 + aRow;
  let a5 = a4 + aRow;
  for (let k = 0; k < depth; k += 2) {
    let x = v128.load(b);
    let y = v128.load(b, 16);
    let z = v128.load(b, 32);
    let w = v128.load(b, 48);
    let s = v128.load32_splat(a0);
    c0a = f32x4.relaxed_madd(s, x, c0a);
    c0b = f32x4.relaxed_madd(s, y, c0b);
    c0c = f32x4.relaxed_madd(s, z, c0c);
    c0d = f32x4.relaxed_madd(s, w, c0d);
    s = v128.load32_splat(a1);
    c1a = f32x4.relaxed_madd(s, x, c1a);
    c1b = f32x4.relaxed_madd(s, y, c1b);
    c1c = f32x4.relaxed_madd(s, z, c1c);
    c1d = f32x4.relaxed_madd(s, w, c1d);
    s = v128.load32_splat(a2);
    c2a = f32x4.relaxed_madd(s, x, c2a);
    c2b = f32x4.relaxed_madd(s, y, c2b);
    c2c = f32x4.relaxed_madd(s, z, c2c);
    c2d = f32x4.relaxed_madd(s, w, c2d);
    s = v128.load32_splat(a3);
    c3a = f32x4.relaxed_madd(s, x, c3a);
    c3b = f32x4.relaxed_madd(s, y, c3b);
    c3c = f32x4.relaxed_madd(s, z, c3c);
    c3d = f32x4.relaxed_madd(s, w, c3d);
    s = v128.load32_splat(a4);
    c4a = f32x4.relaxed_madd(s, x, c4a);
    c4b = f32x4.relaxed_madd(s, y, c4b);
    c4c = f32x4.relaxed_madd(s, z, c4c);
    c4d = f32x4.relaxed_madd(s, w, c4d);
    s = v128.load32_splat(a5);
    c5a = f32x4.relaxed_madd(s, x, c5a);
    c5b = f32x4.relaxed_madd(s, y, c5b);
    c5c = f32x4.relaxed_madd(s, z, c5c);
    c5d = f32x4.relaxed_madd(s, w, c5d);
    x = v128.load(b, 64);
    y = v128.load(b, 80);
    z = v128.load(b, 96);
    w = v128.load(b, 112);
    s = v128.load32_splat(a0, 4);
    c0a = f32x4.relaxed_madd(s, x, c0a);
    c0b = f32x4.relaxed_madd(s, y, c0b);
    c0c = f32x4.relaxed_madd(s, z, c0c);
    c0d = f32x4.relaxed_madd(s, w, c0d);
    s = v128.load32_splat(a1, 4);
    c1a = f32x4.relaxed_madd(s, x, c1a);
    c1b = f32x4.relaxed_madd(s, y, c1b);
    c1c = f32x4.relaxed_madd(s, z, c1c);
    c1d = f32x4.relaxed_madd(s, w, c1d);
    s = v128.load32_splat(a2, 4);
    c2a = f32x4.relaxed_madd(s, x, c2a);
    c2b = f32x4.relaxed_madd(s, y, c2b);
    c2c = f32x4.relaxed_madd(s, z, c2c);
    c2d = f32x4.relaxed_madd(s, w, c2d);
    s = v128.load32_splat(a3, 4);
    c3a = f32x4.relaxed_madd(s, x, c3a);
    c3b = f32x4.relaxed_madd(s, y, c3b);
    c3c = f32x4.relaxed_madd(s, z, c3c);
    c3d = f32x4.relaxed_madd(s, w, c3d);
    s = v128.load32_splat(a4, 4);
    c4a = f32x4.relaxed_madd(s, x, c4a);
    c4b = f32x4.relaxed_madd(s, y, c4b);
    c4c = f32x4.relaxed_madd(s, z, c4c);
    c4d = f32x4.relaxed_madd(s, w, c4d);
    s = v128.load32_splat(a5, 4);
    c5a = f32x4.relaxed_madd(s, x, c5a);
    c5b = f32x4.relaxed_madd(s, y, c5b);
    c5c = f32x4.relaxed_madd(s, z, c5c);
    c5d = f32x4.relaxed_madd(s, w, c5d);
    a0 += 8;
    a1 += 8;
    a2 += 8;
    a3 += 8;
    a4 += 8;
    a5 += 8;
    b += 128;
  }
  v128.store(c, c0a);
  v128.store(c, c0b, 16);
  v128.store(c, c0c, 32);
  v128.store(c, c0d, 48);
  v128.store(c, c1a, 64);
  v128.store(c, c1b, 80);
  v128.store(c, c1c, 96);
  v128.store(c, c1d, 112);
  v128.store(c, c2a, 128);
  v128.store(c, c2b, 144);
  v128.store(c, c2c, 160);
  v128.store(c, c2d, 176);
  v128.store(c, c3a, 192);
  v128.store(c, c3b, 208);
  v128.store(c, c3c, 224);
  v128.store(c, c3d, 240);
  v128.store(c, c4a, 256);
  v128.store(c, c4b, 272);
  v128.store(c, c4c, 288);
  v128.store(c, c4d, 304);
  v128.store(c, c5a, 320);
  v128.store(c, c5b, 336);
  v128.store(c, c5c, 352);
  v128.store(c, c5d, 368);
}

/**
 * c += Σₖ a[k] ⊗ b[k]: 6 floats at each of `depth` rows of a, `aRow` bytes apart, with 16 of b, `bRow` apart.
 * Rows of c are 16 floats, one after the other.
 */
export function outer6x16(
  depth: i32,
  a: usize,
  aRow: usize,
  b: usize,
  bRow: usize,
  c: usize,
): void {
  let c0a = v128.load(c);
  let c0b = v128.load(c, 16);
  let c0c = v128.load(c, 32);
  let c0d = v128.load(c, 48);
  let c1a = v128.load(c, 64);
  let c1b = v128.load(c, 80);
  let c1c = v128.load(c, 96);
  let c1d = v128.load(c, 112);
  let c2a = v128.load(c, 128);
  let c2b = v128.load(c, 144);
  let c2c = v128.load(c, 160);
  let c2d = v128.load(c, 176);
  let c3a = v128.load(c, 192);
  let c3b = v128.load(c, 208);
  let c3c = v128.load(c, 224);
  let c3d = v128.load(c, 240);
  let c4a = v128.load(c, 256);
  let c4b = v128.load(c, 272);
  let c4c = v128.load(c, 288);
  let c4d = v128.load(c, 304);
  let c5a = v128.load(c, 320);
  let c5b = v128.load(c, 336);
  let c5c = v128.load(c, 352);
  let c5d = v128.load(c, 368);
  for (let k = 0; k < depth; k++) {
    const x = v128.load(b);
    const y = v128.load(b, 16);
    const z = v128.load(b, 32);
    const w = v128.load(b, 48);
    let s = v128.load32_splat(a);
    c0a = f32x4.relaxed_madd(s, x, c0a);
    c0b = f32x4.relaxed_madd(s, y, c0b);
    c0c = f32x4.relaxed_madd(s, z, c0c);
    c0d = f32x4.relaxed_madd(s, w, c0d);
    s = v128.load32_splat(a, 4);
    c1a = f32x4.relaxed_madd(s, x, c1a);
    c1b = f32x4.relaxed_madd(s, y, c1b);
    c1c = f32x4.relaxed_madd(s, z, c1c);
    c1d = f32x4.relaxed_madd(s, w, c1d);
    s = v128.load32_splat(a, 8);
    c2a = f32x4.relaxed_madd(s, x, c2a);
    c2b = f32x4.relaxed_madd(s, y, c2b);
    c2c = f32x4.relaxed_madd(s, z, c2c);
    c2d = f32x4.relaxed_madd(s, w, c2d);
    s = v128.load32_splat(a, 12);
    c3a = f32x4.relaxed_madd(s, x, c3a);
    c3b = f32x4.relaxed_madd(s, y, c3b);
    c3c = f32x4.relaxed_madd(s, z, c3c);
    c3d = f32x4.relaxed_madd(s, w, c3d);
    s = v128.load32_splat(a, 16);
    c4a = f32x4.relaxed_madd(s, x, c4a);
    c4b = f32x4.relaxed_madd(s, y, c4b);
    c4c = f32x4.relaxed_madd(s, z, c4c);
    c4d = f32x4.relaxed_madd(s, w, c4d);
    s = v128.load32_splat(a, 20);
    c5a = f32x4.relaxed_madd(s, x, c5a);
    c5b = f32x4.relaxed_madd(s, y, c5b);
    c5c = f32x4.relaxed_madd(s, z, c5c);
    c5d = f32x4.relaxed_madd(s, w, c5d);
    a += aRow;
    b += bRow;
  }
  v128.store(c, c0a);
  v128.store(c, c0b, 16);
  v128.store(c, c0c, 32);
  v128.store(c, c0d, 48);
  v128.store(c, c1a, 64);
  v128.store(c, c1b, 80);
  v128.store(c, c1c, 96);
  v128.store(c, c1d, 112);
  v128.store(c, c2a, 128);
  v128.store(c, c2b, 144);
  v128.store(c, c2c, 160);
  v128.store(c, c2d, 176);
  v128.store(c, c3a, 192);
  v128.store(c, c3b, 208);
  v128.store(c, c3c, 224);
  v128.store(c, c3d, 240);
  v128.store(c, c4a, 256);
  v128.store(c, c4b, 272);
  v128.store(c, c4c, 288);
  v128.store(c, c4d, 304);
  v128.store(c, c5a, 320);
  v128.store(c, c5b, 336);
  v128.store(c, c5c, 352);
  v128.store(c, c5d, 368);
}
