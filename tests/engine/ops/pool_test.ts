/** Pooling at its edges: ties, NaN, and wrong arguments. */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import { openDevices } from "../devices.ts";

Deno.test("of equal values in a window the first gets max pooling's gradient", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const x = T.full(device, [1, 1, 3, 3], 1);
    x.requiresGrad = true;
    const y = T.maxPool2d(x, { kernel: 2, stride: 1 });
    T.backward(y, device.tensor([1, 2, 4, 8], y.shape));
    assert.deepEqual([...await x.grad!.data()], [1, 2, 0, 4, 8, 0, 0, 0, 0], device.name);
  }
});

Deno.test("a NaN wins every window that holds it", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    for (let place = 0; place < 4; place++) {
      const values = new Float32Array(16).fill(2);
      values[[0, 1, 4, 5][place]] = NaN;
      const x = device.tensor(values, [1, 1, 4, 4]);
      const two = await T.maxPool2d(x, { kernel: 2 }).data();
      assert.deepEqual([...two], [NaN, 2, 2, 2], device.name);
      const four = await T.maxPool2d(x, { kernel: 4 }).data();
      assert.deepEqual([...four], [NaN], device.name);
    }
  }
});

Deno.test("pooling says what does not fit", async () => {
  using device = await T.openDevice("cpu", { threads: 1 });
  const x = T.zeros(device, [1, 2, 3, 4]);
  assert.throws(() => T.maxPool2d(x, { kernel: 5 }), /kernel 5×5 is larger .*1×2×3×4/);
  assert.throws(() => T.avgPool2d(x, { kernel: 2, padding: 2 }), /padding must be .* got 2/);
  assert.throws(() => T.avgPool2d(x, { kernel: 2, stride: 0 }), /whole and positive/);
  assert.throws(() => T.maxPool2d(T.zeros(device, [3, 4]), { kernel: 2 }), /N×C×H×W, got 3×4/);
});
