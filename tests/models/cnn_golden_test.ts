/**
 * The first steps of the paper's CNNs against PyTorch, from PyTorch's own initial weights and
 * batches, drawn here number for number as `goldens/cnn_steps.py` drew them. Losses within 1e-4,
 * gradients of the first step within 1e-3 of the largest.
 */
import assert from "node:assert/strict";
import { backward, type Device } from "../../engine/mod.ts";
import { crossEntropy } from "../../engine/ops/loss.ts";
import { Adam } from "../../engine/optim/adam.ts";
import { clipGradNorm } from "../../engine/optim/clip.ts";
import type { LayerContext, Linear } from "../../engine/nn/layers.ts";
import type { Module } from "../../engine/nn/module.ts";
import { Random } from "../../engine/random.ts";
import { RandomState } from "../../features/corpus/mt19937.ts";
import { VECTOR_NAMES } from "../../features/vector.ts";
import type { ConvBlock } from "../../models/conv_block.ts";
import { Cnn3 } from "../../models/cnn3.ts";
import { Cnn4 } from "../../models/cnn4.ts";
import { Cnn5 } from "../../models/cnn5.ts";
import { CnnMlp } from "../../models/cnn_mlp.ts";
import { openDevices } from "../engine/devices.ts";
import { initialize, torchUniform } from "./pytorch.ts";
import golden from "../goldens/cnn_steps.json" with { type: "json" };

interface Cnn extends Module {
  readonly blocks: ConvBlock[];
  readonly hidden: Linear | Linear[];
  readonly output: Linear;
}

interface Golden {
  readonly parameters: number;
  readonly batch: number;
  readonly losses: number[];
  readonly norms: number[];
  readonly gradients: Record<string, { largest: number; at: number[]; values: number[] }>;
}

interface StepResult {
  readonly loss: number;
  readonly norm: number;
  readonly gradients: Map<string, Float32Array>;
}

interface Training {
  readonly device: Device;
  readonly model: Cnn;
  readonly adam: Adam;
  readonly random: RandomState;
  readonly batch: number;
}

async function step(
  { device, model, adam, random, batch }: Training,
  keepGradients: boolean,
): Promise<StepResult> {
  const images = device.tensor(
    torchUniform(random, batch * 128 * 128).map((v) => v * 2 - 1),
    [batch, 128, 128],
  );
  const labels = device.tensor(Int32Array.from({ length: batch }, () => random.uint32() % 8));
  const { loss, clip } = device.scope(() => {
    const loss = crossEntropy(model.forward(images), labels, {});
    backward(loss);
    return { loss, clip: clipGradNorm(model.parameters().values(), 1) };
  });
  const gradients = new Map<string, Float32Array>();
  if (keepGradients) {
    for (const [name, p] of model.parameters()) {
      gradients.set(name, await p.grad!.data() as Float32Array);
    }
  }
  adam.step(clip);
  adam.zeroGrad();
  const result = { loss: await loss.item(), norm: (await clip.data())[1], gradients };
  for (const t of [images, labels, loss, clip]) t.dispose();
  return result;
}

const CASES: readonly [name: string, build: (context: LayerContext) => Cnn, Golden][] = [
  ["CNN-3", (context) => new Cnn3(context, 8), golden.cnn3],
  ["CNN-4", (context) => new Cnn4(context, 8), golden.cnn4],
  ["CNN-5", (context) => new Cnn5(context, 8, { dropout: 0 }), golden.cnn5],
];

for (const [name, build, expected] of CASES) {
  const { losses, batch } = expected;
  Deno.test(`${losses.length} steps of ${name} follow PyTorch's, on every backend`, async (t) => {
    using devices = await openDevices();
    for (const device of devices.list) {
      await t.step(device.name, async () => {
        const model = build({ device, random: Random.of(0, "unused") });
        assert.equal(model.parameterCount(), expected.parameters);
        const random = new RandomState(golden.seed);
        const { blocks, hidden, output } = model;
        initialize([...blocks.map((b) => b.conv), ...[hidden].flat(), output], random);
        const adam = new Adam(model.parameters(), { learningRate: 1e-3, weightDecay: 5e-5 });
        const live = device.liveTensors;
        for (let i = 0; i < losses.length; i++) {
          const training = { device, model, adam, random, batch };
          const { loss, norm, gradients } = await step(training, i === 0);
          const error = Math.abs(loss - losses[i]) / losses[i];
          assert.ok(error <= 1e-4, `step ${i + 1}: loss ${loss}, PyTorch ${losses[i]}`);
          if (i === 0) {
            assert.ok(Math.abs(norm / expected.norms[0] - 1) < 1e-4, `gradient norm ${norm}`);
            checkGradients(gradients, expected);
          }
        }
        assert.equal(device.liveTensors, live, "a step leaves no tensor behind");
        adam.dispose();
        model.dispose();
      });
    }
  });
}

Deno.test("CNN + MLP answers as PyTorch's does, on every backend", async (t) => {
  const { parameters, scalars, batch, logits } = golden.cnnMlp;
  using devices = await openDevices();
  for (const device of devices.list) {
    await t.step(device.name, async () => {
      const model = new CnnMlp({ device, random: Random.of(0, "unused") }, 40 + scalars, 8);
      assert.equal(model.parameterCount(), parameters);
      const random = new RandomState(golden.seed);
      const { convs, combined, output } = model;
      const linears = [...model.scalars.map((s) => s.linear), ...combined, output];
      initialize([...convs.map((c) => c.conv), ...linears], random);
      const cepstra = torchUniform(random, batch * 40);
      const others = torchUniform(random, batch * scalars);
      const first = VECTOR_NAMES.indexOf("mfcc_01_mean");
      const rows = Array.from({ length: batch }, (_, i) => {
        const row = [...others.subarray(i * scalars, (i + 1) * scalars)];
        row.splice(first, 0, ...cepstra.subarray(i * 40, (i + 1) * 40));
        return row;
      });
      model.train(false);
      const answer = device.noGrad(() =>
        device.scope(() => model.forward(device.tensor(rows.flat(), [batch, 40 + scalars])))
      );
      (await answer.data()).forEach((v, i) => {
        assert.ok(Math.abs(v - logits[i]) < 1e-5, `logit ${i}: ${v}, PyTorch ${logits[i]}`);
      });
      answer.dispose();
      model.dispose();
    });
  }
});

function checkGradients(gradients: Map<string, Float32Array>, expected: Golden): void {
  assert.deepEqual([...gradients.keys()].sort(), Object.keys(expected.gradients).sort());
  for (const [name, { largest, at, values }] of Object.entries(expected.gradients)) {
    // Batch norm cancels the bias before it: its gradient is rounding noise, in PyTorch too.
    if (/conv\.bias$/.test(name)) continue;
    at.forEach((i, k) => {
      const error = Math.abs(gradients.get(name)![i] - values[k]);
      assert.ok(
        error <= 1e-3 * largest,
        `${name}[${i}]: ${gradients.get(name)![i]}, PyTorch ${values[k]}`,
      );
    });
  }
}
