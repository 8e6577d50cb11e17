/**
 * Dynamic loss scaling (Micikevicius et al., "Mixed Precision Training", 2018) as one op on the device:
 * whether all gradients are finite, by what each network's are multiplied, and the scale of the next
 * step. Nothing is read back: an optimiser's step sees a factor below 0 and leaves all as it is.
 */
import { f32 } from "../backend.ts";
import { defineOp } from "../op.ts";
import { concat, reshape, slice } from "./movement.ts";
import { gradNormScale } from "./optimizer.ts";
import type { Tensor } from "../tensor.ts";

export interface LossScaleAttrs {
  /** Norm that each network's gradients are brought to at most, unscaled; null: no limit. */
  readonly maxNorm: number | null;
  /** Good steps in a row after which the scale doubles. */
  readonly interval: number;
}

const lossScaleOp = defineOp<LossScaleAttrs>({
  name: "lossScale",
  infer: ([_scale, _counts, norms]) => [{ shape: [norms.shape[0], 3], dtype: "f32" }],
  cpu: ({ inputs, outputs: [out], attrs }) => [{
    kernel: "lossScale",
    buffers: [...inputs, out].map((t) => t.memory),
    params: paramsOf(inputs[2].shape[0], attrs),
    items: 1,
  }],
  gpu: ({ inputs, outputs: [out], attrs }) => [{
    shader: "loss_scale",
    buffers: [...inputs, out].map((t) => t.memory),
    params: paramsOf(inputs[2].shape[0], attrs),
    grid: [1, 1, 1],
  }],
  mutates: [0, 1],
  backward: null,
});

function paramsOf(networks: number, { maxNorm, interval }: LossScaleAttrs) {
  return [networks, interval, Number(maxNorm !== null), f32(maxNorm ?? 0)];
}

/**
 * Ends a step whose loss was multiplied by `scale` [1]. For each network's gradients a tensor [3]: the
 * factor for them, which undoes the scale and clips; their norm without the scale; the steps skipped so
 * far. Where any gradient is not finite all factors are −1, which an optimiser takes for "skip", and the
 * scale is halved; after `interval` good steps in a row it doubles. It stays within 2^±24. `counts` [2]
 * holds those good steps and the skipped ones.
 */
export function endScaledStep(
  { scale, counts }: { readonly scale: Tensor; readonly counts: Tensor },
  gradients: readonly (readonly Tensor[])[],
  attrs: LossScaleAttrs,
): Tensor[] {
  const norms = gradients.map((of) => reshape(gradNormScale(of, 1), [1, 2]));
  const all = norms.length === 1 ? norms[0] : concat(norms);
  const [out] = lossScaleOp.apply([scale, counts, all], attrs);
  if (norms.length === 1) return [reshape(out, [3])];
  return norms.map((_, i) => reshape(slice(out, [{ begin: i, end: i + 1 }]), [3]));
}
