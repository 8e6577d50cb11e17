/**
 * Convolution over time on WebGPU: the launches of `shaders/conv1d*.wgsl` for a `Conv1dPlan`. A real GPU
 * gets the kernels that go through workgroup memory, a software adapter those that keep to registers.
 */
import { type GpuCaps, type GpuLaunch, linearGrid } from "../backend.ts";
import { narrowed, threadsOf, tileConstants, tileOutputs, tilesFor } from "../tiles.ts";
import {
  type Conv1dBuffers,
  type Conv1dPlan,
  type Conv1dWeightBuffers,
  planParams,
  weightParams,
} from "./conv1d_plan.ts";
import { cutSum, sumChunks } from "./sum_chunks.ts";

/** Products of one sum a launch at most: far below where lavapipe ends a loop. */
const MOST_PRODUCTS = 32_768;

/** Launches that compute what `plan` says; a long sum takes several, some channels each. */
export function gpuConv1d(
  plan: Conv1dPlan,
  { half = false, x, w, bias, out }: Conv1dBuffers,
  caps: GpuCaps,
): GpuLaunch[] {
  const { software } = caps;
  const { conv1d } = tilesFor(caps, half);
  const { images, groups, channels, outputs, taps, count } = plan;
  const rows = images * count;
  const wanted = tileOutputs(outputs);
  const [high, wide] = software ? [4, 8] : [conv1d[wanted].across, wanted];
  const tiles = groups * Math.ceil(rows / high) * Math.ceil(outputs / wide);
  const sizes = software ? {} : tileConstants(high, wide, conv1d[wanted]);
  const some = Math.max(1, Math.floor(MOST_PRODUCTS / Math.max(taps, 1)));
  return Array.from({ length: Math.ceil(channels / some) }, (_, i) => ({
    shader: software ? "conv1d" : "conv1d_tiled",
    constants: {
      HALF: Number(half),
      BIAS: Number(bias !== undefined && i === 0),
      ADD: Number(i > 0),
      ...sizes,
    },
    buffers: [x, w, bias ?? w, out],
    params: [
      ...planParams(plan),
      ...weightParams(plan),
      i * some,
      Math.min((i + 1) * some, channels),
    ],
    grid: linearGrid(tiles, software ? 16 : 1),
  }));
}

/** Launches for the gradient of the weights of the convolution `plan` (a forward one). */
export function gpuConv1dWeight(
  plan: Conv1dPlan,
  { half = false, x, g, out, scratch }: Conv1dWeightBuffers,
  caps: GpuCaps,
): GpuLaunch[] {
  const { software } = caps;
  const { conv1dWeight } = tilesFor(caps, half);
  const { images, groups, channels, outputs, taps, count } = plan;
  const columns = channels * taps;
  const weights = groups * outputs * columns;
  const wanted = tileOutputs(outputs);
  const tile = narrowed(conv1dWeight[wanted], wanted, columns);
  const [high, wide] = software ? [4, 4] : [wanted, tile.across];
  const tiles = groups * Math.ceil(outputs / high) * Math.ceil(columns / wide);
  const threads = software ? 256 : threadsOf(high * wide, tile.side);
  const { chunk, chunks } = cutSum(images * count, { tiles, threads });
  const partial = chunks > 1 ? scratch(chunks * weights) : out;
  const sizes = software ? {} : tileConstants(high, wide, tile);
  const product: GpuLaunch = {
    shader: software ? "conv1d_weight" : "conv1d_weight_tiled",
    constants: { HALF: Number(half), ...sizes },
    buffers: [x, g, partial],
    params: [...planParams(plan), chunks, chunk],
    grid: linearGrid(tiles * chunks, software ? 16 : 1),
  };
  if (chunks === 1) return [product];
  return [product, sumChunks({ partial, out, n: weights, chunks, pitch: weights }, caps)];
}
