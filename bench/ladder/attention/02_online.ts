// What changed: no T×T matrix. A query goes through the keys once with a running maximum, a running sum and the
// weighted sum of values, scaled down whenever the maximum grows (Rabe and Staats 2021); dot products and sums
// run four channels at a time. Why it should help: nothing but q, k, v and the result travels, along rows. What
// stays: each key is read anew for each query; the last rung multiplies blocks of queries by blocks of keys with
// the microkernel of matmul.
import { at, float, int, ptr } from "../../../engine/cpu/kernels/abi";

/** attentionOnline: q, k, v, out [B, T, H·D]; heads, T, D, scale. Items: queries of all heads. */
export function attentionOnline(p: usize, start: i32, end: i32): void {
  const heads = int(p, 4), T = int(p, 5), D = int(p, 6), scale = float(p, 7);
  for (let item = start; item < end; item++) {
    const query = item % T, head = item / T % heads, clip = item / T / heads;
    const from = ((clip * T + query) * heads + head) * D, q = at(ptr(p, 0), from);
    const out = at(ptr(p, 3), from);
    memory.fill(out, 0, <usize> D << 2);
    let largest: f32 = -f32.MAX_VALUE, total: f32 = 0;
    for (let key = 0; key < T; key++) {
      const row = ((clip * T + key) * heads + head) * D;
      const score = dot(q, at(ptr(p, 1), row), D) * scale;
      if (score > largest) {
        const shrink = Mathf.exp(largest - score);
        total *= shrink;
        multiply(out, D, shrink);
        largest = score;
      }
      const weight = Mathf.exp(score - largest);
      total += weight;
      addScaled(out, at(ptr(p, 2), row), D, weight);
    }
    multiply(out, D, 1 / total);
  }
}

function dot(x: usize, y: usize, n: i32): f32 {
  let sums = f32x4.splat(0);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    sums = f32x4.relaxed_madd(v128.load(at(x, i)), v128.load(at(y, i)), sums);
  }
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) +
    f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
  for (; i < n; i++) sum += load<f32>(at(x, i)) * load<f32>(at(y, i));
  return sum;
}

/** to += factor · from. */
function addScaled(to: usize, from: usize, n: i32, factor: f32): void {
  const s = f32x4.splat(factor);
  let i = 0;
  for (; i + 4 <= n; i += 4) {
    v128.store(at(to, i), f32x4.relaxed_madd(s, v128.load(at(from, i)), v128.load(at(to, i))));
  }
  for (; i < n; i++) {
    store<f32>(at(to, i), load<f32>(at(to, i)) + factor * load<f32>(at(from, i)));
  }
}

function multiply(to: usize, n: i32, factor: f32): void {
  for (let i = 0; i < n; i++) store<f32>(at(to, i), load<f32>(at(to, i)) * factor);
}
