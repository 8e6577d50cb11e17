/** Layers over time against PyTorch's values and gradients (goldens/sequence.py), and how they start. */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import type { LayerContext } from "../../../engine/nn/layers.ts";
import type { Module } from "../../../engine/nn/module.ts";
import { Conv1d, GroupNorm, WeightNormConv1d } from "../../../engine/nn/sequence_layers.ts";
import golden from "../../goldens/sequence.json" with { type: "json" };
import { openDevices } from "../devices.ts";
import { assertClose } from "../ops/harness.ts";

interface Golden {
  readonly layer: string;
  readonly channels: number | [number, number];
  readonly kernel?: number;
  readonly options: Record<string, number | boolean>;
  readonly shape: number[];
  readonly x: number[];
  readonly state: Record<string, { shape: number[]; data: number[] }>;
  readonly y_shape: number[];
  readonly y: number[];
  readonly w: number[];
  readonly dx: number[];
  readonly grads: Record<string, number[]>;
}

function layerOf(c: Golden, context: LayerContext): Module {
  if (typeof c.channels === "number") {
    return new GroupNorm(context, c.channels, { groups: Number(c.options.groups) });
  }
  const Layer = c.layer === "Conv1d" ? Conv1d : WeightNormConv1d;
  return new Layer(context, c.channels, c.kernel!, c.options);
}

Deno.test("layers over time give PyTorch's values and gradients", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    for (const c of golden as unknown as Golden[]) {
      await t.step(`${c.layer} ${JSON.stringify(c.options)} on ${device.name}`, async () => {
        const layer = layerOf(c, { device, random: T.Random.of(1) });
        const state = Object.entries(c.state).map(([name, { shape, data }]) =>
          [name, { shape, data: Float32Array.from(data) }] as const
        );
        layer.load(new Map(state));
        const x = device.tensor(c.x, c.shape);
        x.requiresGrad = true;
        const y = device.scope(() => {
          const y = layer.forward(x);
          T.backward(y, device.tensor(c.w, y.shape));
          return y;
        });
        assert.deepEqual([...y.shape], c.y_shape);
        assertClose("value", await y.data(), c.y, 1e-5);
        assertClose("gradient of the input", await x.grad!.data(), c.dx, 1e-4);
        for (const [name, tensor] of layer.parameters()) {
          assertClose(`gradient of ${name}`, await tensor.grad!.data(), c.grads[name], 1e-4);
        }
        layer.dispose();
      });
    }
  }
});

Deno.test("layers over time start as PyTorch's do", async () => {
  using devices = await openDevices();
  const [device] = devices.list;
  const context = { device, random: T.Random.of(3) };
  const conv = new Conv1d(context, [12, 8], 5, { groups: 2 });
  const bound = 1 / Math.sqrt(6 * 5);
  for (const tensor of [conv.weight, conv.bias!]) {
    const values = await tensor.data();
    assert.ok(values.every((v) => Math.abs(v) <= bound) && values.some((v) => v > bound / 2));
  }
  const plain = new Conv1d(context, [4, 4], 3, { bias: false });
  assert.deepEqual([...plain.state().keys()], ["weight"]);

  const normed = new WeightNormConv1d(context, [6, 4], 3, { dim: 2 });
  assert.deepEqual([...normed.state().keys()], ["weight_g", "weight_v", "bias"]);
  assert.deepEqual([...normed.weightG.shape], [1, 1, 3]);
  const weight = device.scope(() => normed.weight());
  assertClose("weight", await weight.data(), await normed.weightV.data(), 1e-6);

  const norm = new GroupNorm(context, 4, { groups: 2 });
  assert.deepEqual([...await norm.weight.data()], [1, 1, 1, 1]);
  assert.deepEqual([...await norm.bias.data()], [0, 0, 0, 0]);
});
