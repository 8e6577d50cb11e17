/**
 * Greedy layer-wise pretraining (Bengio et al. 2007): each layer in turn learns, with a decoder of
 * its own, to restore what the finished layers below it give; then it is frozen and the next one
 * begins. The loss is the mean squared error, the optimiser Adam. Labels are not known here.
 *
 * All that the next step depends on is in `tensors()` and `numbers()`, as in a `Trainer`.
 */
import { backward } from "../autograd.ts";
import type { Device } from "../device.ts";
import { UserError } from "../error.ts";
import type { Module } from "../nn/module.ts";
import { mse } from "../ops/loss.ts";
import { concat, reshape } from "../ops/movement.ts";
import { LossScaler } from "../optim/loss_scaler.ts";
import { Adam } from "../optim/adam.ts";
import { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import type { RowSource } from "./rows.ts";
import { breathe } from "./evaluate.ts";
import { NotFinite } from "./trainer.ts";

/** A layer and what undoes it: decoder(encoder(x)) has the shape of x. */
export interface Autoencoder {
  readonly encoder: Module;
  readonly decoder: Module;
}

export interface AutoencoderRecipe {
  /** Passes over the training set for each layer. */
  readonly epochs: number;
  readonly batch: number;
  /** Adam's step size. */
  readonly learningRate: number;
}

export interface PretrainerOptions {
  readonly device: Device;
  /** From the input up. */
  readonly layers: readonly Autoencoder[];
  readonly recipe: AutoencoderRecipe;
  readonly seed: number;
  /** Of training clips alone. */
  /** Batches as the first layer sees them. */
  readonly inputs: Pick<RowSource<Tensor>, "n" | "at">;
}

export interface PretrainerStep {
  /** From 1. */
  readonly layer: number;
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
}

/** A pretrainer's state beside its tensors; JSON can hold it. */
export interface PretrainerNumbers {
  readonly layer: number;
  readonly step: number;
  readonly epochLoss: number;
  /** Of each layer, the mean loss of each finished epoch. */
  readonly losses: readonly (readonly number[])[];
  readonly adam: readonly ReturnType<Adam["numbers"]>[];
}

export interface PretrainerRun {
  readonly signal?: AbortSignal;
  readonly onStep?: (info: PretrainerStep) => void;
  /** After every epoch; a good moment to save. */
  readonly onEpoch?: () => void | Promise<void>;
}

export class LayerwisePretrainer {
  /** Of each layer, the mean loss of each finished epoch. */
  readonly losses: number[][];
  readonly #o: PretrainerOptions;
  readonly #adams: Adam[];
  /** Where the device computes in half precision. */
  readonly #scaler: LossScaler | null;
  #layer = 0;
  #step = 0;
  #epochLoss = 0;

  constructor(options: PretrainerOptions) {
    this.#o = options;
    const { learningRate } = options.recipe;
    this.losses = options.layers.map(() => []);
    const { device } = options;
    this.#scaler = device.precision === "f16" ? new LossScaler(device) : null;
    this.#adams = options.layers.map((layer) => new Adam(parametersOf(layer), { learningRate }));
  }

  /** Optimiser steps of one epoch. */
  get steps(): number {
    const { inputs, recipe } = this.#o;
    return Math.ceil(inputs.n / recipe.batch);
  }

  /** Epochs finished, of all layers together. */
  get epochs(): number {
    return this.losses.reduce((sum, layer) => sum + layer.length, 0);
  }

  /** Trains until all layers are done or the signal stops it after a step. */
  async run({ signal, onStep, onEpoch }: PretrainerRun = {}): Promise<"done" | "interrupted"> {
    const { layers, recipe } = this.#o;
    for (; this.#layer < layers.length; this.#layer++) {
      // Frozen layers below, batch norm too; the layer itself by the statistics of its batch.
      layers.forEach(({ encoder }, i) => encoder.train(i === this.#layer));
      while (this.losses[this.#layer].length < recipe.epochs) {
        if (!await this.#trainEpoch(signal, onStep)) return "interrupted";
        await onEpoch?.();
      }
    }
    return "done";
  }

  /**
   * `inputs` as each depth restores them: through the encoders up to it and back through their
   * decoders, in evaluation mode; one tensor a layer, of the shape of `inputs`.
   */
  reconstruct(inputs: Tensor): Tensor[] {
    const { device, layers } = this.#o;
    for (const { encoder } of layers) encoder.train(false);
    return layers.map((_, depth) =>
      device.noGrad(() =>
        device.scope(() => {
          const used = layers.slice(0, depth + 1);
          const code = used.reduce((x, { encoder }) => encoder.forward(x), inputs);
          return used.reduceRight((x, { decoder }) => decoder.forward(x), code);
        })
      )
    );
  }

  /** Every tensor that going on needs, by a name that says whose it is. */
  tensors(): Map<string, Tensor> {
    const all = new Map<string, Tensor>();
    this.#o.layers.forEach(({ encoder, decoder }, i) => {
      for (const [name, t] of encoder.state()) all.set(`${i}.encoder.${name}`, t);
      for (const [name, t] of decoder.state()) all.set(`${i}.decoder.${name}`, t);
      for (const [name, t] of this.#adams[i].tensors()) all.set(`${i}.adam.${name}`, t);
    });
    for (const [name, t] of this.#scaler?.tensors() ?? []) all.set(`scaler.${name}`, t);
    return all;
  }

  numbers(): PretrainerNumbers {
    return {
      layer: this.#layer,
      step: this.#step,
      epochLoss: this.#epochLoss,
      losses: this.losses,
      adam: this.#adams.map((adam) => adam.numbers()),
    };
  }

  /**
   * Continues from `numbers()`; the caller has already refilled `tensors()`. Throws `UserError`
   * where they are of another number of layers.
   */
  restore(numbers: PretrainerNumbers): void {
    const { length } = this.#o.layers;
    if (
      numbers.layer > length || numbers.losses.length !== length || numbers.adam.length !== length
    ) {
      throw new UserError(`pretraining state: expected one of ${length} layers`);
    }
    this.#layer = numbers.layer;
    this.#step = numbers.step;
    this.#epochLoss = numbers.epochLoss;
    this.losses.splice(0, this.losses.length, ...numbers.losses.map((l) => [...l]));
    this.#adams.forEach((adam, i) => adam.restore(numbers.adam[i]));
  }

  /** Frees optimiser states and decoders; the encoders are the model's. */
  dispose(): void {
    for (const adam of this.#adams) adam.dispose();
    this.#scaler?.dispose();
    for (const { decoder } of this.#o.layers) decoder.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The rest of the current epoch; false where the signal cut it short. */
  async #trainEpoch(
    signal?: AbortSignal,
    onStep?: (info: PretrainerStep) => void,
  ): Promise<boolean> {
    const { device, inputs: { n }, recipe, seed } = this.#o;
    const { steps } = this;
    const layer = this.#layer;
    const epoch = this.losses[layer].length;
    // The order depends on seed, layer and epoch alone, so a resumed epoch finds it again.
    const order = Random.of(seed, `pretraining layer ${layer} epoch ${epoch}`).permutation(n);
    const pending: Tensor[] = [];
    for (; this.#step < steps; this.#step++) {
      if (signal?.aborted) break;
      const rows = order.subarray(this.#step * recipe.batch, (this.#step + 1) * recipe.batch);
      pending.push(device.keep(device.scope(() => this.#trainStep(rows))));
      device.backend.flush();
      onStep?.({ layer: layer + 1, epoch: epoch + 1, step: this.#step + 1, steps });
      await breathe();
    }
    await this.#collect(pending, n);
    if (this.#step < steps) return false;
    this.losses[layer].push(this.#epochLoss / n);
    this.#step = 0;
    this.#epochLoss = 0;
    return true;
  }

  /** One optimiser step; its loss `[1]` stays on the device. */
  #trainStep(rows: Int32Array): Tensor {
    const { device, inputs, layers } = this.#o;
    const { encoder, decoder } = layers[this.#layer];
    const target = device.noGrad(() =>
      device.scope(() =>
        layers.slice(0, this.#layer).reduce(
          (x, frozen) => frozen.encoder.forward(x),
          inputs.at(rows),
        )
      )
    );
    const loss = mse(decoder.forward(encoder.forward(target)), target);
    backward(loss, this.#scaler?.seed(loss));
    const adam = this.#adams[this.#layer];
    const parameters = [...parametersOf({ encoder, decoder }).values()];
    adam.step(this.#scaler?.factors([parameters], null)[0]);
    adam.zeroGrad();
    return device.noGrad(() => reshape(loss, [1]));
  }

  /** Adds up the losses of the steps just done, weighted by their clips. */
  async #collect(pending: Tensor[], n: number): Promise<void> {
    if (pending.length === 0) return;
    const { device, recipe } = this.#o;
    const first = this.#step - pending.length;
    const all = device.noGrad(() => device.scope(() => concat(pending)));
    for (const t of pending) t.dispose();
    const losses = await all.data();
    all.dispose();
    losses.forEach((loss, i) => {
      if (!Number.isFinite(loss)) {
        const epoch = this.losses[this.#layer].length + 1;
        throw new NotFinite(`loss of autoencoder ${this.#layer + 1}`, epoch, this.#o);
      }
      this.#epochLoss += loss * Math.min(recipe.batch, n - (first + i) * recipe.batch);
    });
  }
}

function parametersOf({ encoder, decoder }: Autoencoder): Map<string, Tensor> {
  return new Map([
    ...[...encoder.parameters()].map(([name, t]) => [`encoder.${name}`, t] as const),
    ...[...decoder.parameters()].map(([name, t]) => [`decoder.${name}`, t] as const),
  ]);
}
