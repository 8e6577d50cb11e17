// The definition: three loops, one multiply-add at a time. The innermost goes down a column of b, a whole row
// further at each step: for large matrices every read is a cache line fetched for one float of it.
import { at, int, ptr } from "../../../engine/cpu/kernels/abi";

/** matmulNaive: a, b, out; m, k, n. Items: rows. */
export function matmulNaive(p: usize, start: i32, end: i32): void {
  const a = ptr(p, 0), b = ptr(p, 1), out = ptr(p, 2);
  const k = int(p, 4), n = int(p, 5);
  for (let i = start; i < end; i++) {
    for (let j = 0; j < n; j++) {
      let sum: f32 = 0;
      for (let l = 0; l < k; l++) {
        sum += load<f32>(at(a, i * k + l)) * load<f32>(at(b, l * n + j));
      }
      store<f32>(at(out, i * n + j), sum);
    }
  }
}
