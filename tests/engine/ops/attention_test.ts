/** Attention against PyTorch's (goldens/attention.py), and what padding and lengths mean to it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import * as T from "../../../engine/mod.ts";
import golden from "../../goldens/attention.json" with { type: "json" };
import { openDevices } from "../devices.ts";
import { assertClose, normal, uniform } from "./harness.ts";

Deno.test("attention and its gradients are PyTorch's", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    for (const [i, c] of golden.entries()) {
      await t.step(`case ${i} on ${device.name}`, async () => {
        const leaves = [c.q, c.k, c.v].map((x) => device.tensor(x, c.shape));
        for (const x of leaves) x.requiresGrad = true;
        const y = device.scope(() => {
          const [q, k, v] = leaves;
          const lengths = c.lengths ? device.tensor(Int32Array.from(c.lengths)) : undefined;
          const y = T.attention(q, k, v, { heads: c.heads, lengths, scale: c.scale ?? undefined });
          T.backward(y, device.tensor(c.g, c.shape));
          return y;
        });
        assertClose("value", await y.data(), c.y, 1e-5);
        for (const [j, expected] of [c.dq, c.dk, c.dv].entries()) {
          assertClose(`gradient ${"qkv"[j]}`, await leaves[j].grad!.data(), expected, 1e-5);
        }
      });
    }
  }
});

interface Result {
  readonly y: Float32Array;
  readonly grads: readonly Float32Array[];
}

async function run(
  device: T.Device,
  [q, k, v, g]: readonly Float32Array[],
  { shape, heads, lengths, p }: {
    readonly shape: readonly number[];
    readonly heads: number;
    readonly lengths?: readonly number[];
    readonly p: number;
  },
): Promise<Result> {
  const leaves = [q, k, v].map((x) => device.tensor(x, shape));
  for (const x of leaves) x.requiresGrad = true;
  const y = device.scope(() => {
    const y = T.attention(leaves[0], leaves[1], leaves[2], {
      heads,
      lengths: lengths && device.tensor(Int32Array.from(lengths)),
      dropout: { p, random: T.Random.of(3) },
    });
    T.backward(y, device.tensor(g, shape));
    return y;
  });
  const grads = await Promise.all(leaves.map((x) => x.grad!.data()));
  const result = { y: await y.data() as Float32Array, grads: grads as Float32Array[] };
  for (const x of [y, ...leaves]) x.dispose();
  return result;
}

const problem = fc.record({
  frames: fc.integer({ min: 1, max: 24 }),
  heads: fc.integer({ min: 1, max: 3 }),
  channels: fc.integer({ min: 1, max: 9 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
  p: fc.constantFrom(0, 0.3),
  seed: fc.nat(),
});

function inputsOf(n: number, seed: number): Float32Array[] {
  const random = uniform(seed);
  const one = () => Float32Array.from({ length: n }, () => normal(random));
  return [one(), one(), one(), one()];
}

Deno.test("what keys and values hold past a length changes no bit, and gets no gradient", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const runs = device.kind === "cpu" ? 40 : 8;
    await fc.assert(
      fc.asyncProperty(problem, async ({ frames, heads, channels, share, p, seed }) => {
        const C = heads * channels, length = Math.floor(share * frames);
        const shape = [1, frames, C], past = length * C;
        const inputs = inputsOf(frames * C, seed);
        const other = inputs.map((x) => x.slice());
        const dirt = [NaN, Infinity, -1e30];
        for (const x of other.slice(1, 3)) {
          for (let i = past; i < x.length; i++) x[i] = dirt[i % 3];
        }
        const options = { shape, heads, lengths: [length], p };
        const [a, b] = [await run(device, inputs, options), await run(device, other, options)];
        assert.deepEqual(b.y, a.y);
        assert.deepEqual(b.grads, a.grads);
        assert.ok(a.y.every(Number.isFinite));
        for (const grad of a.grads.slice(1)) assert.ok(grad.subarray(past).every((v) => v === 0));
      }),
      { numRuns: runs, seed: 11 },
    );
  }
});

Deno.test("lengths of all frames give the same bits as none", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    await fc.assert(
      fc.asyncProperty(problem, async ({ frames, heads, channels, p, seed }) => {
        const shape = [2, frames, heads * channels];
        const inputs = inputsOf(shape[0] * shape[1] * shape[2], seed);
        const all = await run(device, inputs, { shape, heads, p, lengths: [frames, frames + 3] });
        assert.deepEqual(all, await run(device, inputs, { shape, heads, p }));
      }),
      { numRuns: device.kind === "cpu" ? 30 : 6, seed: 12 },
    );
  }
});

Deno.test("attention over no frames is empty", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const x = device.tensor([], [2, 0, 4]);
    assert.deepEqual(T.attention(x, x, x, { heads: 2 }).shape, [2, 0, 4]);
  }
});

Deno.test("a NaN among valid keys shows in every query of its head", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const k = new Float32Array(3 * 4).fill(1);
    k[4] = NaN; // frame 1, head 0
    const x = device.tensor(new Float32Array(12).fill(0.5), [1, 3, 4]);
    const y = await T.attention(x, device.tensor(k, [1, 3, 4]), x, { heads: 2 }).data();
    assert.deepEqual([...y].map(Number.isNaN), Array.from({ length: 12 }, (_, i) => i % 4 < 2));
  }
});

Deno.test("attention names what does not fit", async () => {
  using device = await T.openDevice("cpu", { threads: 1 });
  const x = T.zeros(device, [2, 3, 8]), short = T.zeros(device, [2, 2, 8]);
  const says = (f: () => unknown, message: string) =>
    assert.throws(f, (e: Error) => e.message === message);
  says(
    () => T.attention(x, short, x, { heads: 2 }),
    "attention: needs q, k, v of one shape [B, T, C] (and i32 lengths [B]), " +
      "got f32 2×3×8, f32 2×2×8, f32 2×3×8",
  );
  says(
    () => T.attention(x, x, x, { heads: 3 }),
    "attention: 8 channels do not make 3 heads of 1 to 128",
  );
  says(
    () => T.attention(x, x, x, { heads: 2, dropout: { p: 1, random: T.Random.of(1) } }),
    "attention: the dropout probability must be in [0, 1), got 1",
  );
});
