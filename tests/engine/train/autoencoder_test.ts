import assert from "node:assert/strict";
import type { Device } from "../../../engine/device.ts";
import {
  BatchNorm,
  Conv2d,
  ConvTranspose2d,
  type LayerContext,
} from "../../../engine/nn/layers.ts";
import { Module } from "../../../engine/nn/module.ts";
import { Random } from "../../../engine/random.ts";
import type { Tensor } from "../../../engine/tensor.ts";
import {
  type Autoencoder,
  LayerwisePretrainer,
  type PretrainerNumbers,
} from "../../../engine/train/autoencoder.ts";
import { Rows } from "../../../engine/train/rows.ts";
import { openDevices } from "../devices.ts";

const SHAPE = [10, 1, 8, 8];
const RECIPE = { epochs: 4, batch: 4, learningRate: 0.01 };

class Block extends Module {
  readonly conv: Conv2d;
  readonly norm: BatchNorm;

  constructor(context: LayerContext, inputs: number, outputs: number) {
    super();
    this.conv = new Conv2d(context, [inputs, outputs], 3, { padding: 1 });
    this.norm = new BatchNorm(context, outputs);
  }

  forward(x: Tensor): Tensor {
    return this.norm.forwardReluMaxPool(this.conv.forward(x));
  }
}

/** Two layers, 1 → 4 → 6 maps, and ten smooth pictures. */
function setUp(device: Device) {
  const context = { device, random: Random.of(11, "autoencoder") };
  const up = { stride: 2, padding: 1, outputPadding: 1 };
  const layers: Autoencoder[] = [[1, 4], [4, 6]].map(([inputs, outputs]) => ({
    encoder: new Block(context, inputs, outputs),
    decoder: new ConvTranspose2d(context, [outputs, inputs], 3, up),
  }));
  const pictures = Array.from(
    { length: 10 },
    (_, n) =>
      Float32Array.from({ length: 64 }, (_, i) => {
        const [y, x] = [Math.floor(i / 8), i % 8];
        return Math.sin(n + y / 2) + Math.cos(n * 2 + x / 3);
      }),
  );
  const inputs = new Rows(device, pictures, { rowShape: SHAPE.slice(1) });
  const pretrainer = new LayerwisePretrainer({ device, layers, recipe: RECIPE, seed: 7, inputs });
  const dispose = () => {
    pretrainer.dispose();
    inputs.dispose();
    for (const { encoder } of layers) encoder.dispose();
  };
  return { layers, inputs, pretrainer, dispose };
}

async function valuesOf(tensors: Map<string, Tensor>): Promise<Map<string, number[]>> {
  const values = new Map<string, number[]>();
  for (const [name, t] of tensors) values.set(name, [...await t.data()]);
  return values;
}

for (const precision of ["f32", "f16"] as const) {
  Deno.test(`every layer learns in ${precision} to restore what it sees, and leaves nothing behind`, async (t) => {
    using devices = await openDevices({ precision });
    for (const device of devices.list) {
      await t.step(device.name, async () => {
        const before = device.liveTensors;
        const { pretrainer, dispose } = setUp(device);
        const live = device.liveTensors;
        assert.equal(await pretrainer.run(), "done");
        assert.equal(device.liveTensors, live);
        assert.deepEqual(pretrainer.losses.map((l) => l.length), [4, 4]);
        for (const losses of pretrainer.losses) {
          assert.ok(losses[3] < losses[0] * 0.9, `losses ${losses}`);
        }
        assert.equal(pretrainer.epochs, 8);
        dispose();
        assert.equal(device.liveTensors, before);
      });
    }
  });
}

Deno.test("a finished layer is frozen, its batch norm too, while the next one learns", async () => {
  using devices = await openDevices();
  const { pretrainer, layers, dispose } = setUp(devices.list[0]);
  const frozen = () => valuesOf(layers[0].encoder.state());
  let finished: Map<string, number[]> | undefined;
  await pretrainer.run({
    async onEpoch() {
      if (pretrainer.epochs === RECIPE.epochs) finished = await frozen();
    },
  });
  assert.deepEqual(await frozen(), finished);
  dispose();
});

Deno.test("stopped in mid-epoch and restored elsewhere, it ends with the same bits", async () => {
  using devices = await openDevices();
  const [device] = devices.list;
  const whole = setUp(device);
  await whole.pretrainer.run();

  const first = setUp(device);
  const stop = new AbortController();
  let steps = 0;
  const outcome = await first.pretrainer.run({
    signal: stop.signal,
    onStep: () => ++steps === 14 && stop.abort(), // the second step of layer 2's first epoch
  });
  assert.equal(outcome, "interrupted");
  const numbers: PretrainerNumbers = JSON.parse(JSON.stringify(first.pretrainer.numbers()));
  assert.deepEqual([numbers.layer, numbers.step], [1, 2]);

  const second = setUp(device);
  const saved = await valuesOf(first.pretrainer.tensors());
  for (const [name, t] of second.pretrainer.tensors()) t.write(Float32Array.from(saved.get(name)!));
  second.pretrainer.restore(numbers);
  assert.equal(await second.pretrainer.run(), "done");
  assert.deepEqual(second.pretrainer.losses, whole.pretrainer.losses);
  assert.deepEqual(
    await valuesOf(second.pretrainer.tensors()),
    await valuesOf(whole.pretrainer.tensors()),
  );
  for (const { dispose } of [whole, first, second]) dispose();
});

Deno.test("pictures come back in their own shape, nearer to the input than before training", async () => {
  using devices = await openDevices();
  const [device] = devices.list;
  const { pretrainer, inputs, dispose } = setUp(device);
  const all = inputs.at(Int32Array.from({ length: inputs.n }, (_, i) => i));
  const target = await all.data();
  const errors = async () => {
    const sums: number[] = [];
    for (const restored of pretrainer.reconstruct(all)) {
      assert.deepEqual(restored.shape, SHAPE);
      const values = await restored.data();
      sums.push([...values].reduce((s, v, i) => s + (v - target[i]) ** 2, 0));
      restored.dispose();
    }
    return sums;
  };
  const before = await errors();
  await pretrainer.run();
  const after = await errors();
  assert.equal(after.length, 2);
  after.forEach((e, i) => assert.ok(e < before[i], `depth ${i + 1}: ${before[i]} to ${e}`));
  all.dispose();
  dispose();
});
