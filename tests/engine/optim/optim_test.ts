/** Optimisers, clipping and the scheduler against PyTorch (goldens/optim.py), and their state. */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import { Adam, type AdamOptions } from "../../../engine/optim/adam.ts";
import { AdamW } from "../../../engine/optim/adamw.ts";
import { clipGradNorm } from "../../../engine/optim/clip.ts";
import { EarlyStopping } from "../../../engine/optim/early_stopping.ts";
import type { Optimizer } from "../../../engine/optim/optimizer.ts";
import {
  type PlateauOptions,
  ReduceLROnPlateau,
} from "../../../engine/optim/reduce_lr_on_plateau.ts";
import { Sgd, type SgdOptions } from "../../../engine/optim/sgd.ts";
import { oneCycle, warmupLinear } from "../../../engine/optim/schedules.ts";
import { sizeOf } from "../../../engine/shape.ts";
import golden from "../../goldens/optim.json" with { type: "json" };
import { openDevices } from "../devices.ts";
import { assertClose } from "../ops/harness.ts";

type Parameters = Map<string, T.Tensor>;

function parameters(device: T.Device): Parameters {
  return new Map(golden.shapes.map((shape, p) => {
    const values = Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + p + 0.7 * i));
    const t = device.tensor(values, shape);
    t.requiresGrad = true;
    return [`p${p}`, t];
  }));
}

function setGrads(params: Parameters, step: number): void {
  [...params.values()].forEach((t, p) => {
    const f = (i: number) => (1 + step) * Math.cos(0.3 * i + p + step);
    t.grad = t.device.tensor(Array.from({ length: t.size }, (_, i) => f(i)), t.shape);
  });
}

function make(name: string, params: Parameters, options: object): Optimizer {
  if (name === "Sgd") return new Sgd(params, options as SgdOptions);
  return new (name === "Adam" ? Adam : AdamW)(params, options as AdamOptions);
}

function oneStep(
  optimizer: Optimizer,
  params: Parameters,
  step: number,
  clip: number | null,
): void {
  setGrads(params, step);
  const scale = clip === null ? undefined : clipGradNorm(params.values(), clip);
  optimizer.step(scale);
  optimizer.zeroGrad();
  scale?.dispose();
}

Deno.test("optimisers step as PyTorch's do, weight decay and clipping included", async (t) => {
  using devices = await openDevices();
  for (const { name, options, clip, weights } of golden.optimizers) {
    await t.step(`${name} ${JSON.stringify(options)}, clip ${clip}`, async () => {
      for (const device of devices.list) {
        const before = device.liveTensors;
        const params = parameters(device);
        const optimizer = make(name, params, options);
        for (let step = 0; step < golden.steps; step++) oneStep(optimizer, params, step, clip);
        for (const [p, tensor] of [...params.values()].entries()) {
          assertClose(`${device.name}, p${p}`, await tensor.data(), weights[p], 1e-5);
        }
        optimizer.dispose();
        for (const tensor of params.values()) tensor.dispose();
        assert.equal(device.liveTensors, before, "tensors leaked");
      }
    });
  }
});

Deno.test("the norm that clipping measures is PyTorch's", async () => {
  using devices = await openDevices();
  const { norms, clip } = golden.optimizers.find((o) => o.norms.length > 0)!;
  for (const device of devices.list) {
    const params = parameters(device);
    for (const [step, expected] of norms.entries()) {
      setGrads(params, step);
      const [scale, norm] = await clipGradNorm(params.values(), clip!).data();
      assertClose(device.name, [norm], [expected], 1e-6);
      assertClose(device.name, [scale], [Math.min(1, clip! / expected)], 1e-5);
    }
  }
});

Deno.test("a NaN gradient makes the clip factor NaN, and no gradient at all is an error", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const w = device.tensor([1, 2]);
    assert.throws(() => clipGradNorm([w], 1), /there is no gradient/);
    w.grad = device.tensor([NaN, 1]);
    assert.ok(Number.isNaN((await clipGradNorm([w], 1).data())[0]), device.name);
  }
});

Deno.test("an optimiser restored from its state goes on with the same bits", async () => {
  using device = await T.openDevice("cpu", { threads: 2 });
  for (const { name, options, clip } of golden.optimizers) {
    const straight = parameters(device);
    const first = make(name, straight, options);
    for (let step = 0; step < 3; step++) oneStep(first, straight, step, clip);
    const weights = await Promise.all([...straight.values()].map((t) => t.data()));
    const state = await Promise.all(
      [...first.tensors()].map(async ([k, t]) => [k, await t.data()] as const),
    );
    const numbers = JSON.parse(JSON.stringify(first.numbers()));

    const resumed = parameters(device);
    const second = make(name, resumed, { ...options, learningRate: 9 });
    [...resumed.values()].forEach((t, i) => t.write(weights[i]));
    for (const [k, data] of state) second.tensors().get(k)!.write(data);
    second.restore(numbers);
    for (let step = 3; step < 6; step++) {
      oneStep(first, straight, step, clip);
      oneStep(second, resumed, step, clip);
    }
    for (const key of straight.keys()) {
      assert.deepEqual(await resumed.get(key)!.data(), await straight.get(key)!.data(), name);
    }
  }
});

Deno.test("restoring names a parameter whose state is missing", async () => {
  using device = await T.openDevice("cpu", { threads: 1 });
  const optimizer = new Adam(parameters(device));
  assert.throws(
    () => optimizer.restore({ learningRate: 1, steps: { p0: 1, p1: 1 } }),
    /optimiser state: p2 is missing/,
  );
});

Deno.test("a parameter without a gradient is left alone", async () => {
  using device = await T.openDevice("cpu", { threads: 1 });
  const params = parameters(device);
  const before = await params.get("p1")!.data();
  const optimizer = new Adam(params, { weightDecay: 0.1 });
  setGrads(params, 0);
  params.get("p1")!.grad = null;
  optimizer.step();
  assert.deepEqual(await params.get("p1")!.data(), before);
  assert.deepEqual(optimizer.numbers().steps, { p0: 1, p1: 0, p2: 1 });
});

Deno.test("the learning rate falls when PyTorch's ReduceLROnPlateau lets it", () => {
  for (const { options, rates } of golden.plateaus) {
    const target = { learningRate: 1 };
    let scheduler = new ReduceLROnPlateau(target, options as PlateauOptions);
    const got = golden.losses.map((loss) => {
      scheduler.step(loss ?? NaN);
      const state = JSON.parse(JSON.stringify(scheduler.state()));
      scheduler = new ReduceLROnPlateau(target, options as PlateauOptions);
      scheduler.restore(state);
      return target.learningRate;
    });
    assertClose(JSON.stringify(options), got, rates, 1e-12);
  }
});

Deno.test("the one-cycle schedule is PyTorch's, and stays at its end", () => {
  for (const { options: { maxLearningRate, totalSteps, ...shape }, rates } of golden.oneCycles) {
    const options = { steps: totalSteps, ...shape };
    rates.forEach((rate, i) => {
      const got = maxLearningRate * oneCycle(i, options);
      assert.ok(Math.abs(got - rate) <= 1e-12 * Math.abs(rate), `${i}: ${got}`);
    });
    assert.equal(oneCycle(totalSteps + 5, options), oneCycle(totalSteps - 1, options));
  }
});

Deno.test("warm-up and linear decay are transformers'", () => {
  for (const { options: { warmupSteps, totalSteps: steps }, rates } of golden.warmups) {
    const got = rates.map((_, i) => 0.5 * warmupLinear(i, { steps, warmupSteps }));
    assertClose(`${warmupSteps} of ${steps}`, got, rates, 1e-15);
  }
});

Deno.test("a factor on the learning rate that names no parameter is an error", async () => {
  using device = await T.openDevice("cpu", { threads: 1 });
  assert.throws(
    () => new Adam(parameters(device), { factors: { p9: 0.5 } }),
    /optimiser: no parameter p9 for a factor/,
  );
});

Deno.test("early stopping stops after its patience, counted from the last new low", () => {
  let stopping = new EarlyStopping({ patience: 2 });
  const improved: boolean[] = [], stopped: boolean[] = [];
  for (const loss of [3, 2, 2, 1.9, NaN, 1.9]) {
    improved.push(stopping.step(loss));
    stopped.push(stopping.stopped);
    const state = JSON.parse(JSON.stringify(stopping.state()));
    stopping = new EarlyStopping({ patience: 2 });
    stopping.restore(state);
  }
  assert.deepEqual(improved, [true, true, false, true, false, false]);
  assert.deepEqual(stopped, [false, false, false, false, false, true]);
});
