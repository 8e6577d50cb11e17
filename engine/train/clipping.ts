/** What gradients are multiplied by where several networks learn side by side: each has a norm of its own. */
import { learners } from "../nn/ensemble.ts";
import type { Module } from "../nn/module.ts";
import { clipGradNorm } from "../optim/clip.ts";
import type { LossScaler } from "../optim/loss_scaler.ts";
import type { Tensor } from "../tensor.ts";

/**
 * Of each parameter the factor that brings all gradients of its network to a norm of `most` at most
 * (null: any), and undoes what `scaler` did to the loss, as `Optimizer.step` takes it.
 */
export function gradientFactors<In>(
  model: Module<In>,
  { most, scaler }: { readonly most: number | null; readonly scaler: LossScaler | null },
): ((weights: Tensor) => Tensor) | undefined {
  if (most === null && !scaler) return undefined;
  const networks = learners(model).map((network) => [...network.parameters().values()]);
  const factors = scaler
    ? scaler.factors(networks, most)
    : networks.map((parameters) => clipGradNorm(parameters, most!));
  const of = new Map(networks.flatMap((all, i) => all.map((weights) => [weights, factors[i]])));
  return (weights) => of.get(weights)!;
}
