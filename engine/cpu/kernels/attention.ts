// Attention forward. A thread takes one head of one clip (or a part of its queries): it packs the head's
// keys and values, then goes through the queries 16 at a time with all their scores at hand.
import { at, float, int, ptr, threadId } from "./abi";
import { dropRows, expBelow4, multiply, storeColumns } from "./attention_tile";
import { packColumns, packColumns6, packRows6 } from "./pack";
import { log1 } from "./runs";

/** Keys a step of softmax and of the sum over values: their panel of scores (16 KiB) stays in the first cache. */
const BLOCK: i32 = 256;

/** Writes the largest of every column of [rows][16] to `out`; a NaN is passed over. */
function columnMaxima(panel: usize, rows: i32, out: usize): void {
  let a = v128.load(panel);
  let b = v128.load(panel, 16);
  let c = v128.load(panel, 32);
  let d = v128.load(panel, 48);
  for (let j = 1; j < rows; j++) {
    panel += 64;
    a = f32x4.pmax(a, v128.load(panel));
    b = f32x4.pmax(b, v128.load(panel, 16));
    c = f32x4.pmax(c, v128.load(panel, 32));
    d = f32x4.pmax(d, v128.load(panel, 48));
  }
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
}

/** x → exp(x − maximum of its column) over [rows][16]; adds every column up into `sums`. */
function exponentials(panel: usize, rows: i32, maxima: usize, sums: usize): void {
  for (let i = 0; i < 64; i += 32) {
    const low = v128.load(maxima + i);
    const high = v128.load(maxima + i, 16);
    let a = f32x4.splat(0), b = f32x4.splat(0);
    let row = panel + i;
    for (let j = 0; j < rows; j++) {
      const x = expBelow4(f32x4.sub(v128.load(row), low));
      const y = expBelow4(f32x4.sub(v128.load(row, 16), high));
      v128.store(row, x);
      v128.store(row, y, 16);
      a = f32x4.add(a, x);
      b = f32x4.add(b, y);
      row += 64;
    }
    const x = f32x4.add(v128.load(sums + i), a);
    const y = f32x4.add(v128.load(sums + i, 16), b);
    v128.store(sums + i, x);
    v128.store(sums + i, y, 16);
  }
}

/**
 * attention: q, k, v, lengths, out, lse, scratch; heads, T, D, parts of the queries, lengths given,
 * scratch words a thread, scale, dropout's threshold (0: none) and factor, key and counter.
 * Items: parts of all heads of all clips.
 */
export function attention(p: usize, start: i32, end: i32): void {
  const heads = int(p, 7), T = int(p, 8), D = int(p, 9), parts = int(p, 10);
  const masked = int(p, 11) != 0;
  const scale = f32x4.splat(float(p, 13));
  const threshold = <u32> int(p, 14), keep = float(p, 15);
  const k0 = <u32> int(p, 16), k1 = <u32> int(p, 17);
  const counter = load<u64>(p + (18 << 2));
  const pitch = <usize> (heads * D) << 2;
  const keyPanels = (T + 5) / 6, depthPanels = (D + 5) / 6;
  // The thread's scratch; every piece is a multiple of 16 floats.
  const table = at(ptr(p, 6), threadId * int(p, 12));
  const zeros = at(table, (max(BLOCK, D) + 15) & ~15);
  const maxima = at(zeros, 16);
  const sums = at(maxima, 16);
  const query = at(sums, 16); // [D][16]
  const result = at(query, 16 * D); // [6 · depthPanels][16]
  const scores = at(result, 96 * depthPanels); // [6 · keyPanels][16]
  const keys = at(scores, 96 * keyPanels); // [keyPanels][D][6]
  const values = at(keys, (6 * keyPanels * D + 15) & ~15); // [depthPanels][T][6]
  for (let i = 0; i < max(BLOCK, D); i++) store<u32>(at(table, i), i << 6);
  memory.fill(zeros, 0, 64);

  for (let item = start; item < end; item++) {
    const matrix = item / parts, part = item % parts;
    const clip = matrix / heads, head = matrix % heads;
    const base = <usize> clip * T * pitch + (<usize> (head * D) << 2);
    const n = masked ? max(0, min(T, load<i32>(at(ptr(p, 3), clip)))) : T;
    const panels = (T + 15) / 16;
    const last = panels * (part + 1) / parts;
    packRows6(ptr(p, 1) + base, pitch, n, D, keys);
    packColumns6(ptr(p, 2) + base, pitch, n, D, T, values);
    for (let panel = panels * part / parts; panel < last; panel++) {
      const i = panel * 16, wide = min(16, T - i);
      const out = ptr(p, 4) + base + <usize> i * pitch;
      const lse = at(ptr(p, 5), matrix * T + i);
      if (n == 0) {
        for (let r = 0; r < wide; r++) {
          memory.fill(out + <usize> r * pitch, 0, <usize> D << 2);
          store<f32>(at(lse, r), 0);
        }
        continue;
      }
      packColumns(ptr(p, 0) + base + <usize> i * pitch, pitch, D, wide, query);
      for (let d = 0; d < D * 16; d += 4) {
        v128.store(at(query, d), f32x4.mul(v128.load(at(query, d)), scale));
      }
      multiply(keys, D * 6, (n + 5) / 6, query, D, scores, false, table, zeros);
      columnMaxima(scores, n, maxima);
      memory.fill(sums, 0, 64);
      for (let j = 0; j < n; j += BLOCK) {
        const rows = min(BLOCK, n - j);
        const block = scores + (<usize> j << 6);
        exponentials(block, rows, maxima, sums);
        if (threshold != 0) {
          const first = <u64> (matrix * ((T + 1) >> 1) + (j >> 1)) * <u64> T + <u64> i;
          dropRows(block, rows, counter + first, T, threshold, k0, k1);
        }
        multiply(at(values, j * 6), T * 6, depthPanels, block, rows, result, j > 0, table, zeros);
      }
      for (let r = 0; r < 16; r++) {
        const sum = load<f32>(at(sums, r));
        if (r < wide) store<f32>(at(lse, r), load<f32>(at(maxima, r)) + log1(sum));
        store<f32>(at(sums, r), keep / sum);
      }
      storeColumns(result, D, wide, sums, out, pitch);
    }
  }
}
