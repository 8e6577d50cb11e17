/**
 * Convolution on the CPU: how the output is cut into tiles whose input fits the second cache, and
 * the launches of `kernels/conv.ts` and `kernels/conv_weight.ts`. Tiles and chunks follow from the
 * shapes alone, so that results do not depend on the number of threads.
 */
import type { CpuCaps, CpuLaunch, Param } from "../backend.ts";
import {
  type ConvBuffers,
  type ConvPlan,
  type ConvWeightBuffers,
  planParams,
} from "./conv_plan.ts";
import { cpuWinograd, cpuWinogradWeight, suitsWinograd } from "./conv_winograd.ts";

/** Words of input a tile may hold, and outputs of one channel. */
const PATCH_WORDS = 96 * 1024;
const TILE_OUTPUTS = 1024;
/** Tiles (or blocks of weights) there should be for threads to share. */
const SHARES = 8;
/** Outputs whose gradients a block of the weights' gradient holds. */
const BLOCK_OUTPUTS = 64;
/** Outputs the microkernel of the weights' gradient takes at once. */
const PACK = 6;

interface Tiling {
  readonly images: number;
  readonly rows: number;
  readonly columns: number;
  /** Rows of a patch and floats of a phase of such a row. */
  readonly patchRows: number;
  readonly phaseWidth: number;
  readonly patchWords: number;
  /** Groups of 8 outputs in a tile. */
  readonly runs: number;
  readonly tiles: number;
}

function tile(plan: ConvPlan, images: number, rows: number, columns: number): Tiling {
  const [strideY, strideX] = plan.stride;
  const reach = (axis: 0 | 1) => Math.max(0, plan.taps[axis] - 1) * plan.dilation[axis] + 1;
  const patchRows = (rows - 1) * strideY + reach(0);
  const phaseWidth = Math.ceil(((columns - 1) * strideX + reach(1)) / strideX);
  return {
    images,
    rows,
    columns,
    patchRows,
    phaseWidth,
    patchWords: images * plan.channels * patchRows * phaseWidth * strideX,
    runs: images * rows * Math.ceil(columns / 8),
    tiles: Math.ceil(plan.images / images) * Math.ceil(plan.count[0] / rows) *
      Math.ceil(plan.count[1] / columns),
  };
}

/** The largest tile within the limits: rows go first, then columns; small images come in groups. */
function planTiles(plan: ConvPlan): Tiling {
  let [rows, columns] = plan.count;
  const fits = (t: Tiling) => t.patchWords <= PATCH_WORDS && t.runs * 8 <= TILE_OUTPUTS;
  while (rows > 1 && !fits(tile(plan, 1, rows, columns))) rows = Math.ceil(rows / 2);
  while (columns > 8 && !fits(tile(plan, 1, rows, columns))) {
    columns = Math.ceil(columns / 16) * 8;
  }
  while (rows > 3 && tile(plan, 1, rows, columns).tiles < SHARES) rows = Math.ceil(rows / 2);
  let images = 1;
  if (rows === plan.count[0] && columns === plan.count[1]) {
    const most = Math.ceil(plan.images / SHARES);
    while (images < most && fits(tile(plan, images + 1, rows, columns))) images++;
  }
  return tile(plan, images, rows, columns);
}

/** Words 26 to 34 of the kernels' parameters. */
function tileParams(t: Tiling, relu: boolean, perThread: number): Param[] {
  const { images, rows, columns, patchRows, phaseWidth, patchWords, runs } = t;
  return [
    images,
    rows,
    columns,
    patchRows,
    phaseWidth,
    Number(relu),
    perThread,
    patchWords + SLACK,
    runs,
  ];
}

/** Words past a patch that kernels may read, and a few of which they may write. */
const SLACK = 16;

function aligned(words: number): number {
  return Math.ceil(words / 16) * 16;
}

/** Launches that compute what `plan` says. */
export function cpuConv(
  plan: ConvPlan,
  buffers: ConvBuffers,
  options: { caps: CpuCaps; relu: boolean },
): CpuLaunch[] {
  return suitsWinograd(plan)
    ? cpuWinograd(plan, buffers, options)
    : cpuDirectConv(plan, buffers, options);
}

/** The same by the microkernel on the input itself, which any plan suits. */
export function cpuDirectConv(
  plan: ConvPlan,
  buffers: ConvBuffers,
  options: { caps: CpuCaps; relu: boolean },
): CpuLaunch[] {
  const { x, w, bias, out, scratch } = buffers;
  const taps = plan.channels * plan.taps[0] * plan.taps[1];
  const panels = Math.ceil(plan.outputs / 6);
  const packed = scratch(plan.groups * panels * (1 + taps) * 6);
  const tiles = planTiles(plan);
  const perThread = aligned(96 + 96 + taps + 3 * tiles.runs + 3 + tiles.patchWords + SLACK);
  const { first, ...steps } = plan.weights;
  return [{
    kernel: "convPack",
    buffers: [w, bias ?? w, packed],
    params: [
      plan.outputs,
      plan.channels,
      ...plan.taps,
      panels,
      first,
      steps.group,
      steps.output,
      steps.channel,
      steps.row,
      steps.column,
      Number(bias !== undefined),
    ],
    items: plan.groups * panels,
    work: 6 * taps,
  }, {
    kernel: "conv",
    buffers: [x, packed, out, scratch(perThread * options.caps.threads)],
    params: [...planParams(plan), ...tileParams(tiles, options.relu, perThread)],
    items: tiles.tiles,
    grain: 1,
  }];
}

/** Launches for the gradients of weights and bias of the convolution `plan` (a forward one). */
export function cpuConvWeight(
  plan: ConvPlan,
  buffers: ConvWeightBuffers,
  caps: CpuCaps,
): CpuLaunch[] {
  if (suitsWinograd(plan)) return cpuWinogradWeight(plan, buffers, caps);
  const { groups, outputs } = plan;
  const taps = plan.channels * plan.taps[0] * plan.taps[1];
  const tiles = planTiles(plan);
  const blocks = Math.ceil(outputs / BLOCK_OUTPUTS);
  const chunks = Math.min(tiles.tiles, Math.ceil(SHARES / (groups * blocks)));
  const blockOutputs = Math.ceil(Math.ceil(outputs / PACK) / blocks) * PACK;
  const perThread = aligned(
    16 + 96 + 16 + taps + tiles.runs + tiles.patchWords + SLACK + blockOutputs * tiles.runs * 8,
  );
  const weightWords = groups * outputs * taps;
  const pitch = weightWords + groups * outputs;
  const partial = buffers.scratch(chunks * pitch);
  return [{
    kernel: "convWeight",
    buffers: [buffers.x, buffers.g, partial, buffers.scratch(perThread * caps.threads)],
    params: [...planParams(plan), ...tileParams(tiles, false, perThread), blocks, chunks],
    items: groups * blocks * chunks,
    grain: 1,
  }, {
    kernel: "sumChunks",
    buffers: [partial, buffers.weights],
    params: [chunks, pitch, 0],
    items: weightWords,
    work: chunks,
  }, {
    kernel: "sumChunks",
    buffers: [partial, buffers.biases],
    params: [chunks, pitch, weightWords],
    items: groups * outputs,
    work: chunks,
  }];
}
