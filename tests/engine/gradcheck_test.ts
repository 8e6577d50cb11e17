import assert from "node:assert/strict";
import { GRADIENT_SAMPLES, makeInputs } from "../../bench/gradients.ts";
import { gradcheck, mul, neg, Random } from "../../engine/mod.ts";
import { registry } from "../../engine/op.ts";
import { openDevices } from "./devices.ts";

Deno.test("every op with a gradient has a sample for `gradcheck OP`, and no other has", () => {
  const differentiable = [...registry.values()].filter((op) => op.backward !== null);
  assert.deepEqual(Object.keys(GRADIENT_SAMPLES).sort(), differentiable.map((o) => o.name).sort());
});

Deno.test("gradcheck finds the gradients of all ops right, and leaves nothing behind", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    for (const [op, sample] of Object.entries(GRADIENT_SAMPLES)) {
      // Every op's gradient on WebGPU is tested with the op; here a few show that gradcheck works.
      if (device.kind === "webgpu" && !["mul", "max", "softmax"].includes(op)) continue;
      await t.step(`${op}, ${device.name}`, async () => {
        const before = device.liveTensors;
        const random = Random.of(42, "gradcheck");
        const inputs = makeInputs(sample, device, random);
        const run = () => sample.run(Object.fromEntries(inputs));
        const rows = await gradcheck(run, [...inputs.values()], { random });
        const elements = [...inputs.values()].reduce((n, x) => n + x.size, 0);
        assert.equal(rows.length, elements);
        for (const row of rows) assert.ok(row.error <= 1e-3, JSON.stringify(row));
        for (const x of inputs.values()) x.dispose();
        assert.equal(device.liveTensors, before);
      });
    }
  }
});

Deno.test("gradcheck shows a gradient that is wrong", async () => {
  using devices = await openDevices();
  const [device] = devices.list;
  const x = device.tensor([1, 2, 3]);
  x.requiresGrad = true;
  // The tape sees x·1; what comes out is x².
  const wrong = () => {
    const y = mul(x, 1);
    device.noGrad(() =>
      y.storage && device.backend.write(y.storage.memory, Float32Array.of(1, 4, 9))
    );
    return y;
  };
  const rows = await gradcheck(wrong, [x], { random: Random.of(1) });
  assert.ok(rows.some(({ error }) => error > 0.1));
  const right = await gradcheck(() => neg(x), [x], { random: Random.of(1) });
  assert.ok(right.every(({ error }) => error < 1e-4));
});
