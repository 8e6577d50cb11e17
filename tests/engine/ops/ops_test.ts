/** Every op of the registry, on every backend: see `harness.ts` for what is held against what. */
import assert from "node:assert/strict";
import { registry } from "../../../engine/op.ts";
import { sameShape } from "../../../engine/shape.ts";
import { openDevices } from "../devices.ts";
import { cases as conv } from "./conv_cases.ts";
import { cases as elementwise } from "./elementwise_cases.ts";
import { cases as matmul } from "./matmul_cases.ts";
import { cases as reduce } from "./reduce_cases.ts";
import {
  assertClose,
  makeInputs,
  numericGradient,
  type OpCase,
  type Outcome,
  runCase,
} from "./harness.ts";

const families: Record<string, OpCase[]> = { conv, elementwise, matmul, reduce };

Deno.test("every op has a test case", () => {
  const covered = new Set(Object.values(families).flat().flatMap((c) => c.covers));
  const missing = [...registry.keys()].filter((name) => !covered.has(name));
  assert.deepEqual(missing, []);
});

for (const [family, cases] of Object.entries(families)) {
  Deno.test(`${family}: forward, gradients, and backends agree`, async (t) => {
    using devices = await openDevices();
    for (const c of cases) {
      await t.step(c.name, async () => {
        const expected = c.reference(makeInputs(c));
        const outcomes: Outcome[] = [];
        for (const device of devices.list) {
          const outcome = await runCase(c, device);
          assert.ok(
            sameShape(outcome.shape, expected.shape),
            `${device.name}: shape ${outcome.shape}`,
          );
          assertClose(
            `${device.name}, forward`,
            outcome.output,
            expected.data,
            c.tolerance ?? 1e-5,
          );
          checkGradients(c, outcome, device.name);
          outcomes.push(outcome);
        }
        for (const other of outcomes.slice(1)) {
          compareBackends(outcomes[0], other, c.tolerance ?? 1e-5);
        }
      });
    }
  });
}

function checkGradients(c: OpCase, outcome: Outcome, device: string): void {
  outcome.grads.forEach((grad, input) => {
    if (!grad) return;
    const probes = numericGradient(c, input);
    // Scale by the whole gradient, of which the probes are a sample.
    const scale = Math.max(1e-30, grad.reduce((m, g) => Math.max(m, Math.abs(g)), 0));
    for (const [i, expected] of probes) {
      const error = Math.abs(grad[i] - expected) / scale;
      assert.ok(
        error <= 1e-3,
        `${device}, gradient of input ${input}: element ${i} is ${grad[i]}, expected ${expected}`,
      );
    }
  });
}

function compareBackends(a: Outcome, b: Outcome, tolerance: number): void {
  assertClose("backends, forward", b.output, a.output, tolerance);
  a.grads.forEach((g, i) => {
    if (g) assertClose(`backends, gradient of input ${i}`, b.grads[i]!, g, tolerance);
  });
}
