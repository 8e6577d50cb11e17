/** Training in half precision: it learns as well, reads nothing back (nor in f32), and goes on where it stopped. */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import { openDevices } from "../devices.ts";

const SIDE = 8;
const CLASSES = 3;
const N = 48;

const RECIPE: T.Recipe = {
  epochs: 8,
  batch: 16,
  learningRate: 5e-3,
  weightDecay: 0,
  clipNorm: 1,
  plateau: null,
  patience: 99,
  labelSmoothing: 0,
};

class SmallCnn extends T.Module {
  readonly conv: T.Conv2d;
  readonly norm: T.BatchNorm;
  readonly output: T.Linear;

  constructor(context: T.LayerContext) {
    super();
    this.conv = new T.Conv2d(context, [1, 6], 3, { padding: 1 });
    this.norm = new T.BatchNorm(context, 6);
    this.output = new T.Linear(context, 6 * SIDE * SIDE / 4, CLASSES);
  }

  forward(x: T.Tensor): T.Tensor {
    const maps = this.conv.forward(T.reshape(x, [-1, 1, SIDE, SIDE]));
    const pooled = this.norm.forwardReluMaxPool(maps);
    return this.output.forward(T.reshape(pooled, [-1, 6 * SIDE * SIDE / 4]));
  }
}

/** Noise with a bright row whose place tells the class. */
function data(device: T.Device, name: string): T.LabelledData {
  const random = T.Random.of(1, name);
  const hostLabels = Int32Array.from({ length: N }, () => random.below(CLASSES));
  const values = Array.from(
    hostLabels,
    (label) =>
      Float32Array.from({ length: SIDE * SIDE }, (_, i) => {
        const bright = Math.floor(i / SIDE) === 2 * label + 1 ? 1 : 0;
        return random.nextU32() / 2 ** 31 - 1 + bright;
      }),
  );
  const inputs = new T.Rows(device, values, { rowShape: [SIDE, SIDE] });
  return { inputs, labels: device.keep(device.tensor(hostLabels)), n: N, hostLabels };
}

function newTrainer(device: T.Device): T.Trainer {
  const random = T.Random.of(7, "network");
  const train = data(device, "train");
  const model = new SmallCnn({ device, random });
  const validation = data(device, "validation");
  return new T.Trainer({ device, model, recipe: RECIPE, seed: 7, random, train, validation });
}

Deno.test("a small CNN trains in f16 to about the loss it has in f32", async () => {
  const losses: number[] = [];
  for (const precision of ["f32", "f16"] as const) {
    using devices = await openDevices({ precision });
    for (const device of devices.list) {
      const trainer = newTrainer(device);
      await trainer.run();
      losses.push(trainer.history.at(-1)!.trainLoss);
      const scale = await trainer.lossScale();
      assert.equal(scale === null, precision === "f32");
      if (scale) assert.ok(scale.skipped <= 8 && scale.scale === 2 ** (16 - scale.skipped));
    }
  }
  const [first] = losses;
  assert.ok(first < 0.5, `learned nothing: ${first}`);
  for (const loss of losses) assert.ok(Math.abs(loss - first) < 0.05 * first, losses.join());
});

Deno.test("stopped and restored, training in f16 goes on to the same bits", async () => {
  using devices = await openDevices({ precision: "f16" });
  const [device] = devices.list;
  const state = async (trainer: T.Trainer) => {
    const all: [string, T.TypedData][] = [];
    for (const [name, t] of trainer.tensors()) all.push([name, await t.data()]);
    return all;
  };
  const whole = newTrainer(device);
  await whole.run();
  const stopped = newTrainer(device);
  const stop = new AbortController();
  await stopped.run({ signal: stop.signal, onStep: ({ epoch }) => epoch === 3 && stop.abort() });
  const resumed = newTrainer(device);
  const saved = new Map(await state(stopped));
  assert.ok(saved.has("scaler.scale") && saved.has("scaler.counts"));
  for (const [name, t] of resumed.tensors()) t.write(saved.get(name)!);
  resumed.restore(stopped.numbers());
  await resumed.run();
  assert.deepEqual(await state(resumed), await state(whole));
});

for (const precision of ["f32", "f16"] as const) {
  Deno.test(`on a GPU no step of an epoch in ${precision} reads anything back`, async () => {
    using devices = await openDevices({ precision });
    for (const device of devices.list.filter(({ kind }) => kind === "webgpu")) {
      const trainer = newTrainer(device);
      const read = device.backend.read.bind(device.backend);
      let reads = 0;
      device.backend.read = (...args) => {
        reads++;
        return read(...args);
      };
      const within: number[] = [];
      await trainer.run({ onStep: ({ step }) => step > 1 && within.push(reads) });
      const steps = trainer.steps - 1;
      assert.equal(within.length, steps * RECIPE.epochs);
      for (let i = 0; i < within.length; i += steps) {
        assert.equal(within[i], within[i + steps - 1], "a step read something");
      }
      assert.ok(reads <= 4 * RECIPE.epochs, `${reads} reads`);
    }
  });
}
