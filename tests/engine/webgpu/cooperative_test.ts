/**
 * Products on cooperative matrices. Where an adapter has none, the shader runs with plain code
 * in their place: its indices and what the host plans are tried, the instructions not.
 */
import assert from "node:assert/strict";
import matmulCooperative from "../../../shaders/matmul_cooperative.wgsl" with { type: "text" };
import { add, Device, matmul, type MatmulOptions } from "../../../engine/mod.ts";
import { cooperativeWorks } from "../../../engine/webgpu/cooperative.ts";
import { openAdapter } from "../../../engine/webgpu/adapter.ts";
import { firstAdapter } from "../devices.ts";
import { assertClose, normal, uniform } from "../ops/harness.ts";

/**
 * The shader with plain code in place of its matrices: an operand is where it lies (first element, pitch
 * of rows, of columns), a sum is a number of four, of whose 256 elements each thread keeps every 32nd.
 */
function withoutMatrices(shader: string): string {
  const standIn = `
var<private> lane: u32;
var<private> sums: array<f32, 32>;
var<private> made: u32;
fn startRows(i: u32, pitch: u32) -> u32 {
  for (var j = 0u; j < 8u; j++) {
    let e = lane + 32u * j;
    sums[8u * made + j] = start[i + e / 16u * pitch + e % 16u];
  }
  made++;
  return made - 1u;
}
fn half(p: vec3u, row: u32, column: u32, second: bool) -> f32 {
  let i = p.x + row * p.y + column * p.z;
  if (second) { return halfOf(b[i / 2u], i); }
  return halfOf(a[i / 2u], i);
}
fn multiplyAdd(x: vec3u, y: vec3u, c: u32) -> u32 {
  for (var j = 0u; j < 8u; j++) {
    let e = lane + 32u * j;
    for (var k = 0u; k < 16u; k++) {
      sums[8u * c + j] += half(x, e / 16u, k, false) * half(y, k, e % 16u, true);
    }
  }
  return c;
}
fn store(c: u32, i: u32, pitch: u32) {
  for (var j = 0u; j < 8u; j++) {
    let e = lane + 32u * j;
    out[i + e / 16u * pitch + e % 16u] = sums[8u * c + j];
  }
}
`;
  return shader.replace(/^enable .*$/gm, "").replaceAll("array<f16>", "array<u32>")
    .replace("@compute", `${standIn}@compute`)
    .replace(
      "groups: vec3u) {",
      "groups: vec3u, @builtin(local_invocation_index) own: u32) {\nlane = own;",
    )
    .replace(/coopLoadT<[^>]*C>>\(&start\[([^\]]*)\]/g, "startRows($1")
    .replace(/coopLoadT<[^>]*>>\(&[ab]\[([^\]]*)\], (\w+)\)/g, "vec3u($1, $2, 1u)")
    .replace(/coopLoad<[^>]*>>\(&[ab]\[([^\]]*)\], (\w+)\)/g, "vec3u($1, 1u, $2)")
    .replaceAll("coopMultiplyAdd", "multiplyAdd")
    .replace(/coopStoreT\((\w+), &out\[([^\]]*)\]/g, "store($1, $2");
}

/** An adapter's device in half precision; its cooperative matrices, or what stands in. */
async function open(): Promise<{ device: Device; shadersRun: string[] } | null> {
  const adapter = await firstAdapter();
  if (!adapter) return null;
  const own = await openAdapter(adapter);
  const has = own.caps.cooperativeMatrix;
  if (!has) console.warn("cooperative matrices: not offered by this adapter; plain code stands in");
  own.dispose();
  const shaders: Record<string, string> = has
    ? {}
    : { matmul_cooperative: withoutMatrices(matmulCooperative) };
  const backend = await openAdapter((await firstAdapter())!, { shaders });
  const caps = { ...backend.caps, cooperativeMatrix: true };
  Object.defineProperty(backend, "caps", { value: caps });
  const shadersRun: string[] = [];
  backend.observer = {
    opBegan() {},
    opEnded() {},
    launched: (launch) => "shader" in launch && shadersRun.push(launch.shader),
  };
  return { device: new Device(backend, { precision: "f16" }), shadersRun };
}

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
  const opened = await open();
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
