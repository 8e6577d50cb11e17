/** The trainer: stopped at any step and restored it goes on to the same bits, and it knows when to give up. */
import assert from "node:assert/strict";
import type { Device } from "../../../engine/device.ts";
import { UserError } from "../../../engine/error.ts";
import { openDevice } from "../../../engine/open.ts";
import {
  BatchNorm,
  Conv2d,
  Dropout,
  type LayerContext,
  Linear,
} from "../../../engine/nn/layers.ts";
import { Module } from "../../../engine/nn/module.ts";
import { add, relu } from "../../../engine/ops/elementwise.ts";
import { reshape } from "../../../engine/ops/movement.ts";
import { Random } from "../../../engine/random.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import type { Recipe } from "../../../engine/train/recipe.ts";
import { Rows } from "../../../engine/train/rows.ts";
import type { LabelledData } from "../../../engine/train/evaluate.ts";
import { NotFinite, Trainer } from "../../../engine/train/trainer.ts";

const CLASSES = 3;
const SIDE = 8;
const N = 19; // three batches of 6, and one clip that makes no batch of its own

const RECIPE: Recipe = {
  epochs: 3,
  batch: 6,
  learningRate: 1e-2,
  weightDecay: 1e-3,
  clipNorm: 1,
  plateau: { factor: 0.5, patience: 0 },
  patience: 9,
  labelSmoothing: 0.1,
};

/** Every kind of layer that has a state of its own. */
class SmallNetwork extends Module {
  readonly conv: Conv2d;
  readonly norm: BatchNorm;
  readonly dropout: Dropout;
  readonly output: Linear;

  constructor(context: LayerContext) {
    super();
    this.conv = new Conv2d(context, [1, 4], 3, { padding: 1 });
    this.norm = new BatchNorm(context, 4);
    this.dropout = new Dropout(context, 0.4);
    this.output = new Linear(context, 4 * SIDE * SIDE, CLASSES);
  }

  forward(x: Tensor): Tensor {
    const maps = relu(this.norm.forward(this.conv.forward(reshape(x, [-1, 1, SIDE, SIDE]))));
    return this.output.forward(reshape(this.dropout.forward(maps), [-1, 4 * SIDE * SIDE]));
  }
}

/** Nothing in it depends on which rows share a batch. */
class Flat extends Module {
  readonly output: Linear;

  constructor(context: LayerContext) {
    super();
    this.output = new Linear(context, SIDE * SIDE, CLASSES);
  }

  forward(x: Tensor): Tensor {
    return this.output.forward(reshape(x, [-1, SIDE * SIDE]));
  }
}

function data(device: Device, n: number, name: string): LabelledData {
  const random = Random.of(1, name);
  const values = Array.from(
    { length: n },
    () => Float32Array.from({ length: SIDE * SIDE }, () => random.nextU32() / 2 ** 31 - 1),
  );
  const hostLabels = Int32Array.from({ length: n }, () => random.below(CLASSES));
  const inputs = new Rows(device, values, { rowShape: [SIDE, SIDE] });
  return { inputs, labels: device.keep(device.tensor(hostLabels)), n, hostLabels };
}

function newTrainer(
  device: Device,
  recipe: Recipe = RECIPE,
  augment?: (inputs: Tensor) => Tensor,
): Trainer {
  const random = Random.of(7, "network");
  return new Trainer({
    device,
    model: new SmallNetwork({ device, random }),
    recipe,
    seed: 7,
    random,
    train: data(device, N, "train"),
    validation: data(device, 5, "validation"),
    augment,
  });
}

type Saved = { numbers: string; tensors: Map<string, Float32Array> };

async function save(trainer: Trainer): Promise<Saved> {
  const tensors = new Map<string, Float32Array>();
  for (const [name, t] of trainer.tensors()) tensors.set(name, await t.data() as Float32Array);
  return { numbers: JSON.stringify(trainer.numbers()), tensors };
}

/** A trainer's state without what the clock wrote into it. */
function timeless({ numbers, tensors }: Saved) {
  const clock = (key: string, value: unknown) => /seconds$/i.test(key) ? 0 : value;
  return { numbers: JSON.parse(numbers, clock), tensors };
}

Deno.test("stopped at any step and restored elsewhere, training goes on to the same bits", async () => {
  using device = await openDevice("cpu");
  const whole = newTrainer(device);
  assert.equal(await whole.run(), "all epochs");
  const expected = timeless(await save(whole));
  assert.equal(whole.steps, 3);
  for (let stopAt = 1; stopAt <= 8; stopAt++) {
    const controller = new AbortController();
    const first = newTrainer(device);
    let steps = 0;
    const outcome = await first.run({
      signal: controller.signal,
      onStep: () => ++steps === stopAt && controller.abort(),
    });
    assert.equal(outcome, "interrupted");
    assert.equal(steps, stopAt);
    const saved = await save(first);
    using other = await openDevice("cpu", { threads: 1 + stopAt % 3 });
    const second = newTrainer(other);
    for (const [name, t] of second.tensors()) t.write(saved.tensors.get(name)!);
    second.restore(JSON.parse(saved.numbers));
    assert.equal(await second.run(), "all epochs");
    assert.deepEqual(timeless(await save(second)), expected, `stopped at step ${stopAt}`);
  }
});

Deno.test("with a schedule, the last weights and parts of batches too", async () => {
  using device = await openDevice("cpu");
  const recipe: Recipe = {
    ...{ ...RECIPE, plateau: null, optimizer: "adamw", keep: "last", accumulate: 2 },
    schedule: { kind: "linear", warmup: 0.25 },
  };
  const whole = newTrainer(device, recipe);
  await whole.run();
  assert.equal(whole.bestEpoch, 3);
  const controller = new AbortController();
  const first = newTrainer(device, recipe);
  let steps = 0;
  await first.run({
    signal: controller.signal,
    onStep: () => ++steps === 4 && controller.abort(),
  });
  const saved = await save(first);
  const second = newTrainer(device, recipe);
  for (const [name, t] of second.tensors()) t.write(saved.tensors.get(name)!);
  second.restore(JSON.parse(saved.numbers));
  await second.run();
  assert.deepEqual(timeless(await save(second)), timeless(await save(whole)));
});

Deno.test("frozen modules keep their weights and are not saved", async () => {
  using device = await openDevice("cpu");
  const random = Random.of(7, "network");
  const model = new SmallNetwork({ device, random });
  model.conv.freeze();
  model.norm.freeze();
  const before = await model.conv.weight.data();
  const statistics = await model.norm.runningMean.data();
  const trainer = new Trainer({
    ...{ device, model, recipe: RECIPE, seed: 7, random },
    train: data(device, N, "train"),
    validation: data(device, 5, "validation"),
  });
  const head = await model.output.weight.data();
  await trainer.run();
  trainer.useBest();
  assert.deepEqual(await model.conv.weight.data(), before);
  assert.deepEqual(await model.norm.runningMean.data(), statistics);
  assert.notDeepEqual(await model.output.weight.data(), head);
  const saved = [...trainer.tensors().keys()].filter((name) => name.startsWith("model."));
  assert.deepEqual(saved, ["model.output.weight", "model.output.bias"]);
});

Deno.test("a batch in parts gives the gradients of the whole", async () => {
  using device = await openDevice("cpu");
  const weights = async (accumulate: number) => {
    const random = Random.of(7, "network");
    const recipe: Recipe = { ...RECIPE, epochs: 1, accumulate };
    const model = new Flat({ device, random });
    const trainer = new Trainer({
      ...{ device, model, recipe, seed: 7, random },
      train: data(device, N, "train"),
      validation: data(device, 5, "validation"),
    });
    await trainer.run();
    return await model.output.weight.data();
  };
  const whole = await weights(1);
  const parts = await weights(4);
  assert.ok(parts.every((w, i) => Math.abs(w - whole[i]) < 1e-5));
});

Deno.test("an interrupt in the last step of all changes nothing", async () => {
  using device = await openDevice("cpu");
  const controller = new AbortController();
  const trainer = newTrainer(device, { ...RECIPE, epochs: 1 });
  const outcome = await trainer.run({
    signal: controller.signal,
    onStep: ({ step, steps }) => step === steps && controller.abort(),
  });
  assert.equal(outcome, "all epochs");
  assert.equal(trainer.history.length, 1);
});

Deno.test("a loss that is not finite stops with its epoch and step, finished epochs untouched", async () => {
  using device = await openDevice("cpu");
  const trainer = newTrainer(device, { ...RECIPE, learningRate: 1e38, clipNorm: null });
  const saved: number[] = [];
  await assert.rejects(
    trainer.run({ onEpoch: ({ epoch }) => void saved.push(epoch) }),
    (error) =>
      error instanceof NotFinite && error instanceof UserError &&
      /^the loss of step \d in epoch 1 is not finite; try /.test(error.message),
  );
  assert.deepEqual(saved, []);
  assert.deepEqual(trainer.history, []);
});

Deno.test("weights that only validation finds broken stop it as well", async () => {
  using device = await openDevice("cpu");
  // One step an epoch: its loss is still that of the first weights.
  const trainer = newTrainer(device, { ...RECIPE, batch: N, learningRate: 1e38, clipNorm: null });
  await assert.rejects(
    trainer.run(),
    (error) => error instanceof NotFinite && /^the validation loss in epoch 1/.test(error.message),
  );
  assert.deepEqual(trainer.history, []);
});

Deno.test("early stopping ends a run, and the weights of the lowest validation loss are kept", async () => {
  using device = await openDevice("cpu");
  const trainer = newTrainer(device, { ...RECIPE, epochs: 50, patience: 2, learningRate: 0.1 });
  assert.equal(await trainer.run(), "stopped early");
  assert.equal(trainer.history.length, trainer.bestEpoch + 2);
  const losses = trainer.history.map((r) => r.validationLoss!);
  assert.equal(Math.min(...losses), losses[trainer.bestEpoch - 1]);
  assert.notEqual(losses.at(-1), losses[trainer.bestEpoch - 1]);
});

Deno.test("augmentation changes what is learned, on training batches alone", async () => {
  using device = await openDevice("cpu");
  const lossesWith = async (augment?: (inputs: Tensor) => Tensor) => {
    const trainer = newTrainer(device, { ...RECIPE, epochs: 1 }, augment);
    await trainer.run();
    const [{ trainLoss, validationLoss }] = trainer.history;
    trainer.dispose();
    return { trainLoss, validationLoss };
  };
  const seen: number[] = [];
  const same = await lossesWith((inputs) => {
    seen.push(inputs.shape[0]);
    return inputs;
  });
  assert.deepEqual(seen, [6, 6, 6]);
  assert.deepEqual(same, await lossesWith());
  const other = await lossesWith((inputs) => add(inputs, 1));
  assert.notEqual(other.trainLoss, same.trainLoss);
});
