/**
 * Convolutions and attention on cooperative matrices, or on what stands in for them (cooperative_device.ts):
 * forward and gradients against the reference, on numbers that f16 has.
 */
import assert from "node:assert/strict";
import { attention as attend, type Device } from "../../../engine/mod.ts";
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

const ATTENTION = "attention_cooperative";

const FORWARD_ONLY = { forwardOnly: true };

const ATTENTIONS: readonly Row[] = [
  { op: attention({ B: 2, T: 33, heads: 2, D: 16 }), uses: [ATTENTION] },
  // Scores so large that the sums take new scales.
  { op: attention({ T: 97, heads: 1, D: 16, scale: 6, ...FORWARD_ONLY }), uses: [ATTENTION] },
  {
    op: attention({ B: 4, T: 70, heads: 1, D: 16, lengths: [70, 0, 11, 45], ...FORWARD_ONLY }),
    uses: [ATTENTION],
  },
  {
    op: attention({ B: 2, T: 71, heads: 1, D: 16, lengths: [71, 38], p: 0.3, ...FORWARD_ONLY }),
    uses: [ATTENTION],
  },
  { op: attention({ T: 67, heads: 2, D: 64, ...FORWARD_ONLY }), uses: [ATTENTION] },
  { op: attention({ T: 31, heads: 1, D: 16, ...FORWARD_ONLY }), uses: [] },
  { op: attention({ T: 33, heads: 1, D: 24, ...FORWARD_ONLY }), uses: [] },
  { op: attention({ T: 33, heads: 1, D: 80, ...FORWARD_ONLY }), uses: [] },
];

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

/** Attention of two clips, the second one's keys and values filled with `beyond` from its length on. */
async function filled(device: Device, length: number, beyond: number): Promise<Float32Array> {
  const [B, T, D] = [2, 70, 16];
  const random = uniform(4);
  const [q, k, v] = [0, 1, 2].map(() =>
    Float32Array.from({ length: B * T * D }, () => normal(random))
  );
  k.fill(beyond, (T + length) * D);
  v.fill(beyond, (T + length) * D);
  const y = device.scope(() => {
    const [a, b, c] = [q, k, v].map((x) => device.tensor(x, [B, T, D]));
    return attend(a, b, c, { heads: 1, lengths: device.tensor(Int32Array.of(T, length)) });
  });
  return await y.data() as Float32Array;
}

Deno.test("what lies past a clip's length does not reach attention on cooperative matrices", async () => {
  const opened = await openCooperative();
  if (!opened) return;
  const { device } = opened;
  using _ = device;
  for (const length of [0, 9, 32, 45]) {
    const expected = await filled(device, length, 0);
    assertClose(`length ${length}`, await filled(device, length, NaN), expected, 0);
  }
});
