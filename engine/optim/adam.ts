/** Adam (Kingma and Ba 2015) with L2 weight decay, as torch.optim.Adam. */
import { adamStep } from "../ops/optimizer.ts";
import type { Tensor } from "../tensor.ts";
import { Optimizer } from "./optimizer.ts";

/** Settings of Adam and AdamW. */
export interface AdamOptions {
  /** Default 1e-3. */
  readonly learningRate?: number;
  /** Decay of the running mean and of the running square; default 0.9, 0.999. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly eps?: number;
  /** Default 0 (Adam), 0.01 (AdamW). */
  readonly weightDecay?: number;
  /** Factors on the learning rate by parameter, as for layer-wise decay; default 1 each. */
  readonly factors?: Readonly<Record<string, number>>;
}

/** Steps sized by running means of each gradient and of its square. */
export class Adam extends Optimizer {
  readonly #betas: readonly [number, number];
  readonly #eps: number;
  /** As the options gave it. */
  protected readonly weightDecay: number;

  /** `parameters` as `Module.parameters` names them. */
  constructor(parameters: ReadonlyMap<string, Tensor>, options: AdamOptions = {}) {
    const { learningRate = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0 } = options;
    super(parameters, { learningRate, slots: ["m", "v"], factors: options.factors });
    this.#betas = betas;
    this.#eps = eps;
    this.weightDecay = weightDecay;
  }

  /** How decay enters a step: added to the gradient, times the weights. */
  protected decay(_rate: number): { decay: number; shrink: number } {
    return { decay: this.weightDecay, shrink: 1 };
  }

  /** One parameter's step. */
  protected override update(
    { name, count, rate, ...tensors }: Parameters<Optimizer["update"]>[0],
  ): void {
    const [beta1, beta2] = this.#betas;
    adamStep({ ...tensors, m: this.slot("m", name), v: this.slot("v", name) }, {
      size: rate / (1 - beta1 ** count),
      root: 1 / Math.sqrt(1 - beta2 ** count),
      eps: this.#eps,
      beta1,
      beta2,
      count,
      ...this.decay(rate),
    });
  }
}
