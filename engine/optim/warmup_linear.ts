/**
 * Linear warm-up from 0 to the optimiser's own rate, then linear decay to 0
 * (transformers.get_linear_schedule_with_warmup).
 */

export interface WarmupLinearOptions {
  readonly warmupSteps: number;
  /** Steps of the optimiser, warm-up included. */
  readonly totalSteps: number;
}

export class WarmupLinear {
  readonly #target: { learningRate: number };
  readonly #options: WarmupLinearOptions;
  readonly #peak: number;
  #steps = 0;

  /** Takes the target's rate as the highest, and sets the first. */
  constructor(target: { learningRate: number }, options: WarmupLinearOptions) {
    this.#target = target;
    this.#options = options;
    this.#peak = target.learningRate;
    this.#set();
  }

  /** Sets the rate of the next step. */
  step(): void {
    this.#steps++;
    this.#set();
  }

  state(): { readonly steps: number } {
    return { steps: this.#steps };
  }

  restore({ steps }: { readonly steps: number }): void {
    this.#steps = steps;
    this.#set();
  }

  #set(): void {
    const { warmupSteps, totalSteps } = this.#options;
    const share = this.#steps < warmupSteps
      ? this.#steps / warmupSteps
      : Math.max(0, (totalSteps - this.#steps) / Math.max(1, totalSteps - warmupSteps));
    this.#target.learningRate = this.#peak * share;
  }
}
