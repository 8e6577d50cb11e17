/**
 * Winograd's convolution on the CPU: which plans it serves, how many patches an item takes, and the launches of
 * `kernels/winograd.ts` and `kernels/winograd_weight.ts`. Items follow from the shapes alone.
 */
import type { CpuCaps, CpuLaunch } from "../backend.ts";
import type { ConvBuffers, ConvPlan, ConvWeightBuffers } from "./conv_plan.ts";

/** Words the transformed input of an item may hold, and bounds of its patches, which go in sixes. */
const INPUT_WORDS = 96 * 1024;
const LEAST = 12;
const MOST = 48;
/** Items there should be for threads to share. */
const SHARES = 8;
/** Points of a patch, and floats between planes of them. */
const POINTS = 36;
const APART = 16;

/** For the weights' gradient: words of input and gradient at once, and of sums past which there are fewer. */
const WEIGHT_WORDS = 192 * 1024;
const LARGE_SUMS = 256 * 1024;
/** Scratch of the kernel that adds up: [36][4] and [18][4]. */
const SUM_WORDS = 224;

/** Channels and patches from which there is something to gain: the weights are transformed once for all patches. */
const LEAST_CHANNELS = 12;
const LEAST_PATCHES = 24;

function patchesOf({ images, count }: ConvPlan): number {
  return images * Math.ceil(count[0] / 4) * Math.ceil(count[1] / 4);
}

/** Whether `plan` is a 3×3 convolution of stride 1, and large enough to gain. */
export function suitsWinograd(plan: ConvPlan): boolean {
  const is = (pair: readonly [number, number], n: number) => pair[0] === n && pair[1] === n;
  const { before, count, size, channels, outputs } = plan;
  return is(plan.taps, 3) && is(plan.stride, 1) && is(plan.dilation, 1) && is(plan.step, 1) &&
    // Kernels may read as many floats beside a row as there can be zeros, and no more.
    before[1] >= 0 && before[1] <= 2 && count[1] <= size[1] + before[1] &&
    channels >= LEAST_CHANNELS && outputs >= LEAST_CHANNELS && patchesOf(plan) >= LEAST_PATCHES;
}

const sixes = (n: number) => Math.ceil(n / 6) * 6;
const eights = (n: number) => Math.ceil(n / 8) * 8;

/** Launches that compute what `plan` says; `suitsWinograd` must hold. */
export function cpuWinograd(
  plan: ConvPlan,
  { x, w, bias, out, scratch }: ConvBuffers,
  { caps, relu }: { caps: CpuCaps; relu: boolean },
): CpuLaunch[] {
  const { images, groups, channels, outputs, weights, count } = plan;
  const panels = Math.ceil(outputs / 16);
  const padded = eights(channels);
  const patches = patchesOf(plan);
  const fit = Math.floor(INPUT_WORDS / POINTS / padded / 6) * 6;
  const most = Math.max(LEAST, Math.min(MOST, fit, sixes(patches / SHARES)));
  const packed = scratch(groups * panels * POINTS * padded * 16);
  const perThread = 16 + 16 + 288 + 192 + POINTS * (most * padded + APART + most * 16 + APART);
  return [{
    kernel: "winogradPack",
    buffers: [w, packed],
    params: [
      outputs,
      channels,
      panels,
      padded,
      weights.first,
      weights.group,
      weights.output,
      weights.channel,
      weights.row,
      weights.column,
    ],
    items: groups * panels,
    work: 1000 * channels,
  }, {
    kernel: "winograd",
    buffers: [x, packed, bias ?? w, out, scratch(perThread * caps.threads)],
    params: [
      images,
      groups,
      channels,
      outputs,
      ...plan.size,
      ...plan.before,
      ...count,
      padded,
      most,
      Number(bias !== undefined),
      Number(relu),
      perThread,
    ],
    items: Math.ceil(patches / most),
    grain: 1,
  }];
}

/** Launches for the gradients of weights and bias of the convolution `plan`, which `suitsWinograd`. */
export function cpuWinogradWeight(
  plan: ConvPlan,
  { x, g, weights, biases, scratch }: ConvWeightBuffers,
  caps: CpuCaps,
): CpuLaunch[] {
  const { images, groups, channels, outputs, count } = plan;
  const panels = { outputs: Math.ceil(outputs / 6), channels: Math.ceil(channels / 16) };
  const inputs = panels.channels * 16, grads = eights(panels.outputs * 6);
  const tiles = panels.outputs * panels.channels;
  const patches = patchesOf(plan);
  const fit = Math.floor(WEIGHT_WORDS / POINTS / (inputs + grads));
  const most = Math.max(LEAST, Math.min(MOST, fit));
  const sums = groups * POINTS * tiles * 96;
  const wanted = sums > LARGE_SUMS ? SHARES / 2 : SHARES;
  const chunks = Math.min(Math.ceil(patches / LEAST), Math.ceil(wanted / groups));
  const perThread = 16 + 288 + 192 + grads + POINTS * (most * (inputs + grads) + 2 * APART);
  const pitch = sums + groups * outputs;
  const partial = scratch(chunks * pitch);
  return [{
    kernel: "winogradWeight",
    buffers: [x, g, partial, scratch(perThread * caps.threads)],
    params: [
      images,
      groups,
      channels,
      outputs,
      ...plan.size,
      ...plan.before,
      ...count,
      most,
      chunks,
      perThread,
    ],
    items: groups * chunks,
    grain: 1,
  }, {
    kernel: "winogradWeightSum",
    buffers: [partial, weights, scratch(SUM_WORDS * caps.threads)],
    params: [groups, channels, outputs, chunks, SUM_WORDS],
    items: groups * tiles,
    work: 96 * POINTS * chunks,
  }, {
    kernel: "sumChunks",
    buffers: [partial, biases],
    params: [chunks, pitch, sums],
    items: groups * outputs,
    work: chunks,
  }];
}
