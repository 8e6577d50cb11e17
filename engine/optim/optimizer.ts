/**
 * What all optimisers share: named parameters, state tensors of their shapes, a count of steps for
 * each parameter (one without a gradient is passed over, as PyTorch does), and a state that can be
 * saved and restored to the same bits.
 */
import { UserError } from "../error.ts";
import { zeros } from "../ops/create.ts";
import type { Tensor } from "../tensor.ts";

/** An optimiser's state beside its tensors; JSON can hold it. */
export interface OptimizerNumbers {
  /** The rate of the next step. */
  readonly learningRate: number;
  /** Steps taken by each parameter. */
  readonly steps: Readonly<Record<string, number>>;
}

/** Named parameters and their states; a kind of optimiser says what `update` does. */
export abstract class Optimizer {
  /** May be changed between steps. */
  learningRate: number;
  readonly #parameters: ReadonlyMap<string, Tensor>;
  readonly #factors: Readonly<Record<string, number>>;
  readonly #steps = new Map<string, number>();
  readonly #state = new Map<string, Tensor>();

  /**
   * `slots` name the state tensors kept for each parameter, all zero at first; `factors` multiply
   * the learning rate of the parameters they name. Throws where a factor names none.
   */
  constructor(
    parameters: ReadonlyMap<string, Tensor>,
    options: {
      readonly learningRate: number;
      readonly slots: readonly string[];
      readonly factors?: Readonly<Record<string, number>>;
    },
  ) {
    this.learningRate = options.learningRate;
    this.#parameters = new Map(parameters);
    this.#factors = options.factors ?? {};
    const stranger = Object.keys(this.#factors).find((name) => !parameters.has(name));
    if (stranger !== undefined) throw new Error(`optimiser: no parameter ${stranger} for a factor`);
    for (const [name, t] of parameters) {
      this.#steps.set(name, 0);
      for (const slot of options.slots) {
        this.#state.set(`${slot}.${name}`, t.device.keep(zeros(t.device, t.shape)));
      }
    }
  }

  /**
   * Updates every parameter that has a gradient. The first value of `scale` (of each parameter's own,
   * where it is a function) multiplies the gradients (see `clipGradNorm`).
   */
  step(scale?: Tensor | ((weights: Tensor) => Tensor)): void {
    for (const [name, weights] of this.#parameters) {
      const { grad, device } = weights;
      if (!grad) continue;
      const count = this.#steps.get(name)! + 1;
      this.#steps.set(name, count);
      const own = typeof scale === "function" ? scale(weights) : scale;
      const factor = own ?? device.constant("one", () => Float32Array.of(1));
      const rate = this.learningRate * (this.#factors[name] ?? 1);
      this.update({ name, weights, grad, scale: factor, count, rate });
    }
  }

  /** Frees all gradients. */
  zeroGrad(): void {
    for (const t of this.#parameters.values()) {
      t.grad?.dispose();
      t.grad = null;
    }
  }

  /** State tensors by name, `SLOT.PARAMETER`; fill them to restore. */
  tensors(): Map<string, Tensor> {
    return new Map(this.#state);
  }

  /** What `restore` takes. */
  numbers(): OptimizerNumbers {
    return { learningRate: this.learningRate, steps: Object.fromEntries(this.#steps) };
  }

  /** Goes on from `numbers()`; the tensors are the caller's to refill. */
  restore({ learningRate, steps }: OptimizerNumbers): void {
    for (const name of this.#parameters.keys()) {
      const count = steps[name];
      if (count === undefined) throw new UserError(`optimiser state: ${name} is missing`);
      this.#steps.set(name, count);
    }
    this.learningRate = learningRate;
  }

  /** Frees the state tensors; parameters are the model's. */
  dispose(): void {
    for (const t of this.#state.values()) t.dispose();
  }

  /** `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  /** One parameter's step, its `count`-th. */
  protected abstract update(parameter: {
    readonly name: string;
    readonly weights: Tensor;
    readonly grad: Tensor;
    readonly scale: Tensor;
    readonly count: number;
    /** The learning rate of this parameter. */
    readonly rate: number;
  }): void;

  /** The state tensor `slot` of a parameter. */
  protected slot(slot: string, name: string): Tensor {
    return this.#state.get(`${slot}.${name}`)!;
  }
}
