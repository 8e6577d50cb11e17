/** Members of an ensemble learn as if each were alone, and answer together. */
import assert from "node:assert/strict";
import { openDevice } from "../../../engine/open.ts";
import { Ensemble, together } from "../../../engine/nn/ensemble.ts";
import { type LayerContext, Linear } from "../../../engine/nn/layers.ts";
import type { Module } from "../../../engine/nn/module.ts";
import { Random } from "../../../engine/random.ts";
import type { Device } from "../../../engine/device.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import type { Recipe } from "../../../engine/train/recipe.ts";
import { Rows } from "../../../engine/train/rows.ts";
import { Trainer } from "../../../engine/train/trainer.ts";

const CLASSES = 3;
const WIDTH = 5;

/** A norm that one member's gradients pass and the other's do not. */
const RECIPE: Recipe = {
  epochs: 3,
  batch: 4,
  optimizer: "adamw",
  learningRate: 0.05,
  weightDecay: 0.1,
  clipNorm: 0.4,
  plateau: null,
  schedule: { kind: "one-cycle" },
  keep: "last",
  patience: 1,
  labelSmoothing: 0.1,
};

class Pair extends Ensemble<Tensor> {
  readonly members: readonly Linear[];

  constructor(context: LayerContext) {
    super();
    this.members = [new Linear(context, WIDTH, CLASSES), new Linear(context, WIDTH, CLASSES)];
  }

  protected override prepare(x: Tensor): Tensor {
    return x;
  }
}

async function valuesOf(model: Module<never>) {
  const values = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [name, t] of model.state()) {
    values.set(name, { shape: t.shape, data: await t.data() as Float32Array });
  }
  return values;
}

async function trained(device: Device, model: Module): Promise<Trainer> {
  const random = Random.of(4, "clips");
  const rows = Array.from(
    { length: 14 },
    () => Float32Array.from({ length: WIDTH }, () => random.nextU32() / 2 ** 31 - 1),
  );
  const hostLabels = Int32Array.from(rows, () => random.below(CLASSES));
  const clips = {
    inputs: new Rows(device, rows, { rowShape: [WIDTH] }),
    ...{ n: rows.length, hostLabels, labels: device.keep(device.tensor(hostLabels)) },
  };
  const trainer = new Trainer({
    ...{ device, model, recipe: RECIPE, seed: 3, random, train: clips, validation: clips },
  });
  await trainer.run();
  return trainer;
}

Deno.test("each member ends with the weights it has when trained alone", async () => {
  using device = await openDevice("cpu");
  const context = { device, random: Random.of(1, "weights") };
  const pair = new Pair(context);
  const alone = [new Linear(context, WIDTH, CLASSES), new Linear(context, WIDTH, CLASSES)];
  for (const [i, one] of alone.entries()) one.load(await valuesOf(pair.members[i]));
  const both = await trained(device, pair);
  const each = await Promise.all(alone.map((one) => trained(device, one)));
  for (const [i, one] of alone.entries()) {
    assert.deepEqual(await valuesOf(pair.members[i]), await valuesOf(one), `member ${i}`);
  }
  const losses = each.map(({ history }) => history[0].trainLoss);
  assert.ok(Math.abs(both.history[0].trainLoss - (losses[0] + losses[1]) / 2) < 1e-6);
  assert.equal(both.history.length, RECIPE.epochs, "patience has no say where the last are kept");
});

Deno.test("together they answer by the mean of their log-probabilities", async () => {
  using device = await openDevice("cpu");
  const logits = [[2, 0, 1], [0, 3, 3.5]];
  using answer = together(logits.map((row) => device.tensor(row, [1, CLASSES])));
  const logProbability = (row: number[]) => {
    const total = Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
    return row.map((z) => z - total);
  };
  const [a, b] = logits.map(logProbability);
  (await answer.data()).forEach((x, k) => assert.ok(Math.abs(x - (a[k] + b[k]) / 2) < 1e-6));
});
