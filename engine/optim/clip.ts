/** Clipping of gradients by their common norm (Pascanu et al. 2013), without a read-back. */
import { gradNormScale } from "../ops/optimizer.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Factor and norm, [2] on the device: the factor brings the 2-norm of all gradients together to
 * `maxNorm` at most (torch.nn.utils.clip_grad_norm_). Hand the tensor to an optimiser's `step`,
 * which multiplies by its first value. Throws where no parameter has a gradient.
 */
export function clipGradNorm(parameters: Iterable<Tensor>, maxNorm: number): Tensor {
  return gradNormScale([...parameters].flatMap((t) => t.grad ?? []), maxNorm);
}
