/**
 * How a reduction over any axes becomes launches. Adjacent axes that are both kept or both reduced are
 * merged first. A long reduction into few outputs is cut in chunks, whose results a second launch
 * combines; the cuts depend on sizes alone, so a result never depends on the number of threads.
 */
import {
  type CpuCaps,
  type CpuLaunch,
  f32,
  type GpuCaps,
  type GpuLaunch,
  linearGrid,
  type Memory,
} from "../backend.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { grainFor } from "./copy_plan.ts";

export type Reduction = "sum" | "max";

export interface ReduceWork {
  readonly kind: Reduction;
  readonly x: Memory;
  readonly out: Memory;
  readonly shape: Shape;
  /** Axes to reduce, normalised. */
  readonly axes: readonly number[];
  /** Factor on a finished sum; default 1. */
  readonly scale?: number;
  scratch(elements: number): Memory;
}

interface Dim {
  readonly size: number;
  readonly stride: number;
}

/** Kept and reduced dimensions, innermost first, sizes over 1, merged. */
function mergeDims(shape: Shape, axes: readonly number[]): { kept: Dim[]; gone: Dim[] } {
  const dims: { size: number; stride: number; gone: boolean }[] = [];
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const gone = axes.includes(i);
    const last = dims.at(-1);
    if (last && last.gone === gone) last.size *= shape[i];
    else if (shape[i] !== 1) dims.push({ size: shape[i], stride, gone });
    stride *= shape[i];
  }
  return { kept: dims.filter((d) => !d.gone), gone: dims.filter((d) => d.gone) };
}

const total = (dims: readonly Dim[]) => dims.reduce((n, d) => n * d.size, 1);

export function cpuReduce(work: ReduceWork, caps: CpuCaps): CpuLaunch[] {
  const { kept, gone } = mergeDims(work.shape, work.axes);
  if (gone.length === 0) gone.push({ size: 1, stride: 1 });
  const outputs = total(kept), reduced = total(gone);
  const outer = kept.length > 0 && kept[0].stride === 1 && kept[0].size > 1 && reduced > 1;
  const width = outer ? kept[0].size : 1;
  const tiles = outer ? outputs / width * Math.ceil(width / 32) : outputs;
  const columns = Math.min(width, 32);
  const wanted = outer ? Math.max(256, Math.ceil(16_384 / columns)) : 16_384;
  const chunk = tiles < 16 && reduced >= 2 * wanted ? wanted : Math.max(reduced, 1);
  const chunks = Math.max(1, Math.ceil(reduced / chunk));
  const to = chunks === 1 ? work.out : work.scratch(outputs * chunks);
  const items = tiles * chunks;
  const first: CpuLaunch = {
    kernel: work.kind + (outer ? "Outer" : "Inner"),
    buffers: [work.x, to],
    params: [
      ...[f32(chunks === 1 ? work.scale ?? 1 : 1), reduced, chunk, chunks, width],
      ...[kept.length, gone.length, ...[...kept, ...gone].flatMap((d) => [d.size, d.stride])],
    ],
    items,
    grain: grainFor(items, chunk * columns, caps),
  };
  if (chunks === 1) return [first];
  // Partial results lie [other outputs, chunks, width].
  const shape = [outputs / width, chunks, width];
  return [first, ...cpuReduce({ ...work, x: to, shape, axes: [1] }, caps)];
}

const MAX_DIMS = 8;
/** Elements one invocation adds up at most: a software adapter ends long loops in silence. */
const PER_THREAD = 4096;
const GROUP = 256;

export function gpuReduce(work: ReduceWork, caps: GpuCaps): GpuLaunch[] {
  const { kept, gone } = mergeDims(work.shape, work.axes);
  if (gone.length === 0) gone.push({ size: 1, stride: 1 });
  if (kept.length + gone.length > MAX_DIMS) throw new Error(`${work.kind}: rank too high`);
  const outputs = total(kept), reduced = total(gone);
  const grouped = !caps.software && gone[0].stride === 1 && reduced >= GROUP;
  // Where outputs are few, shorter chunks keep more threads busy.
  const busy = Math.ceil(outputs * reduced / 65_536);
  const chunk = grouped ? PER_THREAD * 16 : Math.min(PER_THREAD, Math.max(64, busy));
  const chunks = Math.max(1, Math.ceil(reduced / chunk));
  const to = chunks === 1 ? work.out : work.scratch(outputs * chunks);
  const dims = [...kept, ...gone].flatMap((d) => [d.size, d.stride, 0, 0]);
  const items = outputs * chunks;
  const width = grouped ? GROUP : 64; // threads of a workgroup
  const first: GpuLaunch = {
    shader: "reduce",
    entry: grouped ? "grouped" : "main",
    constants: { OP: work.kind === "sum" ? 0 : 1, WIDTH: width },
    buffers: [work.x, to],
    params: [
      ...[outputs, reduced, chunk, chunks, f32(chunks === 1 ? work.scale ?? 1 : 1)],
      ...[kept.length, gone.length, 0, ...dims],
    ],
    grid: linearGrid(items, grouped ? 1 : 64),
  };
  if (chunks === 1) return [first];
  return [first, ...gpuReduce({ ...work, x: to, shape: [chunks, outputs], axes: [0] }, caps)];
}

/** The shape an argument of reduced axes leaves to its kernels: [outer, n, inner]. */
export function aroundAxis(
  shape: Shape,
  axis: number,
): { n: number; outer: number; inner: number } {
  return {
    n: shape[axis],
    outer: sizeOf(shape.slice(0, axis)),
    inner: sizeOf(shape.slice(axis + 1)),
  };
}
