// The definition, as three kernels with the whole T×T matrix of every head in memory between them: scores
// S = scale · q kᵀ, softmax of its rows (softmax/01_naive.ts), and out = S · v, one multiply-add at a time.
import { at, float, int, ptr } from "../../../engine/cpu/kernels/abi";

/** attentionScores: q, k [B, T, H·D], out [B, H, T, T]; heads, T, D, scale. Items: rows of the scores. */
export function attentionScores(p: usize, start: i32, end: i32): void {
  const heads = int(p, 3), T = int(p, 4), D = int(p, 5), scale = float(p, 6);
  for (let item = start; item < end; item++) {
    const query = item % T, head = item / T % heads, clip = item / T / heads;
    const q = at(ptr(p, 0), ((clip * T + query) * heads + head) * D);
    for (let key = 0; key < T; key++) {
      const k = at(ptr(p, 1), ((clip * T + key) * heads + head) * D);
      let sum: f32 = 0;
      for (let d = 0; d < D; d++) sum += load<f32>(at(q, d)) * load<f32>(at(k, d));
      store<f32>(at(ptr(p, 2), item * T + key), sum * scale);
    }
  }
}

/** attentionMix: probabilities [B, H, T, T], v, out [B, T, H·D]; heads, T, D. Items: rows of the probabilities. */
export function attentionMix(p: usize, start: i32, end: i32): void {
  const heads = int(p, 3), T = int(p, 4), D = int(p, 5);
  for (let item = start; item < end; item++) {
    const query = item % T, head = item / T % heads, clip = item / T / heads;
    const row = at(ptr(p, 0), item * T);
    const out = at(ptr(p, 2), ((clip * T + query) * heads + head) * D);
    for (let d = 0; d < D; d++) {
      let sum: f32 = 0;
      for (let key = 0; key < T; key++) {
        const v = at(ptr(p, 1), ((clip * T + key) * heads + head) * D);
        sum += load<f32>(at(row, key)) * load<f32>(at(v, d));
      }
      store<f32>(at(out, d), sum);
    }
  }
}
