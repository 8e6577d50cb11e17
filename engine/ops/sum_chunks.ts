/** Long sums on GPUs, cut into chunks that workgroups sum apart, and added up by `shaders/sum_chunks.wgsl`. */
import { type GpuCaps, type GpuLaunch, linearGrid, type Memory } from "../backend.ts";

/** Terms one thread sums over at most: far below where lavapipe ends a loop; and at least. */
const MOST_TERMS = 16_384;
const LEAST_TERMS = 512;
/** Threads enough for a GPU. */
const ENOUGH_THREADS = 65_536;

/** How a sum of `terms` is cut that takes `tiles` workgroups of `threads` if it is not: terms a chunk, and chunks. */
export function cutSum(
  terms: number,
  { tiles, threads }: { readonly tiles: number; readonly threads: number },
): { readonly chunk: number; readonly chunks: number } {
  const shared = Math.max(LEAST_TERMS, terms * tiles * threads / ENOUGH_THREADS);
  const chunk = Math.ceil(Math.min(MOST_TERMS, shared) / 16) * 16;
  return { chunk, chunks: Math.max(1, Math.ceil(terms / chunk)) };
}

export interface Chunks {
  readonly partial: Memory;
  readonly out: Memory;
  /** Sums; how many parts each has, and how far they lie apart; where the first begins, default 0. */
  readonly n: number;
  readonly chunks: number;
  readonly pitch: number;
  readonly first?: number;
  /** Of every `columns` sums; default none. */
  readonly bias?: Memory;
  readonly columns?: number;
  readonly relu?: boolean;
}

const THREADS = 256;
/** Threads that share a sum of many parts, of so many at least: one would wait for them one by one. */
const SHARES = 16;
const MANY = 2 * SHARES;

export function sumChunks(
  { partial, out, n, chunks, pitch, first = 0, bias, columns = 1, relu = false }: Chunks,
  { software }: Pick<GpuCaps, "software">,
): GpuLaunch {
  // Of very many sums the threads are enough as it is; a software adapter plays them one after the other.
  const shares = !software && chunks >= MANY && n < THREADS * THREADS ? SHARES : 1;
  return {
    shader: "sum_chunks",
    constants: { BIAS: Number(bias !== undefined), RELU: Number(relu), SHARES: shares },
    // A binding must be filled: without a bias, the parts stand in unread.
    buffers: [partial, bias ?? partial, out],
    params: [n, chunks, pitch, first, columns],
    grid: linearGrid(n, THREADS / shares),
  };
}
