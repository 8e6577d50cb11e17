/** What the tuner times of convolution over images: the ladder's problem, and the gradient of its weights. */
import type { GpuCaps, GpuLaunch } from "../engine/backend.ts";
import { gpuConv, gpuConvWeight } from "../engine/ops/conv_gpu.ts";
import type { TileOutputs } from "../engine/tiles.ts";
import { convWeightAt } from "./expected.ts";
import { convLadder, planOf } from "./rungs/conv2d.ts";
import type { Dims, Problem, RungCall } from "./rungs/ladder.ts";

/** CNN-4's layers by the outputs of their tile. */
export const CONV2D_LAYERS: Readonly<Record<TileOutputs, Dims>> = {
  16: [64, 1, 128, 128, 16],
  32: [64, 16, 64, 64, 32],
  64: [64, 64, 16, 16, 128],
};

/** The gradient of the weights, [N, C, H, W] and [N, O, H, W] to [O, C, 3, 3]. */
export const convWeightProblem: Problem = {
  name: "conv2d-dw",
  dims: convLadder.dims,
  shapes: ([n, c, h, w, o]) => [[n, c, h, w], [n, o, h, w]],
  output: ([, c, , , o]) => [o, c, 3, 3],
  flops: convLadder.flops,
  bytes: convLadder.bytes,
  expected: convWeightAt,
};

/** The launches of either, as the op makes them. */
export function planConv2d(
  kind: "conv" | "convWeight",
  call: RungCall,
  caps: GpuCaps,
): GpuLaunch[] {
  const { attrs: dims, inputs: [x, second, bias], outputs: [out], scratch } = call;
  const plan = planOf(dims);
  const half = x.dtype === "f16";
  if (kind === "conv") {
    const buffers = {
      ...{ half, x: x.memory, w: second.memory, bias: bias.memory, out: out.memory },
      scratch,
    };
    return gpuConv(plan, buffers, { caps, relu: false });
  }
  const biases = scratch(dims[4]);
  const buffers = { half, x: x.memory, g: second.memory, weights: out.memory, biases, scratch };
  return gpuConvWeight(plan, buffers, caps);
}
