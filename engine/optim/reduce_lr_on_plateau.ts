/** Lowers the learning rate when a loss stops falling (torch.optim.lr_scheduler.ReduceLROnPlateau). */

export interface PlateauOptions {
  /** The rate is multiplied by it; default 0.1. */
  readonly factor?: number;
  /** Epochs without improvement that are allowed; the one after lowers the rate. Default 10. */
  readonly patience?: number;
  /** A loss is better below best · (1 − threshold); default 1e-4. */
  readonly threshold?: number;
  /** Epochs after a lowering during which none is counted as bad; default 0. */
  readonly cooldown?: number;
  /** Default 0. */
  readonly minLearningRate?: number;
  /** A lowering by less is not made; default 1e-8. */
  readonly eps?: number;
}

/** What a `ReduceLROnPlateau` continues from; JSON can hold it. */
export interface PlateauState {
  /** Lowest loss so far; null before the first. */
  readonly best: number | null;
  /** Epochs since then. */
  readonly bad: number;
  /** Epochs of the cooldown that are left. */
  readonly cooling: number;
}

/** Counts epochs without improvement and lowers an optimiser's rate after too many. */
export class ReduceLROnPlateau {
  readonly #target: { learningRate: number };
  readonly #options: Required<PlateauOptions>;
  #best = Infinity;
  #bad = 0;
  #cooling = 0;

  /** `target`, an optimiser, is what it lowers the rate of. */
  constructor(target: { learningRate: number }, options: PlateauOptions = {}) {
    this.#target = target;
    this.#options = {
      factor: 0.1,
      patience: 10,
      threshold: 1e-4,
      cooldown: 0,
      minLearningRate: 0,
      eps: 1e-8,
      ...options,
    };
    const { factor } = this.#options;
    if (!(factor < 1)) throw new Error(`ReduceLROnPlateau: factor must be below 1, got ${factor}`);
  }

  /** Takes an epoch's loss. NaN is never better. */
  step(loss: number): void {
    const { factor, patience, threshold, cooldown, minLearningRate, eps } = this.#options;
    if (loss < this.#best * (1 - threshold)) {
      this.#best = loss;
      this.#bad = 0;
    } else this.#bad++;
    if (this.#cooling > 0) {
      this.#cooling--;
      this.#bad = 0;
    }
    if (this.#bad <= patience) return;
    const before = this.#target.learningRate;
    const after = Math.max(before * factor, minLearningRate);
    if (before - after > eps) this.#target.learningRate = after;
    this.#cooling = cooldown;
    this.#bad = 0;
  }

  /** What it continues from; JSON can hold it. */
  state(): PlateauState {
    const best = this.#best === Infinity ? null : this.#best;
    return { best, bad: this.#bad, cooling: this.#cooling };
  }

  /** Continues from `state()`. */
  restore({ best, bad, cooling }: PlateauState): void {
    this.#best = best ?? Infinity;
    this.#bad = bad;
    this.#cooling = cooling;
  }
}
