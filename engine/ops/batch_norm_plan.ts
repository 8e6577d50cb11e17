/** What batch norm's forward and gradient ops share: attributes and the walk over [N, C, S]. */
import type { Arg } from "../op.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Memory } from "../backend.ts";

export interface NormAttrs {
  readonly eps: number;
  readonly relu: boolean;
  /** The statistics are this batch's: the gradient flows through them. */
  readonly batchStatistics: boolean;
}

export interface Layout {
  readonly N: number;
  readonly C: number;
  /** Values of one channel of one sample. */
  readonly S: number;
}

/** x [N, C, …] as N samples of C channels of S values. */
export function layoutOf([N, C, ...rest]: Shape): Layout {
  return { N, C, S: sizeOf(rest) };
}

/** Values a GPU workgroup sums, so that no thread nears a software adapter's limit of loop trips. */
export const GPU_CHUNK = 8192;

/** Workgroups for one channel's sums, and threads in each. */
export function gpuChunks(
  { N, S }: Layout,
  software: boolean,
): { chunks: number; threads: number } {
  return { chunks: Math.ceil(N * S / GPU_CHUNK), threads: software ? 16 : 256 };
}

export function memories(args: readonly Arg[]): Memory[] {
  return args.map((t) => t.memory);
}
