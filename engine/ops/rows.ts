/**
 * Kernels that work row by row (softmax, layer norm, losses): how many threads of a GPU share a row.
 * Their shaders read LANES of shaders/common/lanes.wgsl: 1 (a row a thread) or 64 (a row a workgroup, by
 * subgroups where the device has them: engine/webgpu/shaders.ts).
 */
import { type GpuCaps, linearGrid } from "../backend.ts";

export type Lanes = 1 | 64;

/** Threads for rows of `n` elements: one where rows are short or barriers only cost. */
export function lanesFor(n: number, caps: GpuCaps): Lanes {
  return n <= 64 || (caps.software && n <= 1024) ? 1 : 64;
}

export function lanesConstants(lanes: Lanes): Record<string, number> {
  return { LANES: lanes };
}

/** Grid for `rows` rows. */
export function rowGrid(rows: number, lanes: Lanes): [number, number, number] {
  return linearGrid(rows, 64 / lanes);
}
