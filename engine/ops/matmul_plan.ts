/** How a matrix product is launched: its shapes, and blocks or tiles for each backend's kernels. */
import {
  type CpuCaps,
  type CpuLaunch,
  type GpuCaps,
  type GpuLaunch,
  linearGrid,
  type Param,
} from "../backend.ts";
import type { Call } from "../op.ts";
import {
  matmulFits,
  type MatmulTile,
  threadsOf,
  tileConstants,
  type Tiles,
  tilesFor,
  WIDE,
} from "../tiles.ts";
import { cooperativeMatmul, suitsCooperative } from "./matmul_cooperative.ts";
import { sumChunks } from "./sum_chunks.ts";
import { broadcastShapes, broadcastStrides, formatShape, type Shape, sizeOf } from "../shape.ts";

export interface MatmulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export interface MatmulPlan {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly batch: Shape;
  /** Batch axes as kernels walk them, innermost first: size, stride in `a` and in `b` (matrices). */
  readonly axes: readonly { size: number; a: number; b: number }[];
}

const MAX_BATCH_AXES = 4;

/** Checks the operands' shapes; throws with both named. */
export function planMatmul(
  a: Shape,
  b: Shape,
  { transposeA, transposeB }: MatmulAttrs,
): MatmulPlan {
  if (a.length < 2 || b.length < 2) {
    throw new Error(`matmul: needs matrices, got ${formatShape(a)} and ${formatShape(b)}`);
  }
  const [aRows, aColumns] = a.slice(-2);
  const [bRows, bColumns] = b.slice(-2);
  const [m, k] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [inner, n] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (k !== inner) {
    const flags = `${transposeA ? ", first transposed" : ""}${
      transposeB ? ", second transposed" : ""
    }`;
    throw new Error(
      `matmul: inner dimensions differ (${formatShape(a)} and ${formatShape(b)}${flags})`,
    );
  }
  const batchA = a.slice(0, -2);
  const batchB = b.slice(0, -2);
  const batch = broadcastShapes("matmul", batchA, batchB);
  const stridesA = broadcastStrides(batchA, batch);
  const stridesB = broadcastStrides(batchB, batch);
  const axes = batch
    .map((size, i) => ({ size, a: stridesA[i], b: stridesB[i] }))
    .filter(({ size }) => size !== 1).reverse();
  if (axes.length > MAX_BATCH_AXES) {
    throw new Error(`matmul: more than ${MAX_BATCH_AXES} batch axes (${formatShape(batch)})`);
  }
  return { m, k, n, batch, axes };
}

/** Slice of k a pass, as the kernel has it. */
const DEPTH = 384;
/** Multiply-adds below which a chunk is not worth handing to another thread. */
const LEAST_PRODUCTS = 131_072;

/**
 * Blocks of C a matrix is cut into: at most 64 panels of 6 rows (their slice of A stays in the
 * second cache) by 16 panels of 16 columns, and enough of them for threads to share.
 */
function planBlocks(m: number, n: number, matrices: number): { rows: number; columns: number } {
  const rowPanels = Math.ceil(m / 6);
  const columnPanels = Math.ceil(n / 16);
  let rows = Math.ceil(rowPanels / 64);
  let columns = Math.ceil(columnPanels / 16);
  while (rows * columns * matrices < 8) {
    const high = rowPanels / rows * 6;
    const wide = columnPanels / columns * 16;
    if (wide >= high && wide > 48) columns = Math.min(columns * 2, columnPanels);
    else if (high > 48) rows = Math.min(rows * 2, rowPanels);
    else break;
  }
  return { rows, columns };
}

/** Launches of `kernels/matmul.ts`. */
export function cpuMatmul(call: Call<MatmulAttrs>, caps: CpuCaps, relu: boolean): CpuLaunch[] {
  const { inputs: [a, b, bias], outputs: [out], attrs } = call;
  const { m, k, n, batch, axes } = planMatmul(a.shape, b.shape, attrs);
  const matricesA = sizeOf(a.shape.slice(0, -2));
  const matrices = sizeOf(batch);
  const panels = Math.ceil(m / 6);
  const packed = call.scratch(matricesA * panels * 6 * k);
  const blocks = planBlocks(m, n, matrices);
  const widest = Math.ceil(Math.ceil(n / 16) / blocks.columns);
  const highest = Math.ceil(panels / blocks.rows);
  const held = k > DEPTH ? highest * widest * 96 : 0;
  const panelWords = widest * DEPTH * 16;
  const perThread = DEPTH + 16 + 96 + panelWords + held;
  const batchParams: Param[] = axes.flatMap(({ size, a, b }) => [size, a, b]);
  return [{
    kernel: "matmulPack",
    buffers: [a.memory, packed],
    params: [m, k, panels, ...(attrs.transposeA ? [1, m] : [k, 1])],
    items: matricesA * panels,
    work: 6 * k,
  }, {
    kernel: "matmul",
    buffers: [
      packed,
      b.memory,
      out.memory,
      call.scratch(perThread * caps.threads),
      (bias ?? out).memory,
    ],
    params: [
      m,
      k,
      n,
      blocks.rows,
      blocks.columns,
      attrs.transposeB ? 1 : 0,
      bias ? 1 : 0,
      relu ? 1 : 0,
      perThread,
      panelWords,
      axes.length,
      ...batchParams,
    ],
    items: matrices * blocks.rows * blocks.columns,
    // Blocks one by one, for balance, but so many together that a chunk is worth a thread.
    grain: Math.ceil(LEAST_PRODUCTS * blocks.rows * blocks.columns / (m * n * k)),
  }];
}

/** Sums of a launch on a software adapter end well before its loops do; on a GPU, work for all of it. */
const MOST_SLICE = 32_768;
const LEAST_SLICE = 256;
const ENOUGH_GROUPS = 128;

/** What a thread of `shaders/matmul.wgsl` computes. */
const REGISTERS = { rows: 4, columns: 8 };

function tilesOf({ rows, columns }: { rows: number; columns: number }, m: number, n: number) {
  return Math.ceil(m / rows) * Math.ceil(n / columns);
}

interface Product {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly matrices: number;
}

/** Whether rows of both operands and of the result are whole vec4s. */
function wholeVectors({ m, k, n }: Product, { transposeA, transposeB }: MatmulAttrs): boolean {
  return [n, transposeA ? m : k, transposeB ? k : n].every((d) => d % 4 === 0);
}

/**
 * The large tile where there are enough of them; else the small one. Null: none, but registers. A software
 * adapter has no use for workgroup memory, but for the wide shader's vec4s where its tile is filled: on lavapipe
 * 1.34, 1.38 and 1.79 times as fast at 256³, 512³ and 174×768×3072, not so with 64 rows.
 */
function chooseTile(
  product: Product,
  attrs: MatmulAttrs,
  caps: GpuCaps,
  { large, small }: Tiles["matmul"],
): MatmulTile | null {
  const { m, n, matrices } = product;
  if (caps.software) {
    const filled = m >= WIDE.rows && n >= WIDE.columns;
    return filled && wholeVectors(product, attrs) && matmulFits(WIDE, caps) ? WIDE : null;
  }
  return tilesOf(large, m, n) * matrices >= ENOUGH_GROUPS / 2 ? large : small;
}

/** Whether each thread of `matmul_wide` brings whole vec4s of both tiles, as many as it can hold. */
function suitsWide({ rows, columns, depth, side }: MatmulTile): boolean {
  const vectors = depth / 4 / threadsOf(rows * columns, side);
  return side === 8 && [rows, columns].every((n) => [1, 2, 3, 4].includes(n * vectors));
}

/** The shader that makes products in tiles, and its constants. */
function tiledBy(tile: MatmulTile, product: Product, attrs: MatmulAttrs) {
  const { rows, columns, buffers } = tile;
  if (!suitsWide(tile) || !wholeVectors(product, attrs)) {
    return { shader: "matmul_tiled", constants: tileConstants(rows, columns, tile) };
  }
  // The wide shader's tiles have the result's columns for rows.
  const sizes = tileConstants(columns, rows, tile);
  return { shader: "matmul_wide", constants: { ...sizes, BUFFERS: buffers } };
}

/** Launches of `shaders/matmul*.wgsl`: long sums are cut into slices of k and added up. */
export function gpuMatmul(
  call: Call<MatmulAttrs>,
  caps: GpuCaps,
  relu: boolean,
): GpuLaunch[] {
  const { inputs: [a, b, bias], outputs: [out], attrs } = call;
  const plan = planMatmul(a.shape, b.shape, attrs);
  const { m, k, n, batch, axes } = plan;
  const matrices = sizeOf(batch);
  const { software } = caps;
  const half = a.dtype === "f16";
  const batchParams = Array.from({ length: MAX_BATCH_AXES }, (_, i): Param[] => {
    const { size, a, b } = axes[i] ?? { size: 1, a: 0, b: 0 };
    return [size, a, b, 0];
  }).flat();
  if (caps.cooperativeMatrix && half && !relu && suitsCooperative(plan, attrs)) {
    return cooperativeMatmul(plan, {
      ...{ a: a.memory, b: b.memory, bias: bias?.memory, out: out.memory, batchParams, attrs },
      scratch: call.scratch,
    });
  }
  const sizes = { m, k, n, matrices };
  const tile = chooseTile(sizes, attrs, caps, tilesFor(caps, half).matmul);
  const tiles = tilesOf(tile ?? REGISTERS, m, n) * matrices;
  const wanted = software ? 1 : Math.min(Math.ceil(k / LEAST_SLICE), ENOUGH_GROUPS / tiles);
  const slices = Math.ceil(Math.max(1, wanted, k / MOST_SLICE));
  const slice = Math.ceil(k / slices / 16) * 16;
  const epilogue = { BIAS: Number(bias !== undefined), RELU: Number(relu) };
  const partial = slices > 1 ? call.scratch(slices * out.size) : null;
  // A binding must be filled and may not alias the output: without a bias, b stands in unread.
  const biasMemory = (bias ?? b).memory;
  const { shader, constants } = tile
    ? tiledBy(tile, sizes, attrs)
    : { shader: "matmul", constants: {} };
  const product: GpuLaunch = {
    shader,
    constants: {
      HALF: Number(half),
      TRANSPOSE_A: Number(attrs.transposeA),
      TRANSPOSE_B: Number(attrs.transposeB),
      ...(partial ? { BIAS: 0, RELU: 0 } : epilogue),
      ...constants,
    },
    buffers: [a.memory, b.memory, biasMemory, partial ?? out.memory],
    params: [m, k, n, matrices, ...batchParams, slices, slice],
    grid: linearGrid(tiles * slices, tile ? 1 : 16),
  };
  if (!partial) return [product];
  const whole = { partial, out: out.memory, n: out.size, chunks: slices, pitch: out.size };
  return [product, sumChunks({ ...whole, bias: bias?.memory, columns: n, relu }, caps)];
}
