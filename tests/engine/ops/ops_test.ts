/** Every op of the registry, on every backend: see `harness.ts` for what is held against what. */
import assert from "node:assert/strict";
import { registry } from "../../../engine/op.ts";
import { openDevices } from "../devices.ts";
import { cases as elementwise } from "./elementwise_cases.ts";
import { cases as fft } from "./fft_cases.ts";
import { cases as matmul } from "./matmul_cases.ts";
import { cases as movement } from "./movement_cases.ts";
import { cases as reduce } from "./reduce_cases.ts";
import { cases as softmax } from "./softmax_cases.ts";
import { checkCase } from "./check.ts";
import type { OpCase } from "./harness.ts";

const families: Record<string, OpCase[]> = {
  elementwise,
  fft,
  matmul,
  movement,
  reduce,
  softmax,
};

Deno.test("every op has a test case", () => {
  const covered = new Set(Object.values(families).flat().flatMap((c) => c.covers));
  const missing = [...registry.keys()].filter((name) => !covered.has(name));
  assert.deepEqual(missing, []);
});

for (const [family, cases] of Object.entries(families)) {
  Deno.test(`${family}: forward, gradients, and backends agree`, async (t) => {
    using devices = await openDevices();
    for (const c of cases) {
      await t.step(c.name, () => checkCase(c, devices.list));
    }
  });
}
