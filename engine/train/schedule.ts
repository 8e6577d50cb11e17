/** Learning rates that depend on the step alone; the plateau's depends on losses and is a class of its own. */

export type Schedule =
  | {
    /** torch.optim.lr_scheduler.OneCycleLR: cosine up from peak / 25 over 30 % of the steps, down to a 250,000th. */
    readonly kind: "one-cycle";
  }
  | {
    /** transformers' get_linear_schedule_with_warmup: up over a share of the steps, then down to 0. */
    readonly kind: "linear";
    readonly warmup: number;
  };

const RISE = 0.3;
const START = 1 / 25;
const END = START / 1e4;

/** What the peak rate is multiplied by at a step (from 0) of all. */
export function rateFactor(schedule: Schedule, step: number, steps: number): number {
  if (schedule.kind === "linear") {
    const warm = Math.round(schedule.warmup * steps);
    if (step < warm) return step / Math.max(1, warm);
    return Math.max(0, (steps - step) / Math.max(1, steps - warm));
  }
  const top = RISE * steps - 1;
  return step <= top
    ? cosine(START, 1, step / top)
    : cosine(1, END, (step - top) / (steps - 1 - top));
}

function cosine(from: number, to: number, share: number): number {
  return to + (from - to) / 2 * (1 + Math.cos(Math.PI * share));
}
