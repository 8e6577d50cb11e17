/** Products on cooperative matrices, or on what stands in for them (cooperative_device.ts). */
import assert from "node:assert/strict";
import { add, Device, matmul, type MatmulOptions } from "../../../engine/mod.ts";
import { cooperativeWorks } from "../../../engine/webgpu/cooperative.ts";
import { openAdapter } from "../../../engine/webgpu/adapter.ts";
import { firstAdapter } from "../devices.ts";
import { assertClose, normal, uniform } from "../ops/harness.ts";
import { parseShader } from "../../../engine/webgpu/shaders.ts";
import { openCooperative, PLAIN } from "./cooperative_device.ts";

interface Row extends Omit<MatmulOptions, "bias"> {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly batch?: number;
  readonly bias?: boolean;
  /** The sizes, or what is asked, are not for cooperative matrices. */
  readonly others?: true;
}

const ROWS: readonly Row[] = [
  { m: 32, k: 16, n: 32 },
  { m: 33, k: 32, n: 40, bias: true },
  { m: 70, k: 48, n: 64, transposeB: true, bias: true },
  { m: 40, k: 16, n: 72, transposeA: true },
  { m: 48, k: 32, n: 32, transposeA: true, transposeB: true, batch: 3 },
  { m: 31, k: 16, n: 32, others: true },
  { m: 32, k: 17, n: 32, others: true },
  { m: 32, k: 16, n: 36, others: true },
  { m: 35, k: 16, n: 32, transposeA: true, others: true },
  { m: 32, k: 16, n: 32, relu: true, others: true },
];

Deno.test("products on cooperative matrices agree with the reference, others go the usual way", async (t) => {
  const opened = await openCooperative();
  if (!opened) return;
  const { device, shadersRun } = opened;
  using _ = device;
  const random = uniform(11);
  const halves = (n: number) =>
    Float32Array.from({ length: n }, () => Math.f16round(normal(random)));
  for (const { m, k, n, batch = 1, bias, others, ...options } of ROWS) {
    const { transposeA = false, transposeB = false, relu = false } = options;
    await t.step(JSON.stringify({ m, k, n, batch, bias, ...options }), async () => {
      const [a, b, c] = [halves(batch * m * k), halves(batch * k * n), halves(n)];
      const expected = Float64Array.from({ length: batch * m * n }, (_, i) => {
        const which = Math.floor(i / n / m), row = Math.floor(i / n) % m, column = i % n;
        let total = bias ? c[column] : 0;
        for (let j = 0; j < k; j++) {
          total += a[which * m * k + (transposeA ? j * m + row : row * k + j)] *
            b[which * k * n + (transposeB ? column * k + j : j * n + column)];
        }
        return relu ? Math.max(total, 0) : total;
      });
      shadersRun.length = 0;
      const product = device.scope(() => {
        const x = device.tensor(a, [batch, ...(transposeA ? [k, m] : [m, k])]);
        const y = device.tensor(b, [batch, ...(transposeB ? [n, k] : [k, n])]);
        return matmul(x, y, { ...options, ...(bias && { bias: device.tensor(c) }) });
      });
      assertClose("product", await product.data(), expected, 1e-5);
      assert.equal(shadersRun.includes("matmul_cooperative"), !others);
    });
  }
});

Deno.test("a device without cooperative matrices is found out, and goes on working", async () => {
  const adapter = await firstAdapter();
  if (!adapter) return;
  const raw = await adapter.requestDevice();
  assert.equal(await cooperativeWorks(raw), false);
  raw.destroy();
  const backend = await openAdapter((await firstAdapter())!);
  using device = new Device(backend);
  assert.deepEqual([...await add(device.tensor([1, 2]), 1).data()], [2, 3]);
});

Deno.test("matrices count where both trials are right, and not where a load or a factor is not", async () => {
  const adapter = await firstAdapter();
  if (!adapter) return;
  const device = await adapter.requestDevice();
  const works = (change = (_name: string, text: string) => text) =>
    cooperativeWorks(device, (name) => parseShader(name, change(name, PLAIN[name])));
  assert.equal(await works(), true);
  const wrong: readonly [string, string, string][] = [
    ["matmul_cooperative", "sums[j] += left[", "sums[j] -= left["],
    ["cooperative_probe", "load_halves(0, vec2u(PITCH, 1u))", "load_halves(0, vec2u(1u, PITCH))"],
    ["cooperative_probe", "load_sums(0, vec2u(PITCH, 1u))", "load_sums(0, vec2u(1u, PITCH))"],
    ["cooperative_probe", "own[j] *= factor", "own[j] *= 1.0"],
  ];
  for (const [shader, right, instead] of wrong) {
    assert.ok(PLAIN[shader].includes(right), `${shader} has no ${right}`);
    const change = (name: string, text: string) =>
      name === shader ? text.replace(right, instead) : text;
    assert.equal(await works(change), false, `${shader} with ${instead}`);
  }
  device.destroy();
});
