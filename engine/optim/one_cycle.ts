/**
 * The one-cycle policy (Smith and Topin, "Super-Convergence", 2018) as torch.optim.lr_scheduler's
 * OneCycleLR with cosine annealing: the rate rises from maximum / divisor to the maximum, then falls
 * to a fraction of where it began. Momentum is left alone.
 */

export interface OneCycleOptions {
  readonly maxLearningRate: number;
  /** Steps of the optimiser in the whole cycle. */
  readonly totalSteps: number;
  /** Share of the steps that rise; default 0.3. */
  readonly warmup?: number;
  /** The first rate is the maximum over this; default 25. */
  readonly divisor?: number;
  /** The last rate is the first over this; default 1e4. */
  readonly finalDivisor?: number;
}

export class OneCycle {
  readonly #target: { learningRate: number };
  readonly #options: Required<OneCycleOptions>;
  #steps = 0;

  /** Sets the first rate. Throws where there is no step, or the share is outside 0…1. */
  constructor(target: { learningRate: number }, options: OneCycleOptions) {
    this.#target = target;
    this.#options = { warmup: 0.3, divisor: 25, finalDivisor: 1e4, ...options };
    const { totalSteps, warmup } = this.#options;
    if (!(Number.isInteger(totalSteps) && totalSteps > 0)) {
      throw new Error(`OneCycle: needs one step or more, got ${totalSteps}`);
    }
    if (!(warmup >= 0 && warmup <= 1)) {
      throw new Error(`OneCycle: warmup must be between 0 and 1, got ${warmup}`);
    }
    target.learningRate = this.#rate();
  }

  /** Sets the rate of the next step; after the cycle's last it stays. */
  step(): void {
    this.#steps = Math.min(this.#steps + 1, this.#options.totalSteps - 1);
    this.#target.learningRate = this.#rate();
  }

  state(): { readonly steps: number } {
    return { steps: this.#steps };
  }

  restore({ steps }: { readonly steps: number }): void {
    this.#steps = steps;
    this.#target.learningRate = this.#rate();
  }

  #rate(): number {
    const { maxLearningRate: max, totalSteps, warmup, divisor, finalDivisor } = this.#options;
    const first = max / divisor;
    const peak = warmup * totalSteps - 1;
    if (this.#steps <= peak) return anneal(first, max, peak === 0 ? 1 : this.#steps / peak);
    return anneal(max, first / finalDivisor, (this.#steps - peak) / (totalSteps - 1 - peak));
  }
}

/** Half a cosine wave from `from` (share 0) to `to` (share 1). */
function anneal(from: number, to: number, share: number): number {
  return to + (from - to) / 2 * (1 + Math.cos(Math.PI * share));
}
