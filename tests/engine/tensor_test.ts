/** What a tensor does by itself: its elements come from the host, whole or in parts. */
import assert from "node:assert/strict";
import { openDevices } from "./devices.ts";

Deno.test("parts are written where they belong, and not past the end", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    using t = device.tensor([0, 1, 2, 3, 4, 5], [2, 3]);
    t.writePart(Float32Array.of(7, 8), 3);
    t.writePart(Float32Array.of(9), 0);
    assert.deepEqual([...await t.data()], [9, 1, 2, 7, 8, 5]);
    assert.throws(
      () => t.writePart(Float32Array.of(1, 2), 5),
      /writePart: 2×3 has 6 values, got 2 from 5 on/,
    );
  }
});
