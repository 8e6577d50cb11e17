/** Schedules of the learning rate as a recipe names them; a plateau's depends on losses and is none of these. */
import { oneCycle, warmupLinear } from "../optim/schedules.ts";

/** Which rule, and its settings. */
export type Schedule =
  | { readonly kind: "one-cycle" }
  | {
    readonly kind: "linear";
    /** Share of the steps that rise. */
    readonly warmup: number;
  };

/** What the highest rate is multiplied by at a step (from 0) of all. */
export function rateFactor(schedule: Schedule, step: number, steps: number): number {
  return schedule.kind === "one-cycle"
    ? oneCycle(step, { steps })
    : warmupLinear(step, { steps, warmupSteps: Math.round(schedule.warmup * steps) });
}
