/**
 * Products of halves on cooperative matrices, where an adapter has them: which they suit, and their
 * launches. Others take the shaders that any adapter runs.
 */
import { type GpuLaunch, linearGrid, type Memory, type Param } from "../backend.ts";
import { sizeOf } from "../shape.ts";
import type { MatmulAttrs, MatmulPlan } from "./matmul_plan.ts";
import { sumChunks } from "./sum_chunks.ts";

/** Rows and columns of the tile a workgroup makes, and terms of the sum at a time. */
const SIDE = 32;
const DEPTH = 16;

/**
 * Whether the shader can make the product: a whole tile at least, whole steps along k, and rows in
 * memory that begin at a multiple of 16 bytes, as the loads of such matrices demand.
 */
export function suitsCooperative(
  { m, k, n }: Pick<MatmulPlan, "m" | "k" | "n">,
  { transposeA }: MatmulAttrs,
): boolean {
  return m >= SIDE && n >= SIDE && k > 0 && k % DEPTH === 0 && n % 8 === 0 &&
    (!transposeA || m % 8 === 0);
}

/** Launches of `shaders/matmul_cooperative.wgsl`. */
export function cooperativeMatmul(
  { m, k, n, batch }: MatmulPlan,
  { a, b, bias, out, scratch, batchParams, attrs }: {
    readonly a: Memory;
    readonly b: Memory;
    readonly bias: Memory | undefined;
    readonly out: Memory;
    scratch(words: number): Memory;
    readonly batchParams: readonly Param[];
    readonly attrs: MatmulAttrs;
  },
): GpuLaunch[] {
  const matrices = sizeOf(batch);
  const start = scratch(DEPTH * n);
  // Sums of no chunks: the bias, or zeros, in each of the 16 rows of a tile.
  const none = { partial: a, out: start, n: DEPTH * n, chunks: 0, pitch: 0 };
  return [sumChunks({ ...none, bias, columns: n }, { software: false }), {
    shader: "matmul_cooperative",
    constants: {
      TRANSPOSE_A: Number(attrs.transposeA),
      TRANSPOSE_B: Number(attrs.transposeB),
      // Done: the bias is what sums begin with, and no product with a ReLU comes here.
      BIAS: 0,
      RELU: 0,
    },
    buffers: [a, b, start, out],
    params: [m, k, n, matrices, ...batchParams, 1, k],
    grid: linearGrid(Math.ceil(m / SIDE) * Math.ceil(n / SIDE) * matrices, 1),
  }];
}
