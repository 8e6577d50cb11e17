/** Half precision: what is rounded, where and how, on both backends and in every product. */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import { openAsRealGpu, openDevices } from "../devices.ts";
import { checkCase } from "./check.ts";
import { assertClose, normal, type OpCase, uniform } from "./harness.ts";
import { cases as attention } from "./attention_cases.ts";
import { cases as conv } from "./conv_cases.ts";
import { cases as conv1d } from "./conv1d_cases.ts";
import { cases as matmul } from "./matmul_cases.ts";

/** Rounds a number to f16 in f64: to the nearest, ties to even. */
function rounded(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), -14);
  const unit = 2 ** (exponent - 10);
  const whole = Math.floor(x / unit);
  const rest = x / unit - whole;
  const up = rest > 0.5 || rest === 0.5 && whole % 2 !== 0;
  const y = (whole + Number(up)) * unit;
  return Math.abs(y) > 65504 ? Math.sign(x) * Infinity : y === 0 ? Math.sign(x) * 0 : y;
}

/** What is hardest to round, and numbers of every size. */
function hardNumbers(): Float32Array {
  const random = uniform(5);
  const hard = [0, -0, 1, -1, Infinity, -Infinity, NaN];
  hard.push(65504, 65519.996, 65520, -65520, 65536, 1e10, 3.4e38, -3.4e38);
  hard.push(1 + 2 ** -11, 1 + 3 * 2 ** -11, 1 + 2 ** -11 + 2 ** -23, 2048.5, 2049.5, -2051);
  // Around the smallest normal half and the smallest of all, ties among them.
  for (const scale of [2 ** -14, 2 ** -24]) {
    for (const k of [0.25, 0.5, 0.500001, 0.75, 0.999999, 1, 1.25, 1.5, 2.5, 3.5, 1023.5]) {
      hard.push(k * scale, -k * scale);
    }
  }
  hard.push(2 ** -126, 2 ** -149, -(2 ** -149), 2 ** -25, 2 ** -25 * (1 + 2 ** -23));
  for (let i = 0; i < 4000; i++) {
    hard.push(normal(random) * 2 ** Math.floor(random() * 50 - 30));
    hard.push(rounded(normal(random)) + (random() < 0.5 ? 2 ** -12 : -(2 ** -12)));
  }
  return Float32Array.from(hard);
}

/** Every number that f16 has. */
function allHalves(): Float32Array {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  return Float32Array.from(new Float16Array(bits.buffer));
}

/** Number for number, −0 apart from 0; of NaN there is one. */
function assertSame(what: string, actual: T.TypedData, expected: Float32Array): void {
  const i = expected.findIndex((x, k) => !Object.is(x, actual[k]));
  assert.ok(i < 0, `${what}: number ${i} is ${actual[i]}, expected ${expected[i]}`);
}

Deno.test("casts round to the nearest, ties to even, small and large numbers too", async () => {
  using devices = await openDevices();
  const given = hardNumbers();
  const expected = Float32Array.from(given, rounded);
  for (const device of devices.list) {
    using x = device.tensor(given);
    using half = T.cast(x, "f16");
    using back = T.cast(half, "f32");
    assertSame(`${device.name}, to f16`, await half.data(), expected);
    assertSame(`${device.name}, and back`, await back.data(), expected);
  }
});

Deno.test("casts leave every number alone that f16 has", async () => {
  using devices = await openDevices();
  const given = allHalves();
  for (const device of devices.list) {
    using x = device.tensor(given);
    using half = T.cast(x, "f16");
    using back = T.cast(half, "f32");
    assertSame(`${device.name}, to f16`, await half.data(), given);
    assertSame(`${device.name}, and back`, await back.data(), given);
  }
});

/** The case on numbers that f16 has, so that its reference holds for half precision as it is. */
function onHalves(c: OpCase): OpCase {
  const inputs = c.inputs.map((input) => ({
    ...input,
    values: (i: number, random: () => number) =>
      rounded(input.values ? input.values(i, random) : normal(random)),
  }));
  return { ...c, inputs };
}

const FAMILIES = { attention, conv, conv1d, matmul };

for (const [family, all] of Object.entries(FAMILIES)) {
  // The rest is there for its size, which changes nothing about how operands are read.
  const cases = all.filter(({ forwardOnly }) => !forwardOnly).map(onHalves);
  Deno.test(`${family} of halves: forward, gradients, and backends agree`, async (t) => {
    using devices = await openDevices({ precision: "f16" });
    for (const c of cases) {
      await t.step(c.name, () => checkCase(c, devices.list, { gradients: 1e-5 }));
    }
  });

  Deno.test(`${family} of halves: kernels for real GPUs`, async (t) => {
    using device = await openAsRealGpu({}, { precision: "f16" });
    if (!device) return;
    for (const c of cases) {
      await t.step(c.name, () => checkCase(c, [device], { gradients: 1e-5 }));
    }
  });
}

/** a b and its gradients where c arrives, in f64: [a b, c bᵀ, aᵀ c] of n × n matrices. */
function products(n: number, a: Float64Array, b: Float64Array, c: Float64Array): Float64Array[] {
  const make = (term: (i: number, j: number, k: number) => number) =>
    Float64Array.from({ length: n * n }, (_, at) => {
      let total = 0;
      for (let k = 0; k < n; k++) total += term(Math.floor(at / n), at % n, k);
      return total;
    });
  return [
    make((i, j, k) => a[i * n + k] * b[k * n + j]),
    make((i, j, k) => c[i * n + k] * b[j * n + k]),
    make((i, j, k) => a[k * n + i] * c[k * n + j]),
  ];
}

Deno.test("a product rounds its operands and the gradient it multiplies, and nothing else", async () => {
  using devices = await openDevices({ precision: "f16" });
  const n = 33;
  const random = uniform(3);
  const [a, b, c] = [0, 1, 2].map(() => Float32Array.from({ length: n * n }, () => normal(random)));
  const [ah, bh, ch] = [a, b, c].map((x) => Float64Array.from(x, rounded));
  const [y, da, db] = products(n, ah, bh, ch);
  for (const device of devices.list) {
    const [x, w] = [a, b].map((values) => device.tensor(values, [n, n]));
    x.requiresGrad = w.requiresGrad = true;
    const out = device.scope(() => {
      const product = T.matmul(x, w);
      T.backward(product, device.tensor(c, [n, n]));
      return product;
    });
    assertClose(`${device.name}, forward`, await out.data(), y, 1e-6);
    assertClose(`${device.name}, first gradient`, await x.grad!.data(), da, 1e-6);
    assertClose(`${device.name}, second gradient`, await w.grad!.data(), db, 1e-6);
  }
});

Deno.test("a product asked for in f32 rounds nothing, nor does its gradient", async () => {
  using devices = await openDevices({ precision: "f16" });
  for (const device of devices.list) {
    const x = device.tensor([1 + 2 ** -20], [1, 1]);
    x.requiresGrad = true;
    const y = T.matmul(x, device.tensor([1 + 2 ** -12], [1, 1]), { precision: "f32" });
    T.backward(y, device.tensor([1 - 2 ** -12], [1, 1]));
    assert.equal(await y.item(), Math.fround((1 + 2 ** -20) * (1 + 2 ** -12)));
    assert.equal(await x.grad!.item(), Math.fround((1 + 2 ** -12) * (1 - 2 ** -12)));
  }
});

Deno.test("a GPU keeps halves in two bytes each", async () => {
  using devices = await openDevices({ precision: "f16" });
  for (const device of devices.list) {
    const x = device.tensor(new Float32Array(1 << 16));
    const before = device.backend.stats().liveBytes;
    T.cast(x, "f16");
    const taken = device.backend.stats().liveBytes - before;
    const least = (1 << 16) * (device.kind === "cpu" ? 4 : 2);
    assert.ok(taken >= least && taken < least * 1.2, `${device.name}: ${taken} bytes`);
  }
});

Deno.test("an op that does not take halves says so, and operands must agree", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const x = device.tensor([1, 2, 3, 4], [2, 2]);
    const half = T.cast(x, "f16");
    assert.throws(() => T.add(half, x), /add: takes no f16; cast it to f32/);
    assert.throws(() => T.matmul(half, x), /matmul: operands must all be f32 or all f16/);
    assert.throws(() => half.write(new Float32Array(4)), /write: an f16 tensor is not written/);
    assert.throws(() => half.writePart(new Float32Array(1), 0), /writePart: an f16 tensor is not/);
    assert.throws(() => T.cast(device.tensor(new Int32Array(2)), "f16"), /cast: needs f32 or f16/);
  }
});
