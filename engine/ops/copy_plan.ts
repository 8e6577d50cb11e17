/**
 * Copies between two strided walks over memory: what transposing, slicing, broadcasting, framing,
 * padding and concatenating all come down to. The host merges dimensions and picks a kernel; the
 * kernels move 32-bit words, whatever they mean.
 */
import { type CpuCaps, type CpuLaunch, type GpuCaps, type GpuLaunch } from "../backend.ts";
import { linearGrid, type Memory, type Param } from "../backend.ts";
import { type Shape, sizeOf } from "../shape.ts";

/** A walk over `shape` with a stride a dimension and a first element, in elements. */
export interface Walk {
  readonly strides: readonly number[];
  readonly offset: number;
}

interface Dim {
  readonly size: number;
  readonly strideIn: number;
  readonly strideOut: number;
}

export interface CopyPlan {
  readonly count: number;
  /** Innermost first, sizes over 1, merged where both walks allow; at least one. */
  readonly dims: readonly Dim[];
  readonly offsetIn: number;
  readonly offsetOut: number;
}

export function planCopy(shape: Shape, from: Walk, to: Walk): CopyPlan {
  const dims: { size: number; strideIn: number; strideOut: number }[] = [];
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] === 1) continue;
    const strideIn = from.strides[i], strideOut = to.strides[i];
    const last = dims.at(-1);
    if (
      last && strideIn === last.strideIn * last.size && strideOut === last.strideOut * last.size
    ) last.size *= shape[i];
    else dims.push({ size: shape[i], strideIn, strideOut });
  }
  if (dims.length === 0) dims.push({ size: 1, strideIn: 1, strideOut: 1 });
  return { count: sizeOf(shape), dims, offsetIn: from.offset, offsetOut: to.offset };
}

/**
 * The two dimensions of a transposition: `a` contiguous in the output (the innermost), `b` in the
 * input. Null where the plan is none, or too narrow for tiles to pay.
 */
function tiledDims(plan: CopyPlan): { a: Dim; b: Dim; rest: Dim[] } | null {
  const [a, ...others] = plan.dims;
  const b = others.find((d) => d.strideIn === 1 && d.size >= 4);
  if (!b || a.strideOut !== 1 || a.size < 4 || a.strideIn < 2) return null;
  return { a, b, rest: others.filter((d) => d !== b) };
}

const words = (dims: readonly Dim[]) => dims.flatMap((d) => [d.size, d.strideIn, d.strideOut]);

/** Items a chunk: enough to be worth a fork, at most a quarter of a thread's share. */
export function grainFor(items: number, workPerItem: number, { threads }: CpuCaps): number {
  const worthwhile = Math.ceil(16_384 / Math.max(workPerItem, 1));
  return Math.max(1, worthwhile, Math.ceil(items / (threads * 4)));
}

export function cpuCopy(plan: CopyPlan, x: Memory, out: Memory, caps: CpuCaps): CpuLaunch {
  const { offsetIn, offsetOut, count } = plan;
  const buffers = [x, out];
  const tiled = tiledDims(plan);
  if (tiled) {
    const { a, b, rest } = tiled;
    const items = count / (a.size * b.size) * Math.ceil(b.size / 16);
    return {
      kernel: "transposeTiles",
      buffers,
      params: [
        ...[offsetIn, offsetOut, a.size, a.strideIn, b.size, b.strideOut, rest.length],
        ...words(rest),
      ],
      items,
      grain: grainFor(items, count / items, caps),
    };
  }
  return {
    kernel: "copyStrided",
    buffers,
    params: [offsetIn, offsetOut, plan.dims.length, ...words(plan.dims)],
    items: count,
    grain: grainFor(count, 1, caps),
  };
}

const MAX_DIMS = 8;

export function gpuCopy(plan: CopyPlan, x: Memory, out: Memory, caps: GpuCaps): GpuLaunch {
  const { offsetIn, offsetOut, count } = plan;
  if (plan.dims.length > MAX_DIMS) throw new Error("copy: rank too high");
  const tiled = caps.software ? null : tiledDims(plan);
  const head: Param[] = [count, plan.dims.length, offsetIn, offsetOut];
  const dims = (list: readonly Dim[]) => list.flatMap((d) => [d.size, d.strideIn, d.strideOut, 0]);
  if (tiled) {
    const { a, b, rest } = tiled;
    const tilesA = Math.ceil(a.size / 16), tilesB = Math.ceil(b.size / 16);
    const tiles = count / (a.size * b.size) * tilesA * tilesB;
    return {
      shader: "copy",
      entry: "transposeTiles",
      buffers: [x, out],
      params: [tiles, ...head.slice(1), ...dims([a, b, ...rest])],
      grid: linearGrid(tiles, 1),
    };
  }
  return {
    shader: "copy",
    buffers: [x, out],
    params: [...head, ...dims(plan.dims)],
    grid: linearGrid(count),
  };
}
