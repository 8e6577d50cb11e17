/**
 * Ten CNN-4 steps against PyTorch, from PyTorch's own initial weights and batches: its generator is
 * MT19937, so weights and batches are drawn here number for number as `goldens/cnn4_steps.py` drew
 * them. Losses within 1e-4, gradients of the first step within 1e-3 of the largest.
 */
import assert from "node:assert/strict";
import { backward, type Device, type Tensor } from "../../engine/mod.ts";
import { crossEntropy } from "../../engine/ops/loss.ts";
import { Adam } from "../../engine/optim/adam.ts";
import { clipGradNorm } from "../../engine/optim/clip.ts";
import { Random } from "../../engine/random.ts";
import { RandomState } from "../../features/corpus/mt19937.ts";
import { Cnn4 } from "../../models/cnn4.ts";
import { openDevices } from "../engine/devices.ts";
import golden from "../goldens/cnn4_steps.json" with { type: "json" };

/** torch.rand: the low 24 bits of each output. */
function torchUniform(random: RandomState, n: number, low = 0, high = 1): Float32Array {
  const range = Math.fround(Math.fround(high) - Math.fround(low));
  return Float32Array.from({ length: n }, () => {
    const u = (random.uint32() & 0xffffff) / 2 ** 24;
    return Math.fround(u * range) + low;
  });
}

/** PyTorch's initial weights: weight then bias of each layer, uniform in ±1/√fan-in. */
function initialize(model: Cnn4, random: RandomState): void {
  const fill = (layer: { weight: Tensor; bias: Tensor }) => {
    const fanIn = layer.weight.size / layer.weight.shape[0];
    const bound = 1 / Math.sqrt(fanIn);
    layer.weight.write(torchUniform(random, layer.weight.size, -bound, bound));
    layer.bias.write(torchUniform(random, layer.bias.size, -bound, bound));
  };
  for (const block of model.blocks) fill(block.conv);
  fill(model.hidden);
  fill(model.output);
}

interface StepResult {
  readonly loss: number;
  readonly norm: number;
  readonly gradients: Map<string, Float32Array>;
}

async function step(
  device: Device,
  model: Cnn4,
  adam: Adam,
  random: RandomState,
  keepGradients: boolean,
): Promise<StepResult> {
  const { batch } = golden;
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

Deno.test("ten CNN-4 steps follow PyTorch's, on every backend", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    await t.step(device.name, async () => {
      const model = new Cnn4({ device, random: Random.of(0, "unused") }, 8);
      assert.equal(model.parameterCount(), 1_803_448);
      const random = new RandomState(golden.seed);
      initialize(model, random);
      const adam = new Adam(model.parameters(), { learningRate: 1e-3, weightDecay: 5e-5 });
      const live = device.liveTensors;
      for (let i = 0; i < golden.losses.length; i++) {
        const { loss, norm, gradients } = await step(device, model, adam, random, i === 0);
        const error = Math.abs(loss - golden.losses[i]) / golden.losses[i];
        assert.ok(error <= 1e-4, `step ${i + 1}: loss ${loss}, PyTorch ${golden.losses[i]}`);
        if (i === 0) {
          assert.ok(Math.abs(norm / golden.norms[0] - 1) < 1e-4, `gradient norm ${norm}`);
          checkGradients(gradients);
        }
      }
      assert.equal(device.liveTensors, live, "a step leaves no tensor behind");
      adam.dispose();
      model.dispose();
    });
  }
});

function checkGradients(gradients: Map<string, Float32Array>): void {
  const expected: Record<string, { largest: number; at: number[]; values: number[] }> =
    golden.gradients;
  assert.deepEqual([...gradients.keys()].sort(), Object.keys(expected).sort());
  for (const [name, { largest, at, values }] of Object.entries(expected)) {
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
