/** The CPU backend's results are the same to the bit whatever the number of threads. */
import assert from "node:assert/strict";
import { openCpu } from "../../../engine/cpu/backend.ts";
import { Device } from "../../../engine/device.ts";
import { sizeOf } from "../../../engine/shape.ts";
import { loadFamilies } from "./families.ts";
import { runCase } from "./harness.ts";
const bits = (a: Float32Array | null) =>
  a && new Uint8Array(a.buffer, a.byteOffset, a.byteLength).toHex();

for (const [family, cases] of await loadFamilies()) {
  Deno.test(`${family}: one, two and three threads give the same bits`, async () => {
    using one = new Device(await openCpu({ threads: 1 }));
    using two = new Device(await openCpu({ threads: 2 }));
    using three = new Device(await openCpu({ threads: 3 }));
    for (const c of cases) {
      if (c.inputs.some(({ shape }) => sizeOf(shape) > 1e6)) continue;
      const [a, ...others] = await Promise.all([one, two, three].map((d) => runCase(c, d)));
      for (const b of others) {
        assert.ok(bits(a.output) === bits(b.output), `${c.name}: outputs differ`);
        a.grads.forEach((g, i) =>
          assert.ok(bits(g) === bits(b.grads[i]), `${c.name}: gradients of input ${i} differ`)
        );
      }
    }
  });
}
