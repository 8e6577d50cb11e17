/** One op case on several devices: against the reference, and the devices against each other. */
import type { Device } from "../../../engine/mod.ts";
import { sameShape } from "../../../engine/shape.ts";
import {
  assertClose,
  makeInputs,
  numericGradient,
  type OpCase,
  type Outcome,
  runCase,
} from "./harness.ts";

/**
 * Throws where a device strays from the reference, its gradient (by `gradients` of the largest), or the
 * first device.
 */
export async function checkCase(
  c: OpCase,
  devices: readonly Device[],
  { gradients = 1e-3 }: { readonly gradients?: number } = {},
): Promise<void> {
  const expected = c.reference(makeInputs(c));
  const outcomes: Outcome[] = [];
  for (const device of devices) {
    const outcome = await runCase(c, device);
    if (!sameShape(outcome.shape, expected.shape)) {
      throw new Error(`${device.name}: shape ${outcome.shape}, expected ${expected.shape}`);
    }
    assertClose(`${device.name}, forward`, outcome.output, expected.data, c.tolerance ?? 1e-5);
    checkGradients(c, outcome, { device: device.name, tolerance: gradients });
    outcomes.push(outcome);
  }
  for (const other of outcomes.slice(1)) {
    compareBackends(outcomes[0], other, c.tolerance ?? 1e-5);
  }
}

function checkGradients(
  c: OpCase,
  outcome: Outcome,
  { device, tolerance }: { readonly device: string; readonly tolerance: number },
): void {
  const largest = (grad: Float32Array | null) =>
    grad?.reduce((m, g) => Math.max(m, Math.abs(g)), 0) ?? 0;
  // A gradient that cancels to nothing keeps the rounding of what cancelled: f32's 1e-7 of the others.
  const least = Math.max(1e-30, 1e-7 / tolerance * Math.max(...outcome.grads.map(largest)));
  outcome.grads.forEach((grad, input) => {
    if (!grad) return;
    const probes = numericGradient(c, input);
    // Scale by the whole gradient, of which the probes are a sample.
    const scale = Math.max(least, largest(grad));
    for (const [i, expected] of probes) {
      const error = Math.abs(grad[i] - expected) / scale;
      if (error <= tolerance) continue; // NaN is not
      throw new Error(
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
