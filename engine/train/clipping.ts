/** Clipping by norm where several networks learn side by side: each has a norm of its own. */
import { learners } from "../nn/ensemble.ts";
import type { Module } from "../nn/module.ts";
import { clipGradNorm } from "../optim/clip.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Of each parameter the factor that brings all gradients of its network to a norm of `most` at most,
 * as `Optimizer.step` takes it.
 */
export function clippedTo<In>(most: number, model: Module<In>): (weights: Tensor) => Tensor {
  const scales = new Map<Tensor, Tensor>();
  for (const learner of learners(model)) {
    const parameters = [...learner.parameters().values()];
    const scale = clipGradNorm(parameters, most);
    for (const weights of parameters) scales.set(weights, scale);
  }
  return (weights) => scales.get(weights)!;
}
