/** What the tuner times of convolution over time: "same" convolutions of stride 1, and their weights' gradients. */
import type { GpuCaps, GpuLaunch } from "../engine/backend.ts";
import { gpuConv1d, gpuConv1dWeight } from "../engine/ops/conv1d_gpu.ts";
import { forwardPlan } from "../engine/ops/conv1d_plan.ts";
import type { TileOutputs } from "../engine/tiles.ts";
import { conv1dExpected, type Conv1dSizes } from "./expected_conv1d.ts";
import { bytesOf } from "./op_case.ts";
import type { Dims, Problem, RungCall } from "./rungs/ladder.ts";

/** As long and as many as the temporal networks have, by the outputs of their tile. */
export const CONV1D_LAYERS: Readonly<Record<TileOutputs, Dims>> = {
  16: [32, 250, 16, 16, 5],
  32: [32, 250, 32, 32, 5],
  64: [32, 250, 128, 128, 5],
};

/** Zeros before; after it as many, for taps are odd. */
const paddingOf = (taps: number) => (taps - 1) / 2;

function sizesOf([batch, times, channels, outputs, taps]: Dims): Conv1dSizes {
  const same = { stride: 1, padding: paddingOf(taps), dilation: 1, groups: 1 };
  return { batch, times, channels, outputs, taps, ...same };
}

const sizes: Pick<Problem, "dims" | "flops" | "bytes"> = {
  dims: "BxTxCxOxK",
  flops: ([b, t, c, o, k]) => 2 * b * t * c * o * k,
  bytes: ([b, t, c, o, k]) => bytesOf([b, t, c], [o, c, k], [b, t, o]),
};

/** x [B, T, C], w [O, C, K] and bias [O] to [B, T, O]. */
export const conv1dProblem: Problem = {
  ...sizes,
  name: "conv1d",
  shapes: ([b, t, c, o, k]) => [[b, t, c], [o, c, k], [o]],
  output: ([b, t, , o]) => [b, t, o],
  expected: (values, dims, i) => conv1dExpected(sizesOf(dims)).at(values, i),
};

/** The gradient of w [O, C, K] from x [B, T, C] and that of the output [B, T, O]. */
export const conv1dWeightProblem: Problem = {
  ...sizes,
  name: "conv1d-dw",
  shapes: ([b, t, c, o]) => [[b, t, c], [b, t, o]],
  output: ([, , c, o, k]) => [o, c, k],
  expected([x, g], dims, i) {
    const { gradients: [, byWeights] } = conv1dExpected(sizesOf(dims));
    return byWeights([x], g, i);
  },
};

/** The launches of either, as the op makes them. */
export function planConv1d(
  kind: "conv1d" | "conv1dWeight",
  { attrs: [b, t, c, o, k], inputs: [x, second, bias], outputs: [out], scratch }: RungCall,
  caps: GpuCaps,
): GpuLaunch[] {
  const padding = [paddingOf(k), paddingOf(k)] as const;
  const attrs = { stride: 1, padding, dilation: 1, groups: 1 };
  const plan = forwardPlan([b, t, c], [o, c, k], [b, t, o], attrs);
  const both = { half: x.dtype === "f16", x: x.memory, out: out.memory, scratch };
  return kind === "conv1d"
    ? gpuConv1d(plan, { ...both, w: second.memory, bias: bias.memory }, caps)
    : gpuConv1dWeight(plan, { ...both, g: second.memory }, caps);
}
