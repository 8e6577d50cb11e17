/**
 * Convolution on WebGPU: the launches of `shaders/conv*.wgsl` for a `ConvPlan`. A real GPU gets the
 * kernels that go through workgroup memory, a software adapter those that keep to registers.
 */
import { type GpuCaps, type GpuLaunch, linearGrid } from "../backend.ts";
import {
  cooperativeConv,
  cooperativeWeight,
  suitsCooperative,
  suitsCooperativeWeight,
} from "./conv_cooperative.ts";
import { narrowed, threadsOf, tileConstants, tileOutputs, tilesFor } from "../tiles.ts";
import {
  type ConvBuffers,
  type ConvPlan,
  type ConvWeightBuffers,
  planParams,
  weightParams,
} from "./conv_plan.ts";
import { cutSum, sumChunks } from "./sum_chunks.ts";

export interface GpuConvOptions {
  readonly caps: GpuCaps;
  readonly relu: boolean;
}

/** The launches that compute what `plan` says. */
export function gpuConv(
  plan: ConvPlan,
  buffers: ConvBuffers,
  { caps, relu }: GpuConvOptions,
): GpuLaunch[] {
  const { half = false, x, w, bias, out } = buffers;
  const { software, cooperativeMatrix } = caps;
  const { conv } = tilesFor(caps, half);
  if (cooperativeMatrix && half && suitsCooperative(plan)) {
    return cooperativeConv(plan, buffers, relu);
  }
  const positions = plan.images * plan.count[0] * plan.count[1];
  const wanted = tileOutputs(plan.outputs);
  const [high, across] = software ? [4, 4] : [wanted, conv[wanted].across];
  const tiles = plan.groups * Math.ceil(plan.outputs / high) * Math.ceil(positions / across);
  return [{
    shader: software ? "conv" : "conv_tiled",
    constants: {
      HALF: Number(half),
      BIAS: Number(bias !== undefined),
      RELU: Number(relu),
      ...(software ? {} : tileConstants(high, across, conv[wanted])),
    },
    buffers: [x, w, bias ?? w, out],
    params: [...planParams(plan), ...weightParams(plan)],
    grid: linearGrid(tiles, software ? 16 : 1),
  }];
}

/** The launch that makes partial sums, but for what it reads and writes, and how many tiles a chunk is. */
function weightProduct(
  plan: ConvPlan,
  half: boolean,
  caps: GpuCaps,
): Pick<GpuLaunch, "shader" | "constants"> & {
  readonly tiles: number;
  /** Tiles of a workgroup, and its threads. */
  readonly size: number;
  readonly threads: number;
} {
  const { software, cooperativeMatrix } = caps;
  const { convWeight } = tilesFor(caps, half);
  if (cooperativeMatrix && half && suitsCooperativeWeight(plan)) return cooperativeWeight(plan);
  const { groups, outputs } = plan;
  const taps = plan.channels * plan.taps[0] * plan.taps[1];
  const wanted = tileOutputs(outputs);
  if (software) {
    return {
      shader: "conv_weight",
      constants: { HALF: Number(half) },
      tiles: groups * Math.ceil(outputs / 4) * Math.ceil((taps + 1) / 4),
      size: 16,
      threads: 256,
    };
  }
  const tile = narrowed(convWeight[wanted], wanted, taps + 1);
  const { across, side } = tile;
  return {
    shader: "conv_weight_tiled",
    constants: { HALF: Number(half), ...tileConstants(wanted, across, tile) },
    tiles: groups * Math.ceil(outputs / wanted) * Math.ceil((taps + 1) / across),
    size: 1,
    threads: threadsOf(wanted * across, side),
  };
}

/** Launches for the gradients of weights and bias of the convolution `plan` (a forward one). */
export function gpuConvWeight(
  plan: ConvPlan,
  { half = false, x, g, weights, biases, scratch }: ConvWeightBuffers,
  caps: GpuCaps,
): GpuLaunch[] {
  const { groups, outputs } = plan;
  const taps = plan.channels * plan.taps[0] * plan.taps[1];
  const { tiles, size, threads, ...product } = weightProduct(plan, half, caps);
  const positions = plan.images * plan.count[0] * plan.count[1];
  const { chunk, chunks } = cutSum(positions, { tiles, threads });
  const weightWords = groups * outputs * taps;
  const pitch = weightWords + groups * outputs;
  const partial = scratch(chunks * pitch);
  const parts: GpuLaunch = {
    ...product,
    buffers: [x, g, partial],
    params: [...planParams(plan), weightWords, chunks, chunk],
    grid: linearGrid(tiles * chunks, size),
  };
  const every = { partial, chunks, pitch };
  return [
    parts,
    sumChunks({ ...every, out: weights, n: weightWords }, caps),
    sumChunks({ ...every, out: biases, n: groups * outputs, first: weightWords }, caps),
  ];
}
