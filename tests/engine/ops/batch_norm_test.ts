/** What batch norm does at its edges: NaN, ties, zero scale, and wrong arguments. */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import { openDevices } from "../devices.ts";

function channels(device: T.Device, C: number) {
  const of = (v: number) => T.full(device, [C], v);
  return { gamma: of(1), beta: of(0), stats: { runningMean: of(0), runningVar: of(1) } };
}

Deno.test("a NaN shows in the pooled and in the plain output", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    for (let at = 0; at < 4; at++) {
      const { gamma, beta, stats } = channels(device, 1);
      const values = new Float32Array(16).fill(1);
      values[[0, 1, 4, 5][at]] = NaN;
      const x = device.tensor(values, [1, 1, 4, 4]);
      const options = { ...stats, training: false };
      const pooled = await T.batchNormReluMaxPool(x, gamma, beta, options).data();
      assert.deepEqual([...pooled].map(Number.isNaN), [true, false, false, false], device.name);
      const plain = await T.batchNorm(x, gamma, beta, { ...options, relu: true }).data();
      assert.equal([...plain].filter(Number.isNaN).length, 1, device.name);
    }
  }
});

Deno.test("of equal values in a window the first gets the gradient, and at 0 ReLU passes none", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    for (const W of [2, 8]) {
      const { gamma, beta, stats } = channels(device, 1);
      const rows = [
        new Array(W).fill(3),
        new Array(W).fill(3),
        new Array(W).fill(0),
        new Array(W).fill(-1),
      ];
      const x = device.tensor(rows.flat(), [1, 1, 4, W]);
      x.requiresGrad = true;
      const y = T.batchNormReluMaxPool(x, gamma, beta, { ...stats, training: false });
      T.backward(y, T.full(device, y.shape, 1));
      const grad = await x.grad!.data();
      const expected = rows.flat().map((_, i) => i < W && i % 2 === 0 ? 1 : 0);
      assert.deepEqual([...grad].map((g) => Math.round(g * 1e3) / 1e3), expected, device.name);
    }
  }
});

Deno.test("with gamma 0 the first of each window counts for gamma's gradient", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const { beta, stats } = channels(device, 1);
    const gamma = T.zeros(device, [1]);
    gamma.requiresGrad = true;
    const x = device.tensor([5, 1, 2, 9], [1, 1, 2, 2]);
    const y = T.batchNormReluMaxPool(x, gamma, T.add(beta, 1), { ...stats, training: false });
    T.backward(y, T.full(device, y.shape, 1));
    assert.ok(Math.abs(await gamma.grad!.item() - 5) < 1e-3, device.name);
  }
});

Deno.test("batch norm says what does not fit", async () => {
  using device = await T.openDevice("cpu", { threads: 1 });
  const { gamma, beta, stats } = channels(device, 3);
  const norm = (shape: number[], training = false) =>
    T.batchNorm(T.zeros(device, shape), gamma, beta, { ...stats, training });
  assert.throws(() => norm([2, 4, 5]), /gamma must be 4, got 3/);
  assert.throws(() => norm([3]), /expected N×C×…, got 3/);
  assert.throws(() => norm([1, 3], true), /more than one value a channel/);
  assert.throws(
    () =>
      T.batchNormReluMaxPool(T.zeros(device, [2, 3, 1, 4]), gamma, beta, {
        ...stats,
        training: true,
      }),
    /at least 2×2, got 2×3×1×4/,
  );
});
