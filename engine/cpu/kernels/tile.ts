// The microkernel of matmul and convolution: a tile of 6 rows by two groups of 8 columns, kept in
// registers while k runs. The form matters to V8's revectorizer, which fuses adjacent 128-bit pairs
// into 256-bit operations: accumulators come from memory, every load and store has its neighbour 16
// bytes on, and nothing is read between the stores.
import { at } from "./abi";

/**
 * dst = src + Σₖ a[k] ⊗ b[k] for k < depth. Row k of b is 8 floats at `b0 + table[k]` and 8 at
 * `b1 + table[k]` (`table` holds byte offsets); a is packed as [depth][6]. Rows of src are 16 floats
 * `srcRow` bytes apart; rows of dst are 8 floats at dst0 and 8 at dst1, `dstRow` bytes apart.
 * src may be dst.
 */
export function tile6x16(
  depth: i32,
  table: usize,
  b0: usize,
  b1: usize,
  a: usize,
  src: usize,
  srcRow: usize,
  dst0: usize,
  dst1: usize,
  dstRow: usize,
): void {
  let c0a = v128.load(src);
  let c0b = v128.load(src, 16);
  let c0c = v128.load(src, 32);
  let c0d = v128.load(src, 48);
  src += srcRow;
  let c1a = v128.load(src);
  let c1b = v128.load(src, 16);
  let c1c = v128.load(src, 32);
  let c1d = v128.load(src, 48);
  src += srcRow;
  let c2a = v128.load(src);
  let c2b = v128.load(src, 16);
  let c2c = v128.load(src, 32);
  let c2d = v128.load(src, 48);
  src += srcRow;
  let c3a = v128.load(src);
  let c3b = v128.load(src, 16);
  let c3c = v128.load(src, 32);
  let c3d = v128.load(src, 48);
  src += srcRow;
  let c4a = v128.load(src);
  let c4b = v128.load(src, 16);
  let c4c = v128.load(src, 32);
  let c4d = v128.load(src, 48);
  src += srcRow;
  let c5a = v128.load(src);
  let c5b = v128.load(src, 16);
  let c5c = v128.load(src, 32);
  let c5d = v128.load(src, 48);
  for (let k = 0; k < depth; k++) {
    const offset = <usize> load<u32>(table);
    const p0 = b0 + offset;
    const p1 = b1 + offset;
    const x = v128.load(p0);
    const y = v128.load(p0, 16);
    const z = v128.load(p1);
    const w = v128.load(p1, 16);
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
    table += 4;
    a += 24;
  }
  v128.store(dst0, c0a);
  v128.store(dst0, c0b, 16);
  v128.store(dst1, c0c);
  v128.store(dst1, c0d, 16);
  dst0 += dstRow;
  dst1 += dstRow;
  v128.store(dst0, c1a);
  v128.store(dst0, c1b, 16);
  v128.store(dst1, c1c);
  v128.store(dst1, c1d, 16);
  dst0 += dstRow;
  dst1 += dstRow;
  v128.store(dst0, c2a);
  v128.store(dst0, c2b, 16);
  v128.store(dst1, c2c);
  v128.store(dst1, c2d, 16);
  dst0 += dstRow;
  dst1 += dstRow;
  v128.store(dst0, c3a);
  v128.store(dst0, c3b, 16);
  v128.store(dst1, c3c);
  v128.store(dst1, c3d, 16);
  dst0 += dstRow;
  dst1 += dstRow;
  v128.store(dst0, c4a);
  v128.store(dst0, c4b, 16);
  v128.store(dst1, c4c);
  v128.store(dst1, c4d, 16);
  dst0 += dstRow;
  dst1 += dstRow;
  v128.store(dst0, c5a);
  v128.store(dst0, c5b, 16);
  v128.store(dst1, c5c);
  v128.store(dst1, c5d, 16);
}

/** Copies a block of floats; rows are `fromRow` and `toRow` bytes apart. */
export function copyBlock(
  from: usize,
  fromRow: usize,
  to: usize,
  toRow: usize,
  rows: i32,
  columns: i32,
): void {
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) store<f32>(at(to, j), load<f32>(at(from, j)));
    from += fromRow;
    to += toRow;
  }
}
