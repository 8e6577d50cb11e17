/** What the movement, loss and reduction ops say of shapes that do not fit, and do with nothing. */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import { openDevices } from "../devices.ts";

Deno.test("shapes that do not fit are named", async () => {
  using devices = await openDevices();
  const [device] = devices.list;
  device.scope(() => {
    const x = T.zeros(device, [4, 8]);
    const index = device.tensor(new Int32Array(3));
    const says = (f: () => unknown, message: string) =>
      assert.throws(f, (e: Error) => e.message === message);
    says(() => T.transpose(x, [0, 0]), "transpose: [0,0] does not name each axis of 4×8 once");
    says(() => T.sum(x, { axes: 2 }), "sum: axis 2 is outside a tensor of rank 2");
    says(() => T.broadcastTo(x, [4, 9]), "broadcastTo: 4×8 does not broadcast to 4×9");
    says(
      () => T.slice(x, [{ step: 0 }]),
      "slice: axis 0 needs integers and a step of 1 or more, got step 0",
    );
    says(() => T.pad(x, [[1, 1]]), "pad: 4×8 needs 2 pairs of non-negative integers, got [[1,1]]");
    says(
      () => T.concat([x, T.zeros(device, [4, 7])]),
      "concat: f32 4×7 does not join f32 4×8 along axis 0",
    );
    says(() => T.gather(x, x), "gather: indices must be i32 of rank 1, got f32 4×8");
    says(
      () => T.frame(x, { size: 4, hop: 0 }),
      "frame: size and hop must be positive integers, got 4 and 0",
    );
    says(() => T.copyInto(x, index), "copyInto: i32 3 does not fit f32 4×8");
    says(
      () => T.crossEntropy(x, index),
      "crossEntropy: needs f32 logits [B, C] and i32 labels [B], got f32 4×8 and i32 3",
    );
    says(() => T.mse(x, T.zeros(device, [4])), "mse: shapes differ (4×8 and 4)");
    says(() => T.max(T.zeros(device, [0])), "max: nothing to compare in 0");
    says(
      () => T.layerNorm(x, T.zeros(device, [4]), T.zeros(device, [8])),
      "layerNorm: needs f32 x […, n] with gamma and beta [n], got f32 4×8, f32 4, f32 8",
    );
    const sequence = T.zeros(device, [2, 9, 4]), taps = T.zeros(device, [6, 4, 3]);
    says(
      () => T.conv1d(x, taps),
      "conv1d: needs x [B, T, C] and weights [O, C/groups, K], got 4×8 and 6×4×3",
    );
    says(
      () => T.conv1d(sequence, taps, { groups: 2 }),
      "conv1d: channels differ (input 2×9×4, weights 6×4×3, groups 2)",
    );
    says(
      () => T.conv1d(sequence, taps, { dilation: 5, padding: [0, 1] }),
      "conv1d: 3 taps, 5 apart, do not fit 9 times padded by 0 and 1",
    );
    says(
      () => T.conv1d(sequence, taps, { stride: 0 }),
      "conv1d: stride must be whole and at least 1, got 0",
    );
    says(
      () => T.conv1d(sequence, taps, { bias: T.zeros(device, [4]) }),
      "conv1d: the bias must be f32 6, got f32 4",
    );
    says(
      () => T.groupNorm(sequence, T.zeros(device, [4]), T.zeros(device, [4]), { groups: 3 }),
      "groupNorm: needs f32 x [B, T, C] with gamma and beta [C] in 3 equal groups, " +
        "got f32 2×9×4, f32 4, f32 4",
    );
    says(
      () => T.weightNorm(taps, T.zeros(device, [6, 1, 1]), { dim: 2 }),
      "weightNorm: v 6×4×3 by axis 2 needs g 1×1×3, got 6×1×1",
    );
  });
});

Deno.test("tensors without elements pass through", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    await t.step(device.name, async () => {
      const x = device.tensor([1, 2, 3, 4], [2, 2]);
      const none = T.slice(x, [{ begin: 1, end: 1 }]);
      assert.deepEqual(none.shape, [0, 2]);
      assert.deepEqual([...await T.sum(none, { axes: 0 }).data()], [0, 0]);
      assert.deepEqual([...await T.concat([none, x]).data()], [1, 2, 3, 4]);
      assert.deepEqual([...await T.pad(none, [[0, 1], [0, 0]], 5).data()], [5, 5]);
      assert.deepEqual(T.softmax(none).shape, [0, 2]);
      assert.deepEqual(T.transpose(none).shape, [2, 0]);
      assert.deepEqual(T.frame(x, { size: 3, hop: 1 }).shape, [2, 0, 3]);
    });
  }
});
