/**
 * Means and softmax over the valid frames of a padded batch: x [B, T, C], lengths i32 [B]. Padding
 * counts for nothing, whatever it holds, and gets no gradient.
 */
import type { Tensor } from "../tensor.ts";
import { full } from "./create.ts";
import { div, maximum } from "./elementwise.ts";
import { maskFrames } from "./mask_frames.ts";
import { sum } from "./reduce.ts";
import { softmax } from "./softmax.ts";

/** Below every score there is, and finite: its exponential beside any of them is 0. */
const LOWEST = -3e38;

/** Mean over the first lengths[b] frames → [B, C]; 0 where there are none. */
export function maskedMean(x: Tensor, lengths: Tensor): Tensor {
  const ones = full(x.device, [x.shape[0], x.shape[1], 1], 1);
  const frames = maximum(sum(maskFrames(ones, lengths), { axes: 1 }), 1); // [B, 1]
  return div(sum(maskFrames(x, lengths), { axes: 1 }), frames);
}

/** Softmax over the first lengths[b] frames, each channel by itself → [B, T, C]; 0 in padding. */
export function maskedSoftmax(x: Tensor, lengths: Tensor): Tensor {
  return maskFrames(softmax(maskFrames(x, lengths, LOWEST), 1), lengths);
}
