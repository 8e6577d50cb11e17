/**
 * Training of a classifier by a recipe: shuffled batches gathered on the device, forward, loss,
 * backward, clip, Adam; after every epoch the validation loss decides on the learning rate, on
 * stopping, and on which weights are kept. The test set is not known here.
 *
 * All that the next step depends on is in `tensors()` and `numbers()`: going on from them gives the same bits
 * on the CPU backend as never having stopped.
 */
import type { Device } from "../device.ts";
import { UserError } from "../error.ts";
import { backward } from "../autograd.ts";
import type { Module } from "../nn/module.ts";
import { gather } from "../ops/gather.ts";
import { concat, reshape } from "../ops/movement.ts";
import { countCorrect, crossEntropy } from "../ops/loss.ts";
import { copyInto } from "../ops/copy.ts";
import { Adam } from "../optim/adam.ts";
import { clipGradNorm } from "../optim/clip.ts";
import { EarlyStopping } from "../optim/early_stopping.ts";
import { ReduceLROnPlateau } from "../optim/reduce_lr_on_plateau.ts";
import { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { breathe, type LabelledData, scoreModel } from "./evaluate.ts";
import type { Recipe } from "./recipe.ts";

export interface EpochRecord {
  readonly epoch: number;
  readonly trainLoss: number;
  readonly trainAccuracy: number;
  readonly validationLoss: number;
  readonly validationAccuracy: number;
  readonly learningRate: number;
  readonly seconds: number;
}

export interface StepInfo {
  readonly epoch: number;
  readonly step: number;
  readonly steps: number;
  /** Mean loss over the epoch so far; null while the device still holds it. */
  readonly loss: number | null;
}

export type Outcome = "all epochs" | "stopped early" | "interrupted";

/** Numbers of a trainer's state beside its tensors; JSON can hold them. */
export interface TrainerNumbers {
  readonly epoch: number;
  readonly step: number;
  readonly epochLoss: number;
  readonly epochCorrect: number;
  readonly epochSeconds: number;
  readonly random: ReturnType<Random["state"]>;
  readonly adam: ReturnType<Adam["numbers"]>;
  readonly plateau: ReturnType<ReduceLROnPlateau["state"]> | null;
  readonly stopping: ReturnType<EarlyStopping["state"]>;
  readonly history: readonly EpochRecord[];
}

export interface TrainerOptions {
  readonly device: Device;
  readonly model: Module;
  readonly recipe: Recipe;
  readonly seed: number;
  /** The stream dropout and `augment` draw from, shared with the model's layers. */
  readonly random: Random;
  readonly train: LabelledData;
  readonly validation: LabelledData;
  /** What training batches become before the model sees them; may draw from `random`. */
  readonly augment?: (inputs: Tensor) => Tensor;
}

export interface RunOptions {
  readonly signal?: AbortSignal;
  readonly onStep?: (info: StepInfo) => void;
  /** After every epoch; a good moment to save. */
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
}

export class Trainer {
  readonly history: EpochRecord[] = [];
  readonly #o: TrainerOptions;
  readonly #adam: Adam;
  readonly #plateau: ReduceLROnPlateau | null;
  readonly #stopping: EarlyStopping;
  readonly #best = new Map<string, Tensor>();
  #epoch = 0;
  #step = 0;
  #epochLoss = 0;
  #epochCorrect = 0;
  #epochSeconds = 0;

  constructor(options: TrainerOptions) {
    this.#o = options;
    const { model, recipe, device } = options;
    const { learningRate, weightDecay, plateau, patience } = recipe;
    this.#adam = new Adam(model.parameters(), { learningRate, weightDecay });
    this.#plateau = plateau && new ReduceLROnPlateau(this.#adam, plateau);
    this.#stopping = new EarlyStopping({ patience });
    for (const [name, t] of model.state()) this.#best.set(name, device.keep(device.empty(t.shape)));
    this.#keepBest();
  }

  /** Optimiser steps of one epoch. A last batch of a single clip is left out: it has no variance. */
  get steps(): number {
    const { train: { n }, recipe: { batch } } = this.#o;
    return Math.max(1, Math.floor(n / batch) + (n % batch > 1 ? 1 : 0));
  }

  /** Epoch (from 1) whose weights are kept; 0 before the first. */
  get bestEpoch(): number {
    let best = 0;
    for (const r of this.history) {
      if (best === 0 || r.validationLoss < this.history[best - 1].validationLoss) best = r.epoch;
    }
    return best;
  }

  /** Trains until done, stopped early or interrupted; the model then holds the latest weights. */
  async run({ signal, onStep, onEpoch }: RunOptions = {}): Promise<Outcome> {
    const { recipe } = this.#o;
    while (this.#epoch < recipe.epochs) {
      if (this.#stopping.stopped) return "stopped early";
      if (!await this.#trainEpoch(signal, onStep)) return "interrupted";
      const record = await this.#endEpoch();
      await onEpoch?.(record);
    }
    return "all epochs";
  }

  /** Puts the weights of the lowest validation loss into the model. */
  useBest(): void {
    for (const [name, t] of this.#o.model.state()) copyInto(t, this.#best.get(name)!);
  }

  /** Every tensor a resumed run needs, by a name that says whose it is. */
  tensors(): Map<string, Tensor> {
    const all = new Map<string, Tensor>();
    for (const [name, t] of this.#o.model.state()) all.set(`model.${name}`, t);
    for (const [name, t] of this.#best) all.set(`best.${name}`, t);
    for (const [name, t] of this.#adam.tensors()) all.set(`adam.${name}`, t);
    return all;
  }

  numbers(): TrainerNumbers {
    return {
      epoch: this.#epoch,
      step: this.#step,
      epochLoss: this.#epochLoss,
      epochCorrect: this.#epochCorrect,
      epochSeconds: this.#epochSeconds,
      random: this.#o.random.state(),
      adam: this.#adam.numbers(),
      plateau: this.#plateau?.state() ?? null,
      stopping: this.#stopping.state(),
      history: this.history,
    };
  }

  /** Continues from `numbers()`; the caller has already refilled `tensors()`. */
  restore(numbers: TrainerNumbers): void {
    this.#epoch = numbers.epoch;
    this.#step = numbers.step;
    this.#epochLoss = numbers.epochLoss;
    this.#epochCorrect = numbers.epochCorrect;
    this.#epochSeconds = numbers.epochSeconds;
    this.#o.random.restore(numbers.random);
    this.#adam.restore(numbers.adam);
    if (numbers.plateau) this.#plateau?.restore(numbers.plateau);
    this.#stopping.restore(numbers.stopping);
    this.history.splice(0, this.history.length, ...numbers.history);
  }

  dispose(): void {
    for (const t of this.#best.values()) t.dispose();
    this.#adam.dispose();
  }

  /** The rest of the current epoch; false where the signal cut it short. */
  async #trainEpoch(signal?: AbortSignal, onStep?: (i: StepInfo) => void): Promise<boolean> {
    const { device, train, model, recipe, seed } = this.#o;
    // The order depends on seed and epoch alone, so a resumed epoch finds it again.
    const order = Random.of(seed, `epoch ${this.#epoch}`).permutation(train.n);
    const pending: Tensor[] = [];
    model.train();
    let started = performance.now();
    for (; this.#step < this.steps; this.#step++) {
      if (signal?.aborted) break;
      const rows = order.subarray(this.#step * recipe.batch, (this.#step + 1) * recipe.batch);
      pending.push(device.keep(device.scope(() => this.#trainStep(rows))));
      device.backend.flush();
      // The CPU backend is done already; a GPU is asked once an epoch, so that it never waits.
      if (device.kind === "cpu") await this.#collect(pending, this.#step + 1);
      const { steps } = this;
      const step = this.#step + 1;
      const loss = pending.length > 0
        ? null
        : this.#epochLoss / Math.min(step * recipe.batch, train.n);
      onStep?.({ epoch: this.#epoch + 1, step, steps, loss });
      this.#epochSeconds += (performance.now() - started) / 1000;
      await breathe();
      started = performance.now();
    }
    await this.#collect(pending, this.#step);
    this.#epochSeconds += (performance.now() - started) / 1000;
    return this.#step >= this.steps;
  }

  /** One optimiser step; `[loss · n, correct]` stay on the device. */
  #trainStep(rows: Int32Array): Tensor {
    const { device, train, model, recipe, augment } = this.#o;
    const index = device.tensor(rows);
    const labels = gather(train.labels, index);
    const inputs = train.inputs.at(rows);
    const logits = model.forward(augment ? augment(inputs) : inputs);
    const loss = crossEntropy(logits, labels, { labelSmoothing: recipe.labelSmoothing });
    backward(loss);
    const scale = recipe.clipNorm === null
      ? undefined
      : clipGradNorm(model.parameters().values(), recipe.clipNorm);
    this.#adam.step(scale);
    this.#adam.zeroGrad();
    const correct = countCorrect(logits, labels);
    return device.noGrad(() => concat([reshape(loss, [1]), reshape(correct, [1])]));
  }

  /** Reads finished steps, the last of which was step `upTo` (from 1) of the epoch. */
  async #collect(pending: Tensor[], upTo: number): Promise<void> {
    if (pending.length === 0) return;
    const { device, recipe, train } = this.#o;
    const first = upTo - pending.length;
    const all = device.noGrad(() => device.scope(() => concat([...pending])));
    for (const t of pending) t.dispose();
    pending.length = 0;
    const values = await all.data();
    all.dispose();
    for (let i = 0; i * 2 < values.length; i++) {
      const [loss, correct] = values.subarray(2 * i, 2 * i + 2);
      if (!Number.isFinite(loss)) {
        throw new NotFinite(`loss of step ${first + i + 1}`, this.#epoch + 1, recipe);
      }
      const n = Math.min(recipe.batch, train.n - (first + i) * recipe.batch);
      this.#epochLoss += loss * n;
      this.#epochCorrect += correct;
    }
  }

  async #endEpoch(): Promise<EpochRecord> {
    const { model, validation, recipe, train } = this.#o;
    const started = performance.now();
    const scores = await scoreModel(model, validation, recipe.batch);
    if (!Number.isFinite(scores.loss)) {
      throw new NotFinite("validation loss", this.#epoch + 1, recipe);
    }
    const seen = Math.min(train.n, this.steps * recipe.batch);
    const learningRate = this.#adam.learningRate;
    this.#plateau?.step(scores.loss);
    const improved = this.#stopping.step(scores.loss);
    if (improved) this.#keepBest();
    const record: EpochRecord = {
      epoch: this.#epoch + 1,
      trainLoss: this.#epochLoss / seen,
      trainAccuracy: this.#epochCorrect / seen,
      validationLoss: scores.loss,
      validationAccuracy: scores.accuracy,
      learningRate,
      seconds: this.#epochSeconds + (performance.now() - started) / 1000,
    };
    this.history.push(record);
    this.#epoch++;
    this.#step = 0;
    this.#epochLoss = this.#epochCorrect = this.#epochSeconds = 0;
    return record;
  }

  #keepBest(): void {
    for (const [name, t] of this.#o.model.state()) copyInto(this.#best.get(name)!, t);
  }
}

/** A loss became infinite or not a number: nothing can be learned from there on. */
export class NotFinite extends UserError {
  constructor(what: string, epoch: number, { learningRate }: Pick<Recipe, "learningRate">) {
    super(
      `the ${what} in epoch ${epoch} is not finite; ` +
        `try another --seed, a larger --batch or a learning rate below ${learningRate}`,
    );
  }
}
