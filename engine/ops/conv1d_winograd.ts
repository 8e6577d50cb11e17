/**
 * Winograd's convolution over time on the CPU: which plans it serves, how many runs of four outputs an item takes,
 * and the launches of `kernels/winograd1d.ts` and `kernels/winograd1d_weight.ts`. Items follow from the shapes
 * alone.
 */
import type { CpuCaps, CpuLaunch } from "../backend.ts";
import type { Conv1dBuffers, Conv1dPlan, Conv1dWeightBuffers } from "./conv1d_plan.ts";

/** Words that transformed inputs (and gradients) may take at once, and bounds of their runs, in sixes. */
const INPUT_WORDS = 96 * 1024;
const LEAST = 12;
const MOST = 48;
/** Items there should be for threads to share. */
const SHARES = 8;
/** Points of a run, and floats between planes of them. */
const POINTS = 8;
const APART = 16;
/** Channels and runs from which there is something to gain, and outputs computed in vain for each wanted. */
const LEAST_CHANNELS = 32;
const LEAST_RUNS = 32;
const WASTE = 0.35;
/** Scratch of the kernel that adds up: [8][4] and [5][4]. */
const SUM_WORDS = 64;

/** Runs of four outputs, `dilation` apart, in each of that many sequences of an image. */
function runsOf({ count, dilation }: Conv1dPlan): number {
  return Math.ceil(Math.ceil(count / dilation) / 4);
}

/** All of them. */
function allRuns(plan: Conv1dPlan): number {
  return plan.images * plan.dilation * runsOf(plan);
}

/** Whether `plan` is a convolution of 5 taps and stride 1, channels in sixteens, and large enough to gain. */
export function suitsWinograd(plan: Conv1dPlan): boolean {
  const { groups, channels, outputs, taps, stride, dilation, step, first, count } = plan;
  const many = (n: number) => n % 16 === 0 && n >= LEAST_CHANNELS;
  return taps === 5 && groups === 1 && stride === 1 && step === 1 && first === 0 &&
    count === plan.outLength && many(channels) && many(outputs) && allRuns(plan) >= LEAST_RUNS &&
    runsOf(plan) * 4 * dilation <= (1 + WASTE) * count;
}

function runsAtOnce(plan: Conv1dPlan, words: number): number {
  const fit = Math.floor(INPUT_WORDS / POINTS / words / 6) * 6;
  return Math.max(LEAST, Math.min(MOST, fit, Math.ceil(allRuns(plan) / SHARES / 6) * 6));
}

function shapeParams(plan: Conv1dPlan): number[] {
  const { images, channels, outputs, length, dilation, before, count } = plan;
  return [images, channels, outputs, length, dilation, before, count, runsOf(plan)];
}

/** Launches that compute what `plan` says; `suitsWinograd` must hold. */
export function cpuWinograd1d(
  plan: Conv1dPlan,
  { x, w, bias, out, scratch }: Conv1dBuffers,
  { threads }: CpuCaps,
): CpuLaunch[] {
  const { channels, outputs, weights } = plan;
  const most = runsAtOnce(plan, channels);
  const packed = scratch(POINTS * channels * outputs);
  const perThread = 16 + 8 * channels + POINTS * (most * (channels + 16) + 2 * APART);
  return [{
    kernel: "winograd1dPack",
    buffers: [w, packed],
    params: [channels, weights.first, weights.output, weights.channel, weights.tap],
    items: outputs / 16,
    work: 400 * channels,
  }, {
    kernel: "winograd1d",
    buffers: [x, packed, bias ?? w, out, scratch(perThread * threads)],
    params: [...shapeParams(plan), most, Number(bias !== undefined), perThread],
    items: Math.ceil(allRuns(plan) / most),
    grain: 1,
  }];
}

/** Launches for the gradient of the weights of the convolution `plan`, which `suitsWinograd`. */
export function cpuWinograd1dWeight(
  plan: Conv1dPlan,
  { x, g, out, scratch }: Conv1dWeightBuffers,
  { threads }: CpuCaps,
): CpuLaunch[] {
  const { channels, outputs } = plan;
  const sixes = Math.ceil(outputs / 6), grads = Math.ceil(sixes * 6 / 16) * 16;
  const tiles = sixes * channels / 16;
  const most = runsAtOnce(plan, channels + grads);
  const chunks = Math.min(SHARES, Math.ceil(allRuns(plan) / LEAST));
  const perThread = 8 * Math.max(channels, outputs) +
    POINTS * (most * (channels + grads) + 2 * APART);
  const partial = scratch(chunks * POINTS * tiles * 96);
  return [{
    kernel: "winograd1dWeight",
    buffers: [x, g, partial, scratch(perThread * threads)],
    params: [...shapeParams(plan), most, chunks, perThread],
    items: chunks,
    grain: 1,
  }, {
    kernel: "winograd1dWeightSum",
    buffers: [partial, out, scratch(SUM_WORDS * threads)],
    params: [channels, outputs, chunks, SUM_WORDS],
    items: tiles,
    work: 96 * POINTS * chunks,
  }];
}
