/**
 * Every op of the registry, on every backend: see `harness.ts` for what is held against what.
 * Families are found by their file names: `conv_cases.ts` and its like export `cases`.
 */
import assert from "node:assert/strict";
import { registry } from "../../../engine/op.ts";
import { openDevices } from "../devices.ts";
import { checkCase } from "./check.ts";
import type { OpCase } from "./harness.ts";

const SUFFIX = "_cases.ts";
const families = new Map<string, readonly OpCase[]>();
for (const { name } of Deno.readDirSync(new URL(".", import.meta.url))) {
  if (!name.endsWith(SUFFIX)) continue;
  const { cases }: { cases: readonly OpCase[] } = await import(`./${name}`);
  families.set(name.slice(0, -SUFFIX.length), cases);
}
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
  const covered = new Set([...families.values()].flat().flatMap((c) => c.covers));
  const missing = [...registry.keys()].filter((name) => !covered.has(name));
  assert.deepEqual(missing, []);
});

for (const [family, cases] of [...families].sort()) {
  Deno.test(`${family}: forward, gradients, and backends agree`, async (t) => {
    using devices = await openDevices();
    for (const c of cases) {
      await t.step(c.name, () => checkCase(c, devices.list));
    }
  });
}
