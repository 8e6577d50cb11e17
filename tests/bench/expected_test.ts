/** Every row of a kernel is held against float64, its gradients too, and what is wrong is told. */
import assert from "node:assert/strict";
import { encoderCase } from "../../bench/encoder.ts";
import { FAMILIES } from "../../bench/kernels.ts";
import type { BenchCase } from "../../bench/case.ts";
import { opCase } from "../../bench/op_case.ts";
import { sampledError, spread } from "../../bench/sampled_error.ts";
import { type Device, mul, type Tensor } from "../../engine/mod.ts";
import { openDevices } from "../engine/devices.ts";

/** The error that a row tells, if any. */
async function errorOf(bench: BenchCase, device: Device): Promise<number | undefined> {
  const prepared = await bench.prepare(device);
  if ("work" in prepared) return undefined;
  try {
    return await prepared.error?.();
  } finally {
    prepared.dispose();
  }
}

Deno.test("every row of a kernel tells its error against float64, or that its result is random", async () => {
  const kernels = FAMILIES.filter(({ name }) => !["steps", "forest"].includes(name));
  using devices = await openDevices();
  for (const device of devices.list) {
    const live = device.liveTensors;
    for (const c of [...kernels.flatMap(({ cases }) => cases("tiny")), encoderCase(1600)]) {
      const error = await errorOf(c, device);
      const row = `${device.kind} ${c.name} ${c.variant ?? ""}`;
      assert.equal(error === undefined, c.random === true, row);
      assert.ok(error === undefined || error < 5e-6, `${row}: ${error}`);
    }
    assert.equal(device.liveTensors, live);
  }
});

Deno.test("a wrong result and a wrong gradient are told", async () => {
  using devices = await openDevices();
  const [device] = devices.list;
  const square = {
    name: "square",
    size: "5",
    shapes: [[5]],
    run: ([x]: readonly Tensor[]) => mul(x, x),
    gradients: [0],
  };
  const value = (factor: number) => ([x]: readonly ArrayLike<number>[], i: number) =>
    factor * x[i] ** 2;
  const slope =
    (factor: number) => ([x]: readonly ArrayLike<number>[], g: ArrayLike<number>, i: number) =>
      factor * g[i] * x[i];
  const error = async (expected: ReturnType<typeof value>, gradient: ReturnType<typeof slope>) =>
    await errorOf(opCase({ ...square, expected, expectedGradients: [gradient] }), device);
  assert.ok((await error(value(1), slope(2)))! < 1e-6);
  assert.ok((await error(value(1.1), slope(2)))! > 0.05);
  assert.ok((await error(value(1), slope(2.2)))! > 0.05);
});

Deno.test("an error is relative to the largest element, and what is no number is as wrong as can be", () => {
  assert.equal(sampledError([1, -4, 2], (i) => [1, -4, 3][i]), 0.25);
  assert.equal(sampledError([0, 0.5], () => 0), 0.5);
  for (const bad of [NaN, Infinity]) {
    const error = sampledError([1, bad], () => 1);
    assert.equal(JSON.parse(JSON.stringify(error)), Number.MAX_VALUE);
  }
  assert.deepEqual(spread(3), [0, 1, 2]);
  assert.deepEqual(spread(100, 4), [12, 37, 62, 87]);
});
