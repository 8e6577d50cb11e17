/** Stochastic gradient descent with momentum (torch.optim.SGD). */
import { sgdStep } from "../ops/optimizer.ts";
import type { Tensor } from "../tensor.ts";
import { Optimizer } from "./optimizer.ts";

/** Settings of `Sgd`. */
export interface SgdOptions {
  /** Step size. */
  readonly learningRate: number;
  /** Share of the velocity that stays; default 0. */
  readonly momentum?: number;
  /** The gradient enters the velocity by 1 − dampening, from the second step on. */
  readonly dampening?: number;
  /** Added to the gradient, times the weights. */
  readonly weightDecay?: number;
  /** Looks ahead along the velocity (Nesterov); default false. */
  readonly nesterov?: boolean;
}

/** Steps along the gradient, or along a velocity that gathers it. */
export class Sgd extends Optimizer {
  readonly #options: Required<Omit<SgdOptions, "learningRate">>;

  /** Throws where Nesterov's variant is asked for without momentum, or with dampening. */
  constructor(parameters: ReadonlyMap<string, Tensor>, options: SgdOptions) {
    const { learningRate, momentum = 0, dampening = 0, weightDecay = 0, nesterov = false } =
      options;
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw new Error("Sgd: nesterov needs a momentum above 0 and no dampening");
    }
    super(parameters, { learningRate, slots: momentum === 0 ? [] : ["velocity"] });
    this.#options = { momentum, dampening, weightDecay, nesterov };
  }

  /** One parameter's step. */
  protected override update(
    { name, count, rate, ...tensors }: Parameters<Optimizer["update"]>[0],
  ): void {
    const { momentum, dampening, weightDecay, nesterov } = this.#options;
    const velocity = momentum === 0 ? undefined : this.slot("velocity", name);
    sgdStep({ ...tensors, velocity }, {
      rate,
      decay: weightDecay,
      momentum,
      weight: count === 1 ? 1 : 1 - dampening,
      nesterov,
    });
  }
}
