// The definition, one number at a time: the row's maximum, the sum of exp(x − maximum), the quotients. The
// library's exponential is computed twice for each element, and it, not memory, sets the speed.
import { at, int, ptr } from "../../../engine/cpu/kernels/abi";

/** softmaxNaive: x, out; n. Items: rows. */
export function softmaxNaive(p: usize, start: i32, end: i32): void {
  const n = int(p, 2);
  for (let row = start; row < end; row++) {
    const x = at(ptr(p, 0), row * n), out = at(ptr(p, 1), row * n);
    let largest = load<f32>(x);
    for (let i = 1; i < n; i++) largest = max(largest, load<f32>(at(x, i)));
    let total: f32 = 0;
    for (let i = 0; i < n; i++) total += Mathf.exp(load<f32>(at(x, i)) - largest);
    for (let i = 0; i < n; i++) {
      store<f32>(at(out, i), Mathf.exp(load<f32>(at(x, i)) - largest) / total);
    }
  }
}
