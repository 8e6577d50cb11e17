// Packing for the microkernel of tile.ts: panels of 6 rows for its first operand, [k][6], and of 16 columns
// for its second, [k][16], padded with zeros.
import { at } from "./abi";

/** Copies `n` ≤ 6 values `step` elements apart to `out`, and zeros after them. */
export function gather6(from: usize, step: usize, n: i32, out: usize): void {
  if (n == 6) {
    store<f32>(out, load<f32>(from));
    store<f32>(out, load<f32>(from + step), 4);
    store<f32>(out, load<f32>(from + step * 2), 8);
    store<f32>(out, load<f32>(from + step * 3), 12);
    store<f32>(out, load<f32>(from + step * 4), 16);
    store<f32>(out, load<f32>(from + step * 5), 20);
    return;
  }
  for (let i = 0; i < 6; i++) {
    store<f32>(out + (i << 2), i < n ? load<f32>(from + i * step) : 0);
  }
}

/**
 * Panels [⌈n/6⌉][depth][6] from n rows of `depth` values, `step` bytes apart: turned in blocks of 6×4.
 */
export function packRows6(from: usize, step: usize, n: i32, depth: i32, to: usize): void {
  for (let row = 0; row < n; row += 6) {
    let k = 0;
    if (row + 6 <= n) {
      const last = from + step * 4;
      for (; k + 4 <= depth; k += 4) {
        const x = v128.load(at(from, k));
        const y = v128.load(at(from + step, k));
        const z = v128.load(at(from + step * 2, k));
        const w = v128.load(at(from + step * 3, k));
        const s = v128.load(at(last, k));
        const t = v128.load(at(last + step, k));
        const xy = v128.shuffle<f32>(x, y, 0, 4, 1, 5);
        const XY = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
        const zw = v128.shuffle<f32>(z, w, 0, 4, 1, 5);
        const ZW = v128.shuffle<f32>(z, w, 2, 6, 3, 7);
        const st = v128.shuffle<f32>(s, t, 0, 4, 1, 5);
        const ST = v128.shuffle<f32>(s, t, 2, 6, 3, 7);
        v128.store(to, v128.shuffle<f32>(xy, zw, 0, 1, 4, 5));
        v128.store64_lane(to, st, 0, 16);
        v128.store(to, v128.shuffle<f32>(xy, zw, 2, 3, 6, 7), 24);
        v128.store64_lane(to, st, 1, 40);
        v128.store(to, v128.shuffle<f32>(XY, ZW, 0, 1, 4, 5), 48);
        v128.store64_lane(to, ST, 0, 64);
        v128.store(to, v128.shuffle<f32>(XY, ZW, 2, 3, 6, 7), 72);
        v128.store64_lane(to, ST, 1, 88);
        to += 96;
      }
    }
    for (; k < depth; k++) {
      gather6(at(from, k), step, min(6, n - row), to);
      to += 24;
    }
    from += step * 6;
  }
}

/**
 * Panels [⌈columns/6⌉][pitch][6] from n rows of `columns` values, `step` bytes apart: each row gives six
 * values to every panel. Rows n and on of a panel are left as they are.
 */
export function packColumns6(
  from: usize,
  step: usize,
  n: i32,
  columns: i32,
  pitch: i32,
  to: usize,
): void {
  for (let column = 0; column < columns; column += 6) {
    let row = at(from, column), out = to;
    const wide = min(6, columns - column);
    if (wide == 6) {
      for (let k = 0; k < n; k++) {
        const x = v128.load(row);
        const y = v128.load(row, 16);
        v128.store(out, x);
        v128.store64_lane(out, y, 0, 16);
        row += step;
        out += 24;
      }
    } else {
      for (let k = 0; k < n; k++) {
        gather6(row, 4, wide, out);
        row += step;
        out += 24;
      }
    }
    to += <usize> pitch * 24;
  }
}

/** A panel [kc][16] from `columns` ≤ 16 rows of kc values, `step` bytes apart: turned in blocks of 4×4. */
export function packColumns(from: usize, step: usize, kc: i32, columns: i32, to: usize): void {
  for (let j = 0; j < 16; j += 4) {
    const row = from + <usize> j * step;
    const out = at(to, j);
    let k = 0;
    if (j + 4 <= columns) {
      for (; k + 4 <= kc; k += 4) {
        const x = v128.load(at(row, k));
        const y = v128.load(at(row + step, k));
        const z = v128.load(at(row + step * 2, k));
        const w = v128.load(at(row + step * 3, k));
        const xy = v128.shuffle<f32>(x, y, 0, 4, 1, 5);
        const XY = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
        const zw = v128.shuffle<f32>(z, w, 0, 4, 1, 5);
        const ZW = v128.shuffle<f32>(z, w, 2, 6, 3, 7);
        const line = out + (<usize> k << 6);
        v128.store(line, v128.shuffle<f32>(xy, zw, 0, 1, 4, 5));
        v128.store(line, v128.shuffle<f32>(xy, zw, 2, 3, 6, 7), 64);
        v128.store(line, v128.shuffle<f32>(XY, ZW, 0, 1, 4, 5), 128);
        v128.store(line, v128.shuffle<f32>(XY, ZW, 2, 3, 6, 7), 192);
      }
    }
    for (; k < kc; k++) {
      for (let i = 0; i < 4; i++) {
        const value: f32 = j + i < columns ? load<f32>(at(row + <usize> i * step, k)) : 0;
        store<f32>(at(out, i) + (<usize> k << 6), value);
      }
    }
  }
}
