/** Clipping of gradients by their common norm (Pascanu et al. 2013), without a read-back. */
import { gradNormScale } from "../ops/optimizer.ts";
import type { Tensor } from "../tensor.ts";

/**
 * The factor, [1] on the device, that brings the 2-norm of all gradients together to `maxNorm` at
 * most (torch.nn.utils.clip_grad_norm_); hand it to an optimiser's `step`, which multiplies by it.
 * `undefined` where no parameter has a gradient.
 */
export function clipGradNorm(parameters: Iterable<Tensor>, maxNorm: number): Tensor | undefined {
  const grads = [...parameters].flatMap((t) => t.grad ?? []);
  if (grads.length === 0) return undefined;
  const { scale, norm } = gradNormScale(grads, maxNorm);
  norm.dispose();
  return scale;
}
