// What changed: Cooley and Tukey's halving, as Stockham ordered it (no bit reversal): log2 N passes of N/2
// butterflies, between two buffers. Why it should help: N log N instead of N² operations. What stays: one number
// at a time, log2 N passes where radix 4 needs half as many, and a real signal worked as a complex one whose
// imaginary parts are 0, twice the work. The last rung mends all three.
import { at, int, ptr, threadId } from "../../../engine/cpu/kernels/abi";

/** fftRadix2: x [items, N], table [N, 2], scratch [threads, 4N], out [items, N/2 + 1, 2]; N. Items: transforms. */
export function fftRadix2(p: usize, start: i32, end: i32): void {
  const table = ptr(p, 1), n = int(p, 4);
  const scratch = at(ptr(p, 2), threadId * 4 * n);
  for (let item = start; item < end; item++) {
    const signal = at(ptr(p, 0), item * n), out = at(ptr(p, 3), item * (n + 2));
    let x = scratch, y = at(scratch, 2 * n);
    for (let j = 0; j < n; j++) {
      store<f32>(at(x, 2 * j), load<f32>(at(signal, j)));
      store<f32>(at(x, 2 * j + 1), 0);
    }
    for (let s = 1; s < n; s <<= 1) {
      for (let j = 0; j < n >> 1; j++) {
        const q = j & (s - 1), first = j - q;
        const a = at(x, 2 * j), b = at(x, 2 * j + n), w = at(table, 2 * first);
        const ar = load<f32>(a), ai = load<f32>(a, 4), br = load<f32>(b), bi = load<f32>(b, 4);
        const wr = load<f32>(w), wi = load<f32>(w, 4), dr = ar - br, di = ai - bi;
        const even = at(y, 2 * (q + 2 * first)), odd = at(even, 2 * s);
        store<f32>(even, ar + br);
        store<f32>(even, ai + bi, 4);
        store<f32>(odd, dr * wr - di * wi);
        store<f32>(odd, dr * wi + di * wr, 4);
      }
      const z = x;
      x = y;
      y = z;
    }
    memory.copy(out, x, <usize> (n + 2) << 2);
  }
}
