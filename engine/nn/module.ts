/**
 * Module: a part of a network that owns tensors. Its state is found by walking its public fields:
 * tensors that require gradients are parameters, other tensors are buffers (running statistics),
 * modules are children. Names join the path in PyTorch's spelling (`bn1.running_mean`), so that
 * weights travel between the two. `In` is what `forward` takes: one tensor, or a batch of sequences.
 */
import { UserError } from "../error.ts";
import { formatShape, sameShape } from "../shape.ts";
import { Tensor } from "../tensor.ts";

/** A part of a network that owns tensors: a class extends it and says what `forward` computes. */
export abstract class Module<In = Tensor> {
  /** True while training: dropout drops, batch norm uses the batch's statistics. */
  training = true;
  #frozen = false;

  /** What it computes. Tensors made on the way belong to the caller's scope. */
  abstract forward(x: In): Tensor;

  /** Every tensor of this module and its children by name, in order of definition. */
  state(): Map<string, Tensor> {
    const found = new Map<string, Tensor>();
    this.#walk("", (name, tensor) => found.set(name, tensor));
    return found;
  }

  /** What training can change: the state without that of frozen modules. */
  learnedState(): Map<string, Tensor> {
    const found = new Map<string, Tensor>();
    this.#walk("", (name, tensor, frozen) => frozen || found.set(name, tensor));
    return found;
  }

  /** Takes this module and its children out of training: no gradients, nothing to save of them. */
  freeze(): this {
    this.#frozen = true;
    for (const t of this.parameters().values()) t.requiresGrad = false;
    return this;
  }

  /** What an optimiser trains. */
  parameters(): Map<string, Tensor> {
    return new Map([...this.state()].filter(([, t]) => t.requiresGrad));
  }

  /** Number of trained values. */
  parameterCount(): number {
    let n = 0;
    for (const t of this.parameters().values()) n += t.size;
    return n;
  }

  /** Switches this module and its children between training and evaluation; frozen ones stay in the latter. */
  train(training = true): this {
    this.training = training && !this.#frozen;
    for (const child of this.#children()) child.train(this.training);
    return this;
  }

  /**
   * Fills every tensor from `values`. Throws one line that names the first tensor that is missing,
   * left over, or of another shape.
   */
  load(values: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>): void {
    const state = this.state();
    for (const name of values.keys()) {
      if (!state.has(name)) throw new UserError(`weights: tensor ${name} belongs to no layer here`);
    }
    for (const [name, tensor] of state) {
      const value = values.get(name);
      if (!value) throw new UserError(`weights: tensor ${name} is missing`);
      if (!sameShape(value.shape, tensor.shape)) {
        throw new UserError(
          `weights: tensor ${name} is ${formatShape(value.shape)}, expected ${
            formatShape(tensor.shape)
          }`,
        );
      }
    }
    for (const [name, tensor] of state) tensor.write(values.get(name)!.data);
  }

  /** Frees all tensors of the state. */
  dispose(): void {
    for (const t of this.state().values()) t.dispose();
  }

  #children(): Module<never>[] {
    return Object.values(this).flat().filter((v): v is Module<never> => v instanceof Module);
  }

  #walk(
    prefix: string,
    visit: (name: string, tensor: Tensor, frozen: boolean) => void,
    within = false,
  ): void {
    const frozen = within || this.#frozen;
    for (const [key, value] of Object.entries(this)) {
      const name = prefix + snakeCase(key);
      if (value instanceof Tensor) visit(name, value, frozen);
      else if (value instanceof Module) value.#walk(`${name}.`, visit, frozen);
      else if (Array.isArray(value)) {
        value.forEach((v, i) => v instanceof Module && v.#walk(`${name}.${i}.`, visit, frozen));
      }
    }
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
}
