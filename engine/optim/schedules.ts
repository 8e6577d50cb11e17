/**
 * Learning rates by the step: what the highest rate is multiplied by at step 0, 1, … of all. Being
 * functions of the step alone, they need no state of their own to go on from.
 */

/**
 * The one-cycle policy (Smith and Topin, "Super-Convergence", 2018) as torch.optim.lr_scheduler's
 * OneCycleLR with cosine annealing: up from 1 / divisor to 1 over the share `warmup` of the steps,
 * then down to 1 / divisor / finalDivisor. Momentum is left alone.
 */
export function oneCycle(
  step: number,
  { steps, warmup = 0.3, divisor = 25, finalDivisor = 1e4 }: {
    readonly steps: number;
    readonly warmup?: number;
    readonly divisor?: number;
    readonly finalDivisor?: number;
  },
): number {
  const first = 1 / divisor;
  const top = warmup * steps - 1;
  const at = Math.min(step, steps - 1);
  if (at <= top) return anneal(first, 1, top === 0 ? 1 : at / top);
  return anneal(1, first / finalDivisor, (at - top) / (steps - 1 - top));
}

/** Half a cosine wave from `from` (share 0) to `to` (share 1). */
function anneal(from: number, to: number, share: number): number {
  return to + (from - to) / 2 * (1 + Math.cos(Math.PI * share));
}

/** Up from 0 to 1, then down to 0, in straight lines (transformers.get_linear_schedule_with_warmup). */
export function warmupLinear(
  step: number,
  { steps, warmupSteps }: { readonly steps: number; readonly warmupSteps: number },
): number {
  if (step < warmupSteps) return step / warmupSteps;
  return Math.max(0, (steps - step) / Math.max(1, steps - warmupSteps));
}
