/** Every op of the registry, on every backend: see `harness.ts` for what is held against what. */
import assert from "node:assert/strict";
import { registry } from "../../../engine/op.ts";
import { openDevices } from "../devices.ts";
import { checkCase } from "./check.ts";
import { loadFamilies } from "./families.ts";

const families = await loadFamilies();

Deno.test("every op has a test case", () => {
  const covered = new Set(families.flatMap(([, cases]) => cases).flatMap((c) => c.covers));
  const missing = [...registry.keys()].filter((name) => !covered.has(name));
  assert.deepEqual(missing, []);
});

for (const [family, cases] of families) {
  Deno.test(`${family}: forward, gradients, and backends agree`, async (t) => {
    using devices = await openDevices();
    for (const c of cases) await t.step(c.name, () => checkCase(c, devices.list));
  });
}
