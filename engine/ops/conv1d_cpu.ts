/**
 * Convolution over time on the CPU: the launches of `kernels/conv1d.ts` and `kernels/conv1d_weight.ts`.
 * Blocks follow from the shapes alone, so that results do not depend on the number of threads.
 */
import type { CpuCaps, CpuLaunch } from "../backend.ts";
import {
  type Conv1dBuffers,
  type Conv1dPlan,
  type Conv1dWeightBuffers,
  planParams,
  weightParams,
} from "./conv1d_plan.ts";
import { cpuWinograd1d, cpuWinograd1dWeight, suitsWinograd } from "./conv1d_winograd.ts";

/** Slice of a sum a pass, as the kernels have it. */
const DEPTH = 384;
/** Blocks there should be for threads to share. */
const SHARES = 8;
/** Panels of 6 rows a block at most: its slice stays in the second cache. */
const ROW_PANELS = 32;
/** The same of 16 columns, for the weights' gradient. */
const COLUMN_PANELS = 16;
/** Words that windows packed sliding may take, and how much shorter they must be to be worth it. */
const SLIDING_WORDS = 160 * 1024;
const SLIDING_GAIN = 2;
/** Multiply-adds below which a chunk is not worth handing to another thread. */
const LEAST_PRODUCTS = 131_072;
/** Times an item of the gradient's packing takes, as the kernel has it. */
const PACKED_TIMES = 64;

interface Blocks {
  readonly rows: number;
  readonly columns: number;
}

/** Cuts panels into blocks of at most `most`, and enough of them for threads to share. */
function planBlocks(panels: Blocks, most: Blocks, others: number): Blocks {
  let rows = Math.ceil(panels.rows / most.rows);
  let columns = Math.ceil(panels.columns / most.columns);
  while (rows * columns * others < SHARES) {
    const high = panels.rows / rows * 6, wide = panels.columns / columns * 16;
    if (wide > 2 * high && wide > 96) columns = Math.min(columns * 2, panels.columns);
    else if (high > 24) rows = Math.min(rows * 2, panels.rows);
    else break;
  }
  return { rows, columns };
}

/** The same for the weights' gradient: columns are packed anew for each block of rows, so they are cut first. */
function planWeightBlocks(panels: Blocks, others: number): Blocks {
  let rows = Math.ceil(panels.rows / ROW_PANELS);
  let columns = Math.ceil(panels.columns / COLUMN_PANELS);
  while (rows * columns * others < SHARES) {
    if (columns < panels.columns) columns = Math.min(columns * 2, panels.columns);
    else if (panels.rows / rows > 4) rows = Math.min(rows * 2, panels.rows);
    else break;
  }
  return { rows, columns };
}

const aligned = (words: number) => Math.ceil(words / 16) * 16;

/** Launches that compute what `plan` says. */
export function cpuConv1d(
  plan: Conv1dPlan,
  buffers: Conv1dBuffers,
  caps: CpuCaps,
): CpuLaunch[] {
  if (suitsWinograd(plan)) return cpuWinograd1d(plan, buffers, caps);
  const { x, w, bias, out, scratch } = buffers;
  const { images, groups, channels, outputs, taps, stride, count } = plan;
  const depth = taps * channels;
  const panels = { rows: Math.ceil(count / 6), columns: Math.ceil(outputs / 16) };
  const most = { rows: ROW_PANELS, columns: panels.columns };
  const blocks = planBlocks(panels, most, images * groups);
  const rows = Math.ceil(panels.rows / blocks.rows);
  // Packed sliding, a time is packed once, not once a tap.
  const slidingTimes = (rows - 1) * 6 * stride + taps;
  const slidingWords = slidingTimes * channels * 6;
  const sliding = plan.dilation === 1 && slidingWords <= SLIDING_WORDS &&
    slidingTimes * SLIDING_GAIN <= rows * taps;
  const perThread = aligned(
    DEPTH + 16 + 96 + DEPTH + (sliding ? slidingWords : rows * DEPTH * 6) + 16,
  );
  const packed = scratch(groups * panels.columns * depth * 16);
  const items = images * groups * blocks.rows * blocks.columns;
  return [{
    kernel: "conv1dPack",
    buffers: [w, packed],
    params: [taps, channels, outputs, panels.columns, ...weightParams(plan)],
    items: groups * panels.columns,
    work: 16 * depth,
  }, {
    kernel: "conv1d",
    buffers: [x, packed, bias ?? w, out, scratch(perThread * caps.threads)],
    params: [
      ...planParams(plan),
      blocks.rows,
      blocks.columns,
      Number(sliding),
      Number(bias !== undefined),
      perThread,
    ],
    items,
    grain: Math.ceil(LEAST_PRODUCTS * items / (images * groups * count * outputs * (depth + 1))),
  }];
}

/** Launches for the gradient of the weights of the convolution `plan` (a forward one). */
export function cpuConv1dWeight(
  plan: Conv1dPlan,
  buffers: Conv1dWeightBuffers,
  caps: CpuCaps,
): CpuLaunch[] {
  if (suitsWinograd(plan)) return cpuWinograd1dWeight(plan, buffers, caps);
  const { x, g, out, scratch } = buffers;
  const { images, groups, channels, outputs, taps, count } = plan;
  const times = images * count;
  const columns = taps * channels;
  const panels = { rows: Math.ceil(outputs / 6), columns: Math.ceil(columns / 16) };
  const blocks = planWeightBlocks(panels, groups);
  const high = Math.ceil(panels.rows / blocks.rows);
  const wide = Math.ceil(panels.columns / blocks.columns);
  const perThread = aligned(DEPTH + DEPTH * 16 + high * wide * 96 + 16);
  const packed = scratch(groups * panels.rows * times * 6);
  const items = groups * blocks.rows * blocks.columns;
  return [{
    kernel: "conv1dPackGrad",
    buffers: [g, packed],
    params: [times, groups, outputs],
    items: Math.ceil(times / PACKED_TIMES),
    work: PACKED_TIMES * groups * outputs,
  }, {
    kernel: "conv1dWeight",
    buffers: [packed, x, out, scratch(perThread * caps.threads)],
    params: [
      groups,
      channels,
      outputs,
      plan.length,
      taps,
      plan.stride,
      plan.dilation,
      plan.before,
      images,
      count,
      blocks.rows,
      blocks.columns,
      perThread,
    ],
    items,
    grain: Math.ceil(LEAST_PRODUCTS * items / (times * groups * outputs * columns + 1)),
  }];
}
