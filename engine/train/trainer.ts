/**
 * Training of a classifier by a recipe: shuffled batches gathered on the device, forward, loss,
 * backward, clip, Adam; after every epoch the validation loss decides on the learning rate, on
 * stopping, and on which weights are kept. The test set is not known here.
 *
 * All that the next step depends on is in `tensors()` and `numbers()`: going on from them gives the same bits
 * on the CPU backend as never having stopped.
 */
import { UserError } from "../error.ts";
import { backward } from "../autograd.ts";
import { separateLogits, together } from "../nn/ensemble.ts";
import { gather } from "../ops/gather.ts";
import { add, mul } from "../ops/elementwise.ts";
import { concat, reshape } from "../ops/movement.ts";
import { countCorrect, crossEntropy } from "../ops/loss.ts";
import { copyInto } from "../ops/copy.ts";
import { Adam } from "../optim/adam.ts";
import { AdamW } from "../optim/adamw.ts";
import { EarlyStopping } from "../optim/early_stopping.ts";
import { type LossScale, LossScaler } from "../optim/loss_scaler.ts";
import { ReduceLROnPlateau } from "../optim/reduce_lr_on_plateau.ts";
import { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { batchCount, drawBatches } from "./batches.ts";
import { breathe, scoreModel } from "./evaluate.ts";
import type { Recipe } from "./recipe.ts";
import { gradientFactors } from "./clipping.ts";
import { rateFactor } from "./schedule.ts";
import { Tally } from "./tally.ts";
import type {
  EpochRecord,
  Outcome,
  RunOptions,
  StepInfo,
  TrainerNumbers,
  TrainerOptions,
} from "./training.ts";

export type { EpochRecord, Outcome, RunOptions, StepInfo, TrainerNumbers, TrainerOptions };

/** Trains one model by one recipe; can be stopped, saved and resumed between any two steps. */
export class Trainer<In = Tensor> {
  /** One record an epoch. */
  readonly history: EpochRecord[] = [];
  readonly #o: TrainerOptions<In>;
  readonly #adam: Adam;
  readonly #plateau: ReduceLROnPlateau | null;
  readonly #stopping: EarlyStopping;
  readonly #best = new Map<string, Tensor>();
  readonly #tally: Tally;
  /** Where the device computes in half precision. */
  readonly #scaler: LossScaler | null;
  #epoch = 0;
  #step = 0;
  #epochSeconds = 0;

  /** Sets up the optimiser; nothing is trained before `run`. */
  constructor(options: TrainerOptions<In>) {
    this.#o = options;
    const { model, recipe, device, factors } = options;
    const { learningRate, weightDecay, plateau, patience } = recipe;
    const Optimizer = recipe.optimizer === "adamw" ? AdamW : Adam;
    this.#adam = new Optimizer(model.parameters(), {
      ...{ learningRate, weightDecay, factors },
    });
    this.#plateau = plateau && new ReduceLROnPlateau(this.#adam, plateau);
    this.#stopping = new EarlyStopping({ patience });
    this.#tally = new Tally(device);
    this.#scaler = device.precision === "f16" ? new LossScaler(device) : null;
    if (recipe.keep === "last") return;
    if (options.validation.n === 0) {
      throw new UserError("nothing to validate on: the recipe keeps the best epoch's weights");
    }
    for (const [name, t] of model.learnedState()) {
      this.#best.set(name, device.keep(device.empty(t.shape)));
    }
    this.#keepBest();
  }

  /** Optimiser steps of one epoch. */
  get steps(): number {
    return batchCount(this.#o.train.n, this.#o.recipe.batch);
  }

  /** Epoch (from 1) whose weights are kept; 0 before the first. */
  get bestEpoch(): number {
    if (this.#o.recipe.keep === "last") return this.history.length;
    let best = 0;
    let lowest = Infinity;
    for (const { epoch, validationLoss } of this.history) {
      if (validationLoss === null || validationLoss >= lowest) continue;
      best = epoch;
      lowest = validationLoss;
    }
    return best;
  }

  /** Trains until done, stopped early or interrupted; the model then holds the latest weights. */
  async run({ signal, onStep, onEpoch }: RunOptions = {}): Promise<Outcome> {
    const { recipe } = this.#o;
    while (this.#epoch < recipe.epochs) {
      if (this.#stopping.stopped && recipe.keep !== "last") return "stopped early";
      if (!await this.#trainEpoch(signal, onStep)) return "interrupted";
      const record = await this.#endEpoch();
      await onEpoch?.(record);
    }
    return "all epochs";
  }

  /** Puts the kept weights into the model: those of the lowest validation loss, unless the last are. */
  useBest(): void {
    const state = this.#o.model.learnedState();
    for (const [name, best] of this.#best) copyInto(state.get(name)!, best);
  }

  /** Every tensor a resumed run needs, by a name that says whose it is. */
  tensors(): Map<string, Tensor> {
    const all = new Map<string, Tensor>();
    for (const [name, t] of this.#o.model.learnedState()) all.set(`model.${name}`, t);
    for (const [name, t] of this.#best) all.set(`best.${name}`, t);
    for (const [name, t] of this.#adam.tensors()) all.set(`adam.${name}`, t);
    for (const [name, t] of this.#scaler?.tensors() ?? []) all.set(`scaler.${name}`, t);
    return all;
  }

  /** What loss scaling has come to; null where there is none, in f32. */
  async lossScale(): Promise<LossScale | null> {
    return await this.#scaler?.read() ?? null;
  }

  /** What `restore` takes. */
  numbers(): TrainerNumbers {
    return {
      epoch: this.#epoch,
      step: this.#step,
      tally: this.#tally.state(),
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
    this.#tally.restore(numbers.tally);
    this.#epochSeconds = numbers.epochSeconds;
    this.#o.random.restore(numbers.random);
    this.#adam.restore(numbers.adam);
    if (numbers.plateau) this.#plateau?.restore(numbers.plateau);
    this.#stopping.restore(numbers.stopping);
    this.history.splice(0, this.history.length, ...numbers.history);
  }

  /** Frees the optimiser and the kept weights; model and data are the caller's. */
  dispose(): void {
    for (const t of this.#best.values()) t.dispose();
    this.#adam.dispose();
    this.#scaler?.dispose();
  }

  /** The rest of the current epoch; false where the signal cut it short. */
  async #trainEpoch(signal?: AbortSignal, onStep?: (i: StepInfo) => void): Promise<boolean> {
    const { device, train, model, recipe, seed } = this.#o;
    // The order depends on seed and epoch alone, so a resumed epoch finds it again.
    const batches = drawBatches(train.n, {
      batch: recipe.batch,
      lengths: train.inputs.lengths,
      random: Random.of(seed, `epoch ${this.#epoch}`),
    });
    model.train();
    let started = performance.now();
    for (; this.#step < this.steps; this.#step++) {
      if (signal?.aborted) break;
      const rows = batches[this.#step];
      this.#tally.add(rows.length, this.#trainStep(rows));
      device.backend.flush();
      // The CPU backend is done already; a GPU is asked once an epoch, so that it never waits.
      if (device.kind === "cpu") await this.#collect(this.#step + 1);
      const { steps } = this;
      const step = this.#step + 1;
      const loss = this.#tally.waiting > 0 ? null : this.#tally.loss;
      onStep?.({ epoch: this.#epoch + 1, step, steps, loss });
      this.#epochSeconds += (performance.now() - started) / 1000;
      await breathe();
      started = performance.now();
    }
    await this.#collect(this.#step);
    this.#epochSeconds += (performance.now() - started) / 1000;
    return this.#step >= this.steps;
  }

  /** One optimiser step; `[loss, correct]` of its rows stay on the device. */
  #trainStep(rows: Int32Array): Tensor {
    const { device, model, recipe: { accumulate = 1, clipNorm, schedule, epochs } } = this.#o;
    if (schedule) {
      const step = this.#epoch * this.steps + this.#step;
      const factor = rateFactor(schedule, step, epochs * this.steps);
      this.#adam.learningRate = this.#o.recipe.learningRate * factor;
    }
    const size = Math.ceil(rows.length / accumulate);
    const parts: Tensor[] = [];
    for (let start = 0; start < rows.length; start += size) {
      const part = rows.subarray(start, start + size);
      parts.push(device.scope(() => this.#gradients(part, part.length / rows.length)));
    }
    return device.scope(() => {
      this.#adam.step(gradientFactors(model, { most: clipNorm, scaler: this.#scaler }));
      this.#adam.zeroGrad();
      const total = device.noGrad(() => parts.reduce((a, b) => add(a, b)));
      for (const part of parts) if (part !== total) part.dispose();
      return total;
    });
  }

  /** Adds the gradients of some rows, a share of the batch; `[loss · share, correct]`. */
  #gradients(rows: Int32Array, share: number): Tensor {
    const { device, train, model, recipe: { labelSmoothing }, augment } = this.#o;
    const labels = gather(train.labels, device.tensor(rows));
    // In a scope of its own: of what was made on the way, the tape keeps what gradients need.
    const { logits, loss } = device.scope(() => {
      const inputs = train.inputs.at(rows);
      const logits = separateLogits(model, augment?.(inputs) ?? inputs);
      const total = logits.map((one) => crossEntropy(one, labels, { labelSmoothing }))
        .reduce((a, b) => add(a, b));
      return { logits, loss: share === 1 ? total : mul(total, share) };
    });
    backward(loss, this.#scaler?.seed(loss));
    return device.noGrad(() => {
      const each = logits.length === 1 ? loss : mul(loss, 1 / logits.length);
      const correct = countCorrect(together(logits), labels);
      return concat([reshape(each, [1]), reshape(correct, [1])]);
    });
  }

  /** Reads finished steps, the last of which was step `upTo` (from 1) of the epoch. */
  async #collect(upTo: number): Promise<void> {
    const first = upTo - this.#tally.waiting;
    const bad = await this.#tally.collect();
    if (bad < 0) return;
    throw new NotFinite(`loss of step ${first + bad + 1}`, this.#epoch + 1, this.#o);
  }

  async #endEpoch(): Promise<EpochRecord> {
    const { model, validation, recipe } = this.#o;
    const started = performance.now();
    const scores = validation.n > 0 ? await scoreModel(model, validation, recipe.batch) : null;
    if (scores && !Number.isFinite(scores.loss)) {
      throw new NotFinite("validation loss", this.#epoch + 1, this.#o);
    }
    const learningRate = this.#adam.learningRate;
    if (scores) {
      this.#plateau?.step(scores.loss);
      if (this.#stopping.step(scores.loss)) this.#keepBest();
    }
    const record: EpochRecord = {
      epoch: this.#epoch + 1,
      trainLoss: this.#tally.loss,
      trainAccuracy: this.#tally.accuracy,
      validationLoss: scores?.loss ?? null,
      validationAccuracy: scores?.accuracy ?? null,
      learningRate,
      seconds: this.#epochSeconds + (performance.now() - started) / 1000,
    };
    this.history.push(record);
    this.#epoch++;
    this.#step = 0;
    this.#tally.clear();
    this.#epochSeconds = 0;
    return record;
  }

  #keepBest(): void {
    const state = this.#o.model.learnedState();
    for (const [name, best] of this.#best) copyInto(best, state.get(name)!);
  }
}

/** A loss became infinite or not a number: nothing can be learned from there on. */
export class NotFinite extends UserError {
  /** `what` became so in `epoch` (from 1). */
  constructor(
    what: string,
    epoch: number,
    { recipe: { learningRate }, device: { precision } }: {
      readonly recipe: Pick<Recipe, "learningRate">;
      readonly device: Pick<TrainerOptions<never>["device"], "precision">;
    },
  ) {
    super(
      `the ${what} in epoch ${epoch} is not finite; try ` +
        (precision === "f16" ? "--precision f32, " : "") +
        `another --seed, a larger --batch or a learning rate below ${learningRate}`,
    );
  }
}
