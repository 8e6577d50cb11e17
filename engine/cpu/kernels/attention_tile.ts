// What attention's kernels share. Scores are kept transposed, in panels of 16 queries ([key][16]): softmax
// then runs down the rows with a query a lane, and a panel is the microkernel's operand as it stands.
import { at } from "./abi";
import { threefry4, word0, word1 } from "./threefry";
import { tile6x16 } from "./tile";

/**
 * dst = a · b (+ dst) for `panels` panels of 6 rows: a [panel][depth][6], `step` floats from panel to
 * panel, b [depth][16], dst [6 · panels][16]. `table` holds 64 · k; `zeros` 64 bytes of zeros.
 */
export function multiply(
  a: usize,
  step: i32,
  panels: i32,
  b: usize,
  depth: i32,
  dst: usize,
  add: bool,
  table: usize,
  zeros: usize,
): void {
  for (let i = 0; i < panels; i++) {
    const src = add ? dst : zeros;
    tile6x16(depth, table, b, b + 32, a, src, add ? 64 : 0, dst, dst + 32, 64);
    a += <usize> step << 2;
    dst += 384;
  }
}

/** eˣ for x ≤ 0; 0 below −87, where the result would be denormal. NaN stays NaN. */
// @inline
export function expBelow4(x: v128): v128 {
  // Adding 1.5 · 2²³ rounds to a whole number and leaves it in the low bits.
  const t = f32x4.relaxed_madd(x, f32x4.splat(1.44269504088896341), f32x4.splat(12582912));
  const n = f32x4.sub(t, f32x4.splat(12582912));
  let r = f32x4.relaxed_madd(n, f32x4.splat(-0.693359375), x);
  r = f32x4.relaxed_madd(n, f32x4.splat(2.12194440e-4), r);
  let y = f32x4.splat(1.9875691500e-4);
  y = f32x4.relaxed_madd(y, r, f32x4.splat(1.3981999507e-3));
  y = f32x4.relaxed_madd(y, r, f32x4.splat(8.3334519073e-3));
  y = f32x4.relaxed_madd(y, r, f32x4.splat(4.1665795894e-2));
  y = f32x4.relaxed_madd(y, r, f32x4.splat(1.6666665459e-1));
  y = f32x4.relaxed_madd(y, r, f32x4.splat(5.0000001201e-1));
  y = f32x4.relaxed_madd(y, f32x4.mul(r, r), f32x4.add(r, f32x4.splat(1)));
  y = f32x4.mul(y, i32x4.add(i32x4.shl(t, 23), i32x4.splat(0x3f800000)));
  return v128.andnot(y, f32x4.lt(x, f32x4.splat(-87)));
}

/**
 * Puts 0 where dropout drops, for rows j (even) and on of a panel [rows][16]. Query i and key j of
 * matrix m take word j mod 2 of block (m · ⌈T/2⌉ + ⌊j/2⌋) · T + i of the stream; `block` is that of
 * the first row and lane, and one pair of rows is `pitch` = T blocks long.
 */
export function dropRows(
  panel: usize,
  rows: i32,
  block: u64,
  pitch: i32,
  limit: u32,
  k0: u32,
  k1: u32,
): void {
  const threshold = i32x4.splat(limit);
  for (let j = 0; j < rows; j += 2) {
    for (let i = 0; i < 64; i += 16) {
      const row = panel + i;
      threefry4(block + <u64> (i >> 2), k0, k1);
      v128.store(row, v128.andnot(v128.load(row), i32x4.lt_u(word0, threshold)));
      v128.store(row, v128.andnot(v128.load(row, 64), i32x4.lt_u(word1, threshold)), 64);
    }
    block += <u64> pitch;
    panel += 128;
  }
}

/**
 * The columns of a panel [depth][16] as rows: column i times factor[i] to `out` + i · step, for
 * i < `columns` ≤ 16.
 */
export function storeColumns(
  panel: usize,
  depth: i32,
  columns: i32,
  factor: usize,
  out: usize,
  step: usize,
): void {
  for (let i = 0; i < columns; i += 4) {
    const row = out + <usize> i * step;
    const from = at(panel, i);
    let d = 0;
    if (i + 4 <= columns) {
      const f = v128.load(at(factor, i));
      for (; d + 4 <= depth; d += 4) {
        const line = from + (<usize> d << 6);
        const x = f32x4.mul(v128.load(line), f);
        const y = f32x4.mul(v128.load(line, 64), f);
        const z = f32x4.mul(v128.load(line, 128), f);
        const w = f32x4.mul(v128.load(line, 192), f);
        const xy = v128.shuffle<f32>(x, y, 0, 4, 1, 5);
        const XY = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
        const zw = v128.shuffle<f32>(z, w, 0, 4, 1, 5);
        const ZW = v128.shuffle<f32>(z, w, 2, 6, 3, 7);
        v128.store(at(row, d), v128.shuffle<f32>(xy, zw, 0, 1, 4, 5));
        v128.store(at(row + step, d), v128.shuffle<f32>(xy, zw, 2, 3, 6, 7));
        v128.store(at(row + step * 2, d), v128.shuffle<f32>(XY, ZW, 0, 1, 4, 5));
        v128.store(at(row + step * 3, d), v128.shuffle<f32>(XY, ZW, 2, 3, 6, 7));
      }
    }
    const wide = min(4, columns - i);
    for (; d < depth; d++) {
      for (let j = 0; j < wide; j++) {
        const x = load<f32>(at(from + (<usize> d << 6), j));
        store<f32>(at(row + <usize> j * step, d), x * load<f32>(at(factor, i + j)));
      }
    }
  }
}
