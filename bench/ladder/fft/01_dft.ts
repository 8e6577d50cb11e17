// The definition: X[k] = Σ x[j] e^(−2πi jk/N) for N/2 + 1 bins of a real signal, O(N²). The factors come from a table
// of N, since jk need only be known modulo N, a power of two.
import { at, int, ptr } from "../../../engine/cpu/kernels/abi";

/** fftDft: x [items, N], table [N, 2], out [items, N/2 + 1, 2]; N. Items: transforms. */
export function fftDft(p: usize, start: i32, end: i32): void {
  const table = ptr(p, 1), n = int(p, 3);
  for (let item = start; item < end; item++) {
    const x = at(ptr(p, 0), item * n), out = at(ptr(p, 2), item * (n + 2));
    for (let k = 0; 2 * k <= n; k++) {
      let re: f32 = 0, im: f32 = 0;
      for (let j = 0; j < n; j++) {
        const w = at(table, (j * k & (n - 1)) << 1), value = load<f32>(at(x, j));
        re += value * load<f32>(w);
        im += value * load<f32>(w, 4);
      }
      store<f32>(at(out, 2 * k), re);
      store<f32>(at(out, 2 * k + 1), im);
    }
  }
}
