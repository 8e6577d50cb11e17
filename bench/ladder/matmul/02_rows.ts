// What changed: the order of the loops. The innermost goes along a row of b and a row of the result, both
// neighbours in memory. Why it should help: every float of a fetched cache line is used, and the fetches are
// foreseen by the processor. What stays: for each row of a all of b comes by again.
import { at, int, ptr } from "../../../engine/cpu/kernels/abi";

/** matmulRows: a, b, out; m, k, n. Items: rows. */
export function matmulRows(p: usize, start: i32, end: i32): void {
  const a = ptr(p, 0), b = ptr(p, 1), out = ptr(p, 2);
  const k = int(p, 4), n = int(p, 5);
  for (let i = start; i < end; i++) {
    const row = at(out, i * n);
    memory.fill(row, 0, <usize> n << 2);
    for (let l = 0; l < k; l++) {
      const factor = load<f32>(at(a, i * k + l)), line = at(b, l * n);
      for (let j = 0; j < n; j++) {
        store<f32>(at(row, j), load<f32>(at(row, j)) + factor * load<f32>(at(line, j)));
      }
    }
  }
}
