/**
 * Rows that threads share, by subgroups and without: every length of row, however short, in 64 lanes. A software
 * adapter's own choice is one thread a row up to 1,024, so launches are changed on their way.
 */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import type { GpuLaunch } from "../../../engine/backend.ts";
import { linearGrid } from "../../../engine/backend.ts";
import { shaderSource } from "../../../engine/webgpu/shaders.ts";
import { openAsRealGpu } from "../devices.ts";
import { checkCase } from "./check.ts";
import { loadFamilies } from "./families.ts";
import { nd, type OpCase } from "./harness.ts";

/** Short ones, primes, and about one and several times the lanes or a reduction's workgroup. */
const LENGTHS = [1, 2, 3, 7, 8, 31, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1009, 4099];

/** The same launch with 64 threads a row. A grid of one thread a row covers 64 rows a workgroup. */
function manyLanes(launch: GpuLaunch): GpuLaunch {
  if (launch.constants?.LANES !== 1) return launch;
  const [x, y, z] = launch.grid;
  return {
    ...launch,
    constants: { ...launch.constants, LANES: 64 },
    grid: linearGrid(x * y * z * 64, 1),
  };
}

/** An adapter taken for a real GPU whose rows are all shared; null where there is none such. */
async function openLanes(subgroups: boolean): Promise<T.Device | null> {
  const device = await openAsRealGpu();
  if (device === null) return null;
  const { backend } = device;
  if (backend.kind !== "webgpu") throw new Error("not a GPU");
  if (subgroups && !backend.caps.subgroups) {
    console.warn(`${device.name}: no subgroups, their tests are skipped`);
    device.dispose();
    return null;
  }
  Object.defineProperty(backend, "caps", { value: { ...backend.caps, subgroups } });
  const run = backend.run.bind(backend);
  backend.run = (launch) => run(manyLanes(launch));
  return device;
}

const rowsOf = (data: Float64Array, n: number) =>
  Array.from({ length: data.length / n }, (_, r) => data.subarray(r * n, (r + 1) * n));

/** Reductions of few rows, of which no family has all lengths. */
const reductions: OpCase[] = LENGTHS.flatMap((n): OpCase[] => [
  {
    covers: [],
    name: `sum of rows of ${n}`,
    inputs: [{ shape: [3, n] }],
    run: ([x]) => T.sum(x, { axes: 1 }),
    reference: ([x]) => nd([3], (r) => rowsOf(x.data, n)[r].reduce((s, v) => s + v, 0)),
    forwardOnly: true,
  },
  {
    covers: [],
    name: `max of rows of ${n}`,
    inputs: [{ shape: [3, n] }],
    run: ([x]) => T.max(x, { axes: 1 }),
    reference: ([x]) => nd([3], (r) => Math.max(...rowsOf(x.data, n)[r])),
    forwardOnly: true,
  },
  {
    covers: [],
    name: `max of rows of ${n}, one with a NaN and one of nothing else but -Infinity`,
    inputs: [{
      shape: [3, n],
      values: (i) => i === 2 * n - 1 ? NaN : i >= 2 * n ? -Infinity : i % 5,
    }],
    run: ([x]) => T.max(x, { axes: 1 }),
    reference: ([x]) => nd([3], (r) => Math.max(...rowsOf(x.data, n)[r])),
    forwardOnly: true,
  },
]);

/** Enough that the gradient of two neighbours does not cancel to nothing. */
const EPS = 0.5;

/** What works row by row, with its gradients. */
const rows: OpCase[] = LENGTHS.flatMap((n): OpCase[] => [
  {
    covers: [],
    name: `softmax of rows of ${n}`,
    inputs: [{ shape: [5, n] }],
    run: ([x]) => T.softmax(x),
    reference: ([x]) => {
      const sums = rowsOf(x.data, n).map((row) => row.reduce((s, v) => s + Math.exp(v), 0));
      return nd([5, n], (i) => Math.exp(x.data[i]) / sums[Math.floor(i / n)]);
    },
  },
  {
    covers: [],
    name: `layer norm of rows of ${n}`,
    inputs: [{ shape: [5, n], values: (i) => 3 + (i * 37 % 101) / 50 }, { shape: [n] }, {
      shape: [n],
    }],
    run: ([x, gamma, beta]) => T.layerNorm(x, gamma, beta, { eps: EPS }),
    reference: ([x, gamma, beta]) => {
      const moments = rowsOf(x.data, n).map((row) => {
        const mean = row.reduce((s, v) => s + v, 0) / n;
        return { mean, variance: row.reduce((s, v) => s + (v - mean) ** 2, 0) / n };
      });
      return nd([5, n], (i) => {
        const { mean, variance } = moments[Math.floor(i / n)];
        return (x.data[i] - mean) / Math.sqrt(variance + EPS) * gamma.data[i % n] +
          beta.data[i % n];
      });
    },
  },
  {
    covers: [],
    name: `cross entropy of rows of ${n}`,
    inputs: [{ shape: [5, n] }, { shape: [5], dtype: "i32", values: (i) => i * 5 % n }],
    run: ([x, labels]) => T.crossEntropy(x, labels, { labelSmoothing: 0.1 }),
    reference: ([x, labels]) =>
      nd([], () =>
        rowsOf(x.data, n).reduce((total, row, r) => {
          const m = Math.max(...row);
          const lse = m + Math.log(row.reduce((s, v) => s + Math.exp(v - m), 0));
          const spread = row.reduce((s, v) => s + lse - v, 0) / n;
          return total + (0.9 * (lse - row[labels.data[r]]) + 0.1 * spread) / 5;
        }, 0)),
  },
]);

/** Families whose shaders share rows. */
const FAMILIES = /softmax|layer_norm|group_norm|batch_norm|reduce|optimizer/;

for (const subgroups of [true, false]) {
  const how = subgroups ? "by subgroups" : "through workgroup memory";
  Deno.test(`rows shared by 64 threads ${how} are right at every length`, async (t) => {
    using device = await openLanes(subgroups);
    if (!device) return;
    for (const c of [...rows, ...reductions]) await t.step(c.name, () => checkCase(c, [device]));
  });

  Deno.test(`rows shared by 64 threads ${how}: the ops' own cases`, async (t) => {
    using device = await openLanes(subgroups);
    if (!device) return;
    for (const [family, cases] of await loadFamilies()) {
      if (!FAMILIES.test(family)) continue;
      // A workgroup a row of millions takes a software adapter minutes.
      const some = cases.filter((c) => !/past 65,535/.test(c.name));
      await t.step(family, async () => {
        for (const c of some) await checkCase(c, [device]);
      });
    }
  });
}

Deno.test("the same rows shared by subgroups give the same bits again", async () => {
  using device = await openLanes(true);
  if (!device) return;
  const random = T.Random.of(3, "rows");
  const x = T.normal(device, [7, 4099], random);
  const ones = T.full(device, [4099], 1);
  const run = async () => {
    const out = device.scope(() => T.layerNorm(T.softmax(x), ones, ones));
    const data = await out.data() as Float32Array;
    out.dispose();
    return new Int32Array(data.buffer, data.byteOffset, data.length);
  };
  const first = await run();
  for (let i = 0; i < 4; i++) assert.deepEqual(await run(), first);
});

Deno.test("subgroup operations are in the text for a device that has them, and in no other", () => {
  for (
    const name of ["softmax", "softmax_grad", "layer_norm", "layer_norm_grad", "cross_entropy"]
  ) {
    assert.match(shaderSource(name, true).code, /subgroupAdd\(/);
    assert.doesNotMatch(shaderSource(name).code, /subgroup(Add|Max|Broadcast)|@builtin\(subgroup/);
  }
});
