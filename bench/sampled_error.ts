/** The error of a benchmark's result, from a sample of its elements recomputed in float64. */
import type { Device } from "../engine/device.ts";
import type { Tensor } from "../engine/tensor.ts";

const SAMPLES = 64;

/**
 * Largest error of `result()` at some of its elements, relative to the largest magnitude among them.
 * `expected` computes element i from the inputs' values.
 */
export async function sampledError(
  device: Device,
  result: () => Tensor,
  inputs: readonly Tensor[],
  expected: (inputs: readonly ArrayLike<number>[], i: number) => number,
): Promise<number> {
  const values = await Promise.all(inputs.map((t) => t.data()));
  using out = device.scope(result);
  const actual = await out.data();
  let error = 0;
  let scale = 0;
  for (let s = 0; s < SAMPLES; s++) {
    const i = Math.floor((s + 0.5) / SAMPLES * actual.length);
    const right = expected(values, i);
    error = Math.max(error, Math.abs(actual[i] - right));
    scale = Math.max(scale, Math.abs(right));
  }
  return error / scale;
}
