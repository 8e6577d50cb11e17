// What changed: maximum and sum in one loop, the sum scaled down whenever a larger maximum appears (Milakov and
// Gimelshein 2018). Why it should help: the row is read twice instead of three times. On a processor whose cache
// holds the row there is little to win so: the exponential is what costs, and the last rung computes four at a
// time and keeps them.
import { at, int, ptr } from "../../../engine/cpu/kernels/abi";

/** softmaxOnline: x, out; n. Items: rows. */
export function softmaxOnline(p: usize, start: i32, end: i32): void {
  const n = int(p, 2);
  for (let row = start; row < end; row++) {
    const x = at(ptr(p, 0), row * n), out = at(ptr(p, 1), row * n);
    let largest = load<f32>(x);
    let total: f32 = 1;
    for (let i = 1; i < n; i++) {
      const value = load<f32>(at(x, i));
      if (value > largest) {
        total *= Mathf.exp(largest - value);
        largest = value;
      }
      total += Mathf.exp(value - largest);
    }
    const factor: f32 = 1 / total;
    for (let i = 0; i < n; i++) {
      store<f32>(at(out, i), Mathf.exp(load<f32>(at(x, i)) - largest) * factor);
    }
  }
}
