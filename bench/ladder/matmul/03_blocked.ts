// What changed: an item is 16 rows, and b is taken in blocks of 64 rows by 256 columns (64 KiB), which stay in
// the second cache while the 16 rows use them. Why it should help: b comes from memory once for 16 rows instead
// of once for each. What stays: one multiply-add an instruction, and the sums travel to and from the cache.
import { at, int, ptr } from "../../../engine/cpu/kernels/abi";

const ROWS: i32 = 16;
const DEPTH: i32 = 64;
const COLUMNS: i32 = 256;

/** matmulBlocked: a, b, out; m, k, n. Items: blocks of 16 rows. */
export function matmulBlocked(p: usize, start: i32, end: i32): void {
  const a = ptr(p, 0), b = ptr(p, 1), out = ptr(p, 2);
  const m = int(p, 3), k = int(p, 4), n = int(p, 5);
  for (let item = start; item < end; item++) {
    const i0 = item * ROWS, i1 = min(i0 + ROWS, m);
    memory.fill(at(out, i0 * n), 0, <usize> ((i1 - i0) * n) << 2);
    for (let l0 = 0; l0 < k; l0 += DEPTH) {
      const l1 = min(l0 + DEPTH, k);
      for (let j0 = 0; j0 < n; j0 += COLUMNS) {
        const j1 = min(j0 + COLUMNS, n);
        for (let i = i0; i < i1; i++) {
          const row = at(out, i * n);
          for (let l = l0; l < l1; l++) {
            const factor = load<f32>(at(a, i * k + l)), line = at(b, l * n);
            for (let j = j0; j < j1; j++) {
              store<f32>(at(row, j), load<f32>(at(row, j)) + factor * load<f32>(at(line, j)));
            }
          }
        }
      }
    }
  }
}
