/** Convolution on WebGPU: the launches of `shaders/conv*.wgsl` for a `ConvPlan`. */
import { type GpuLaunch, linearGrid } from "../backend.ts";
import type { ConvBuffers, ConvWeightBuffers } from "./conv_cpu.ts";
import { type ConvPlan, planParams, weightParams } from "./conv_plan.ts";

/** Outputs one thread of the weights' gradient sums over: far below where lavapipe ends a loop. */
const CHUNK = 4096;

/** The launch that computes what `plan` says. */
export function gpuConv(plan: ConvPlan, buffers: ConvBuffers, relu: boolean): GpuLaunch {
  const { x, w, bias, out } = buffers;
  const total = plan.images * plan.groups * plan.outputs * plan.count[0] * plan.count[1];
  return {
    shader: "conv",
    constants: { BIAS: Number(bias !== undefined), RELU: Number(relu) },
    buffers: [x, w, bias ?? w, out],
    params: [...planParams(plan), ...weightParams(plan), total],
    grid: linearGrid(total),
  };
}

/** Launches for the gradients of weights and bias of the convolution `plan` (a forward one). */
export function gpuConvWeight(plan: ConvPlan, buffers: ConvWeightBuffers): GpuLaunch[] {
  const { groups, outputs } = plan;
  const weightWords = groups * outputs * plan.channels * plan.taps[0] * plan.taps[1];
  const pitch = weightWords + groups * outputs;
  const positions = plan.images * plan.count[0] * plan.count[1];
  const chunks = Math.ceil(positions / CHUNK);
  const partial = buffers.scratch(chunks * pitch);
  return [{
    shader: "conv_weight",
    buffers: [buffers.x, buffers.g, partial],
    params: [...planParams(plan), chunks * pitch, weightWords, positions, CHUNK],
    grid: linearGrid(chunks * pitch),
  }, {
    shader: "sum_chunks",
    buffers: [partial, buffers.weights],
    params: [weightWords, chunks, pitch, 0],
    grid: linearGrid(weightWords),
  }, {
    shader: "sum_chunks",
    buffers: [partial, buffers.biases],
    params: [groups * outputs, chunks, pitch, weightWords],
    grid: linearGrid(groups * outputs),
  }];
}
