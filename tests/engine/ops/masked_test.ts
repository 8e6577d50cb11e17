/** What padding holds, NaN as well, is nothing to masked ops: not their values, not their gradients. */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import { openDevices } from "../devices.ts";

const ops: Readonly<Record<string, (x: T.Tensor, lengths: T.Tensor) => T.Tensor>> = {
  maskFrames: (x, lengths) => T.maskFrames(x, lengths, -1),
  maskedMean: T.maskedMean,
  maskedSoftmax: T.maskedSoftmax,
  attentiveStatistics: (x, lengths) => T.attentiveStatistics(x, x, lengths),
};

Deno.test("NaN in padding changes no bit and gets no gradient", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    for (const [name, op] of Object.entries(ops)) {
      await t.step(`${name} on ${device.name}`, async () => {
        const lengths = device.tensor(Int32Array.of(4, 2, 0));
        const results = await Promise.all([0, NaN].map(async (padding) => {
          const values = Float32Array.from({ length: 36 }, (_, i) => {
            const frame = Math.floor(i / 3);
            return frame % 4 < [4, 2, 0][Math.floor(frame / 4)] ? Math.sin(i) : padding;
          });
          const x = device.tensor(values, [3, 4, 3]);
          x.requiresGrad = true;
          const y = device.scope(() => {
            const y = op(x, lengths);
            const weights = Float32Array.from({ length: y.size }, (_, i) => Math.cos(i));
            T.backward(y, device.tensor(weights, y.shape));
            return y;
          });
          return { y: await y.data(), grad: await x.grad!.data() };
        }));
        assert.deepEqual(results[1], results[0]);
        const { y, grad } = results[1];
        assert.ok(y.every(Number.isFinite));
        assert.ok(grad.every((g, i) => i < 18 || g === 0), "padding has a gradient");
        assert.ok(grad.subarray(0, 18).some((g) => g !== 0), "valid frames have none");
      });
    }
  }
});

Deno.test("masked ops name what does not fit", async () => {
  using device = await T.openDevice("cpu", { threads: 1 });
  const x = T.zeros(device, [2, 3, 4]), lengths = device.tensor(Int32Array.of(1, 2, 3));
  assert.throws(
    () => T.maskedMean(x, lengths),
    /maskFrames: needs f32 \[B, T, C\] and i32 lengths \[B\], got f32 2×3×1 and i32 3/,
  );
  assert.throws(
    () => T.attentiveStatistics(x, T.zeros(device, [2, 3, 2]), lengths),
    /attentiveStatistics: scores must be 2×3×4 or 2×3×1, got 2×3×2/,
  );
});
