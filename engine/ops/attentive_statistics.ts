/**
 * Attentive statistics pooling (Okabe et al., "Attentive Statistics Pooling for Deep Speaker
 * Embedding", 2018): mean and standard deviation over time, frames weighted by a softmax of scores.
 */
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { maximum, mul, sqrt, square, sub } from "./elementwise.ts";
import { maskFrames } from "./mask_frames.ts";
import { maskedSoftmax } from "./masked_pool.ts";
import { concat, reshape } from "./movement.ts";
import { sum } from "./reduce.ts";

/**
 * x and scores [B, T, C], lengths i32 [B] → [B, 2C]: weighted means, then weighted standard
 * deviations √max(variance, eps), of each channel over its clip's valid frames. eps defaults to
 * 1e-5. Scores [B, T, 1] weight all channels alike.
 */
export function attentiveStatistics(
  x: Tensor,
  scores: Tensor,
  lengths: Tensor,
  { eps = 1e-5 }: { readonly eps?: number } = {},
): Tensor {
  const [B, T, C] = x.shape;
  if (!sameShape(scores.shape, x.shape) && !sameShape(scores.shape, [B, T, 1])) {
    throw new Error(
      `attentiveStatistics: scores must be ${[B, T, C].join("×")} or ${[B, T, 1].join("×")}, got ${
        scores.shape.join("×")
      }`,
    );
  }
  const valid = maskFrames(x, lengths);
  const weights = maskedSoftmax(scores, lengths);
  const mean = sum(mul(weights, valid), { axes: 1 }); // [B, C]
  const centred = sub(valid, reshape(mean, [B, 1, C]));
  const variance = sum(mul(weights, square(centred)), { axes: 1 });
  return concat([mean, sqrt(maximum(variance, eps))], 1);
}
