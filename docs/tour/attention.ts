/** Attention over blocks of keys with a running maximum and sum, held against the whole matrix. */
import { matmul, mul, normal, openDevice, Random, softmax } from "../../engine/mod.ts";
import { below, distance, fixed } from "./format.ts";

const T = 64, D = 8, BLOCK = 16;

/** One query against all keys, a block at a time; what it remembers does not grow with T. */
function online(
  q: ArrayLike<number>,
  k: Float32Array,
  v: Float32Array,
  watch?: (s: string) => void,
) {
  let top = -Infinity; // largest score so far
  let sum = 0; // Σ e^(score − top)
  const out = new Float64Array(D); // Σ e^(score − top) · value
  for (let start = 0; start < T; start += BLOCK) {
    const scores = Float64Array.from({ length: BLOCK }, (_, j) => {
      let dot = 0;
      for (let d = 0; d < D; d++) dot += q[d] * k[(start + j) * D + d];
      return dot / Math.sqrt(D);
    });
    const newTop = Math.max(top, ...scores);
    const shrink = Math.exp(top - newTop); // what was summed under the old maximum
    sum *= shrink;
    for (let d = 0; d < D; d++) out[d] *= shrink;
    scores.forEach((score, j) => {
      const weight = Math.exp(score - newTop);
      sum += weight;
      for (let d = 0; d < D; d++) out[d] += weight * v[(start + j) * D + d];
    });
    top = newTop;
    watch?.(
      `keys ${start} to ${start + BLOCK - 1}: maximum ${fixed(top, 3)}, ` +
        `shrink ${fixed(shrink, 3)}, sum ${fixed(sum, 3)}`,
    );
  }
  return out.map((value) => value / sum);
}

export async function run(print: (line: string) => void): Promise<void> {
  using device = await openDevice("cpu");
  const random = Random.of(4, "attention");
  const [q, k, v] = [0, 1, 2].map(() => normal(device, [T, D], random));
  const scores = mul(matmul(q, k, { transposeB: true }), 1 / Math.sqrt(D)); // T×T
  const direct = await matmul(softmax(scores), v).data();
  const [qs, ks, vs] = await Promise.all([q, k, v].map((t) => t.data() as Promise<Float32Array>));
  const rows = Array.from(
    { length: T },
    (_, i) => online(qs.subarray(i * D, (i + 1) * D), ks, vs, i === 0 ? print : undefined),
  );
  const error = distance(rows.flatMap((row) => [...row]), direct);
  print(`largest difference from softmax(QKᵀ/√d)V: ${below(error, 1e-5)}`);
  const kept = D + 2;
  print(`a query keeps ${kept} numbers instead of ${T}; at T = 3000 instead of 3000`);
}
