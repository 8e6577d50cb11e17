/** Stops training when a loss has not reached a new low for a number of epochs. */

export interface EarlyStoppingState {
  /** Lowest loss so far; null before the first. */
  readonly best: number | null;
  /** Epochs since then. */
  readonly bad: number;
}

/** Counts the epochs since the lowest loss. */
export class EarlyStopping {
  readonly #patience: number;
  readonly #minDelta: number;
  #best = Infinity;
  #bad = 0;

  /** `patience` epochs without a loss below the lowest − `minDelta` (default 0) stop the training. */
  constructor({ patience, minDelta = 0 }: { patience: number; minDelta?: number }) {
    this.#patience = patience;
    this.#minDelta = minDelta;
  }

  /** Whether it is time. */
  get stopped(): boolean {
    return this.#bad >= this.#patience;
  }

  /** Takes an epoch's loss; whether it is a new low. NaN never is. */
  step(loss: number): boolean {
    const improved = loss < this.#best - this.#minDelta;
    if (improved) {
      this.#best = loss;
      this.#bad = 0;
    } else this.#bad++;
    return improved;
  }

  /** What it continues from; JSON can hold it. */
  state(): EarlyStoppingState {
    return { best: this.#best === Infinity ? null : this.#best, bad: this.#bad };
  }

  /** Continues from `state()`. */
  restore({ best, bad }: EarlyStoppingState): void {
    this.#best = best ?? Infinity;
    this.#bad = bad;
  }
}
