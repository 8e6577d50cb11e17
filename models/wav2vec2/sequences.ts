/** Helpers for batches of sequences that were padded to the longest. */
import type { Sequences } from "../../engine/nn/sequences.ts";
import { maskFrames } from "../../engine/ops/mask_frames.ts";
import { maskedMean } from "../../engine/ops/masked_pool.ts";
import { mean } from "../../engine/ops/reduce.ts";
import type { Tensor } from "../../engine/tensor.ts";

/** A batch of the given lengths, `[B, T, C]`. */
export function sequencesOf(values: Tensor, hostLengths: Int32Array): Sequences {
  return { values, lengths: values.device.tensor(hostLengths), hostLengths };
}

/** Whether some sequence is shorter than the batch. */
export function isPadded({ values, hostLengths }: Sequences): boolean {
  return hostLengths.some((length) => length < values.shape[1]);
}

/** The same batch with zeros past each sequence's end. */
export function withZerosPastEnds(x: Sequences): Sequences {
  return isPadded(x) ? { ...x, values: maskFrames(x.values, x.lengths) } : x;
}

/** Averages over each sequence's own frames, `[B, T, C]` → `[B, C]`. */
export function average(x: Sequences): Tensor {
  return isPadded(x) ? maskedMean(x.values, x.lengths) : mean(x.values, { axes: 1 });
}
