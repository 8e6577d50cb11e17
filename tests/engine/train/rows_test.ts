import assert from "node:assert/strict";
import { Rows } from "../../../engine/train/rows.ts";
import { openDevices } from "../devices.ts";

Deno.test("rows are the same from the device and, where that has no room, from the host", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const values = [0, 1, 2, 3, 4].map((r) =>
      Float32Array.from({ length: 6 }, (_, i) => r * 6 + i)
    );
    const near = new Rows(device, values, { rowShape: [2, 3] });
    const far = new Rows(device, values, { rowShape: [2, 3], most: 5 * 6 * 4 - 1 });
    assert.deepEqual([near.onDevice, far.onDevice], [true, false]);
    for (const rows of [near, far]) {
      assert.equal(rows.n, 5);
      using batch = rows.at(Int32Array.of(4, 0, 4));
      assert.deepEqual(batch.shape, [3, 2, 3]);
      assert.deepEqual([...await batch.data()].filter((_, i) => i % 6 === 1), [25, 1, 25]);
    }
    near.dispose();
    assert.equal(device.liveTensors, 0);
  }
});
