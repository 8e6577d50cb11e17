/**
 * Convolutions and attention on cooperative matrices, or on what stands in for them (cooperative_device.ts):
 * forward and gradients against the reference, on numbers that f16 has.
 */
import assert from "node:assert/strict";
import { attention as attend, backward, type Device } from "../../../engine/mod.ts";
import { attention } from "../ops/attention_cases.ts";
import { checkCase } from "../ops/check.ts";
import { conv, transpose } from "../ops/conv_cases.ts";
import { assertClose, normal, type OpCase, uniform } from "../ops/harness.ts";
import { openCooperative } from "./cooperative_device.ts";

/** The case on halves. Probabilities are rounded to halves too: attention is held to 1e-3 of the largest. */
function onHalves(c: OpCase, tolerance?: number): OpCase {
  const inputs = c.inputs.map((input) => ({
    ...input,
    values: (i: number, random: () => number) =>
      Math.f16round(input.values ? input.values(i, random) : normal(random)),
  }));
  return { ...c, inputs, ...(tolerance && { tolerance }) };
}

interface Row {
  readonly op: OpCase;
  /** Shaders of cooperative matrices that must run; none of the others may. */
  readonly uses: readonly string[];
}

const FORWARD = "conv_cooperative", WEIGHT = "conv_weight_cooperative";
const taps: [number, number] = [3, 3], padding: [number, number] = [1, 1];

const CONVOLUTIONS: readonly Row[] = [
  { op: conv({ x: [1, 16, 4, 4], outputs: 16, taps: [1, 1] }), uses: [FORWARD, WEIGHT] },
  {
    op: conv({ x: [2, 16, 8, 6], outputs: 32, taps, padding, bias: true }),
    uses: [FORWARD, WEIGHT],
  },
  {
    op: conv({ x: [1, 35, 4, 12], outputs: 64, taps, padding, bias: true, relu: true }),
    uses: [FORWARD, WEIGHT],
  },
  // Outputs past a tile, planes that are no whole 16s: weights the usual way.
  {
    op: conv({ x: [1, 17, 5, 7], outputs: 19, taps, bias: true, forwardOnly: true }),
    uses: [FORWARD],
  },
  // Strides: the input's gradient in phases, one of them without taps.
  {
    op: conv({ x: [1, 16, 9, 8], outputs: 48, taps: [1, 3], stride: [2, 2], padding: [0, 1] }),
    uses: [FORWARD],
  },
  {
    op: conv({ x: [1, 64, 8, 8], outputs: 32, taps, padding: [2, 2], dilation: [2, 2], groups: 2 }),
    uses: [FORWARD, WEIGHT],
  },
  {
    op: transpose({ x: [1, 16, 4, 4], outputs: 32, taps, stride: [2, 2], bias: true }),
    uses: [FORWARD, WEIGHT],
  },
  { op: conv({ x: [1, 15, 4, 4], outputs: 16, taps, padding }), uses: [] },
  { op: conv({ x: [1, 16, 4, 4], outputs: 15, taps, padding }), uses: [] },
];

const ATTENTION = ["attention_cooperative", "attention_grad_cooperative"];

const ATTENTIONS: readonly Row[] = [
  { op: attention({ B: 2, T: 33, heads: 2, D: 16 }), uses: ATTENTION },
  // Scores so large that the sums take new scales.
  { op: attention({ T: 97, heads: 1, D: 16, scale: 6 }), uses: ATTENTION },
  { op: attention({ B: 4, T: 70, heads: 1, D: 16, lengths: [70, 0, 11, 45] }), uses: ATTENTION },
  { op: attention({ B: 2, T: 71, heads: 1, D: 16, lengths: [71, 38], p: 0.3 }), uses: ATTENTION },
  { op: attention({ T: 67, heads: 2, D: 64 }), uses: ATTENTION },
  { op: attention({ T: 31, heads: 1, D: 16 }), uses: [] },
  { op: attention({ T: 33, heads: 1, D: 24 }), uses: [] },
  { op: attention({ T: 33, heads: 1, D: 80 }), uses: [] },
];

const NAMES = ["result", "dq", "dk", "dv"];

async function checkAll(
  t: Deno.TestContext,
  rows: readonly Row[],
  { tolerance, gradients }: { readonly tolerance?: number; readonly gradients: number },
): Promise<void> {
  const opened = await openCooperative();
  if (!opened) return;
  const { device, shadersRun } = opened;
  using _ = device;
  for (const { op, uses } of rows) {
    await t.step(op.name, async () => {
      shadersRun.length = 0;
      await checkCase(onHalves(op, tolerance), [device], { gradients });
      const run = new Set(shadersRun.filter((name) => name.endsWith("_cooperative")));
      assert.deepEqual([...run].sort(), [...uses].sort());
    });
  }
}

Deno.test("convolutions on cooperative matrices agree with the reference, others go the usual way", (t) =>
  checkAll(t, CONVOLUTIONS, { gradients: 1e-5 }));

Deno.test("attention on cooperative matrices agrees with the reference, others go the usual way", (t) =>
  checkAll(t, ATTENTIONS, { tolerance: 1e-3, gradients: 2e-3 }));

const SHAPE = [2, 70, 16];

interface Filled {
  /** The second clip's, and what its keys and values hold from there on. */
  readonly length?: number;
  readonly beyond?: number;
  /** Of the result's gradient; default whole numbers up to 4 times `size`. */
  readonly gradient?: readonly number[];
  readonly size?: number;
}

/** Attention of two clips, one head, and its gradients by q, k and v. */
async function filled(device: Device, o: Filled): Promise<Float32Array[]> {
  const [B, T, D] = SHAPE;
  const random = uniform(4);
  const data = [0, 1, 2].map(() => Float32Array.from({ length: B * T * D }, () => normal(random)));
  const { length = T, beyond = 0, size = 1 } = o;
  for (const x of data.slice(1)) x.fill(beyond, (T + length) * D);
  const gradient = Float32Array.from(
    data[0],
    (_, i) => o.gradient?.[i] ?? size * ((i * 5) % 9 - 4),
  );
  const leaves = data.map((x) => device.tensor(x, SHAPE));
  for (const x of leaves) x.requiresGrad = true;
  const y = device.scope(() => {
    const lengths = device.tensor(Int32Array.of(T, length));
    const out = attend(leaves[0], leaves[1], leaves[2], { heads: 1, lengths });
    backward(out, device.tensor(gradient, SHAPE));
    return out;
  });
  return await Promise.all(
    [y, ...leaves.map((x) => x.grad!)].map((x) => x.data()),
  ) as Float32Array[];
}

Deno.test("what lies past a clip's length does not reach attention on cooperative matrices", async () => {
  const opened = await openCooperative();
  if (!opened) return;
  const { device } = opened;
  using _ = device;
  for (const length of [0, 9, 32, 45]) {
    const expected = await filled(device, { length });
    const found = await filled(device, { length, beyond: NaN });
    NAMES.forEach((name, i) => assertClose(`length ${length}, ${name}`, found[i], expected[i], 0));
    const past = found.slice(2).flatMap((x) => [...x.slice((SHAPE[1] + length) * SHAPE[2])]);
    assert.ok(past.every((x) => x === 0), `length ${length}: keys past it have a gradient`);
  }
});

Deno.test("gradients of attention on cooperative matrices keep their digits at any size that f16 has", async () => {
  const opened = await openCooperative();
  if (!opened) return;
  const { device } = opened;
  using _ = device;
  const [, ...expected] = await filled(device, {});
  for (const size of [2 ** -22, 2 ** 13]) {
    const [, ...found] = await filled(device, { size });
    found.forEach((x, i) =>
      assertClose(`${NAMES[i + 1]} times ${size}`, x.map((g) => g / size), expected[i], 0)
    );
  }
});

Deno.test("gradients of attention on cooperative matrices that grow from tile to tile add up", async () => {
  const opened = await openCooperative();
  if (!opened) return;
  const { device } = opened;
  using _ = device;
  const [, T, D] = SHAPE;
  const tile = (i: number) => Math.floor(i / D) % T >> 5;
  const only = (tiles: readonly number[]) =>
    filled(device, {
      gradient: Array.from(
        { length: 2 * T * D },
        (_, i) => tiles.includes(tile(i)) ? ((i * 5) % 9 - 4) * 2 ** (6 * tile(i)) : 0,
      ),
    });
  const parts = await Promise.all([0, 1, 2].map((t) => only([t])));
  const [, ...found] = await only([0, 1, 2]);
  found.forEach((x, i) => {
    const sum = x.map((_, e) => parts.reduce((total, part) => total + part[i + 1][e], 0));
    assertClose(NAMES[i + 1], x, sum, 1e-3);
  });
});

Deno.test("an infinite gradient comes through attention on cooperative matrices as no number", async () => {
  const opened = await openCooperative();
  if (!opened) return;
  const { device } = opened;
  using _ = device;
  const [, ...found] = await filled(device, { gradient: [65_520] }); // rounds to infinity
  found.forEach((x, i) => {
    assert.ok(x.some((g) => !Number.isFinite(g)), `${NAMES[i + 1]} is finite`);
    assert.ok(x.slice(x.length / 2).every(Number.isFinite), `${NAMES[i + 1]} of another clip`);
  });
});
