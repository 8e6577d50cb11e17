/**
 * Tile shapes of the shaders that go through workgroup memory: sound ones by default, better ones where
 * `bench --tune` has tried the candidates on an adapter. What a file says is believed only as far as it
 * fits the adapter's limits; a shape decides speed alone, never a result beyond rounding.
 */
import type { Precision } from "./dtype.ts";

/** Of a matrix product: a workgroup makes rows × columns, `depth` of k at a time, a thread side × side. */
export interface MatmulTile {
  /** Rows of the result. */
  readonly rows: number;
  /** Its columns. */
  readonly columns: number;
  /** Terms of the sum held in workgroup memory at a time. */
  readonly depth: number;
  /** A thread makes side × side sums. */
  readonly side: 4 | 8;
  /** Pairs of tiles in workgroup memory: with 2, one is filled while the other is multiplied (`matmul_wide`). */
  readonly buffers: 1 | 2;
}

/** Of a convolution whose tile has a given number of outputs: positions (or taps), and depth. */
export interface ConvTile {
  /** Positions, times or taps. */
  readonly across: number;
  /** Terms of the sum held in workgroup memory at a time. */
  readonly depth: number;
  /** A thread makes side × side sums; 8 where the tile has 64 outputs. */
  readonly side: 4 | 8;
}

/** Outputs of a convolution's tile: as many as there are use for. */
export type TileOutputs = 16 | 32 | 64;

/** Threads that share queries of attention: 4 where heads have 64 channels at most, else 8. */
export type AttentionShare = 4 | 8;

/** Of attention. */
export interface AttentionTile {
  /** Keys held in workgroup memory at a time; in the backward pass rows of the other side. */
  readonly keys: number;
}

/** What the tiled shaders of a device are specialised to. */
export interface Tiles {
  /** Where there are enough of its tiles to fill a GPU, and where there are not. */
  readonly matmul: { readonly large: MatmulTile; readonly small: MatmulTile };
  /** Of convolutions, by the outputs of a tile. */
  readonly conv: Readonly<Record<TileOutputs, ConvTile>>;
  /** Of the gradients of their weights. */
  readonly convWeight: Readonly<Record<TileOutputs, ConvTile>>;
  /** Of convolutions over time: `across` is times. */
  readonly conv1d: Readonly<Record<TileOutputs, ConvTile>>;
  /** Of the gradients of their weights. */
  readonly conv1dWeight: Readonly<Record<TileOutputs, ConvTile>>;
  /** Of attention, by the threads that share queries. */
  readonly attention: Readonly<Record<AttentionShare, AttentionTile>>;
  /** Of its backward pass, by the threads that share rows. */
  readonly attentionGrad: Readonly<Record<AttentionShare, AttentionTile>>;
}

/** By what operands are kept in: halves are half the bytes to bring, so that another shape may be best. */
export type TilesByPrecision = Readonly<Record<Precision, Tiles>>;

/** What has a tile for each number of outputs. */
export type ConvKind = "conv" | "convWeight" | "conv1d" | "conv1dWeight";

/** What bounds a tile. */
export interface TileLimits {
  /** Threads of a workgroup. */
  readonly maxInvocations: number;
  /** Bytes of workgroup memory. */
  readonly maxWorkgroupStorage: number;
}

/** A product's tile that asks nothing of its shape, and fits everywhere. */
export const ANY_SHAPE: MatmulTile = { rows: 64, columns: 64, depth: 16, side: 4, buffers: 1 };

/** A large product's, where registers are enough for 8×8 sums a thread. */
export const WIDE: MatmulTile = { rows: 128, columns: 128, depth: 8, side: 8, buffers: 1 };

/** 4096 sums, and what depth fits 16 KiB with them. */
const CONV: Readonly<Record<TileOutputs, ConvTile>> = {
  16: { across: 256, depth: 8, side: 4 },
  32: { across: 128, depth: 16, side: 4 },
  64: { across: 64, depth: 16, side: 4 },
};

/** Within what WebGPU promises everywhere: 256 threads and 16 KiB. */
const EVERYWHERE: Tiles = {
  matmul: { large: ANY_SHAPE, small: ANY_SHAPE },
  conv: CONV,
  convWeight: CONV,
  conv1d: CONV,
  conv1dWeight: CONV,
  attention: { 4: { keys: 8 }, 8: { keys: 8 } },
  attentionGrad: { 4: { keys: 8 }, 8: { keys: 8 } },
};

/** Vendors of cards with registers enough for `WIDE`. */
const WIDE_VENDORS: readonly string[] = ["NVIDIA", "AMD", "nvidia", "amd"];

/** Shapes for an adapter nobody has tuned. */
export function defaultTiles(vendor: string, limits: TileLimits): Tiles {
  if (!WIDE_VENDORS.includes(vendor) || !matmulFits(WIDE, limits)) return EVERYWHERE;
  return { ...EVERYWHERE, matmul: { large: WIDE, small: ANY_SHAPE } };
}

/** The same shapes for every precision. */
export function bothPrecisions(tiles: Tiles): TilesByPrecision {
  return { f32: tiles, f16: tiles };
}

/** The shapes for f16 operands, or for f32 ones. */
export function tilesFor({ tiles }: { readonly tiles: TilesByPrecision }, half: boolean): Tiles {
  return tiles[half ? "f16" : "f32"];
}

/** Outputs of a convolution's tile: as many as there are use for. */
export function tileOutputs(outputs: number): TileOutputs {
  return outputs <= 16 ? 16 : outputs <= 32 ? 32 : 64;
}

/** Fewer across leave the threads of a subgroup without work. */
const NARROW = 32;

/**
 * The tile of so many outputs, but halved as often as it would be more than half empty with `wanted` positions or
 * taps, and as a thread is left for each term of the sum that it holds.
 */
export function narrowed(tile: ConvTile, outputs: TileOutputs, wanted: number): ConvTile {
  const { depth, side } = tile;
  let { across } = tile;
  const least = Math.max(NARROW, depth * side ** 2 / outputs);
  while (across > least && across >= 2 * wanted) across /= 2;
  return { ...tile, across };
}

/** Threads of a workgroup that makes `sums` sums, `side`² a thread. */
export function threadsOf(sums: number, side: number): number {
  return sums / side ** 2;
}

/** Constants of `shaders/common/tile_product.wgsl` for a tile of so many rows and columns. */
export function tileConstants(
  rows: number,
  columns: number,
  { depth, side }: Pick<ConvTile, "depth" | "side">,
): Record<string, number> {
  const threads = threadsOf(rows * columns, side);
  return { ROWS: rows, COLUMNS: columns, DEPTH: depth, SIDE: side, THREADS: threads };
}

/** Whether an adapter can run the tile, and the shader knows what to do with it. */
export function matmulFits(tile: MatmulTile, limits: TileLimits): boolean {
  const { rows, columns, depth, side, buffers } = tile;
  return (side === 4 ? buffers === 1 : side === 8 && (buffers === 1 || buffers === 2)) &&
    [rows, columns, depth].every(isPowerOfTwo) && rows >= 4 * side && columns >= 4 * side &&
    depth >= 4 && fits(rows * columns, side, tileWords(tile), limits);
}

/** The same of a convolution's, beside whose tiles lie vec4s about each term of the sum, and each column or row. */
export function convFits(tile: ConvTile, outputs: TileOutputs, limits: TileLimits): boolean {
  const { across, depth, side } = tile;
  const tiles = tileWords({ rows: outputs, columns: across, depth, buffers: 1 });
  const words = tiles + 4 * (2 * depth + across);
  return (side === 4 || side === 8 && outputs === 64) &&
    [across, depth].every(isPowerOfTwo) && across >= 4 * side && depth >= 4 &&
    threadsOf(outputs * across, side) >= depth && fits(outputs * across, side, words, limits);
}

/** The same of attention's: keys and values [keys, 16 · share], and a cell a key of every thread's queries. */
export function attentionFits(
  { keys }: AttentionTile,
  share: AttentionShare,
  { maxWorkgroupStorage }: TileLimits,
): boolean {
  const cells = 64 / share * ((keys - 1) * share + 8);
  return isPowerOfTwo(keys) && keys >= share &&
    16 * (2 * keys * 4 * share + cells) <= maxWorkgroupStorage;
}

/** Words that both operands' tiles take: of five vec4s the fifth is empty (`shaders/common/tile_product.wgsl`). */
function tileWords({ rows, columns, depth, buffers }: Omit<MatmulTile, "side">): number {
  return 5 / 4 * buffers * depth * (rows + columns);
}

function fits(sums: number, side: number, words: number, limits: TileLimits): boolean {
  const threads = threadsOf(sums, side);
  return threads >= 16 && threads <= limits.maxInvocations &&
    4 * words <= limits.maxWorkgroupStorage;
}

function isPowerOfTwo(n: unknown): boolean {
  return typeof n === "number" && Number.isInteger(n) && n > 0 && (n & (n - 1)) === 0;
}

/** What a file gives of `Tiles`: anything, for anyone may have written it. */
type Found = Partial<Record<keyof Tiles, Record<string, unknown>>>;

/**
 * The tiles a tuner's file gives, those that do not fit replaced by `fallback`'s; null: no such file. What it
 * lacks of `halves` (all, before these were tuned) they share with f32's.
 */
export function parseTiles(
  text: string,
  fallback: Tiles,
  limits: TileLimits,
): TilesByPrecision | null {
  let file: { tiles?: unknown; halves?: unknown } | null;
  try {
    file = JSON.parse(text);
  } catch {
    return null;
  }
  if (!givesTiles(file?.tiles)) return null;
  const f32 = fitting(file.tiles, fallback, limits);
  return { f32, f16: givesTiles(file.halves) ? fitting(file.halves, f32, limits) : f32 };
}

function givesTiles(value: unknown): value is Found {
  return typeof value === "object" && value !== null;
}

/** What is given and fits, and of all else `fallback`'s. */
function fitting(found: Found, fallback: Tiles, limits: TileLimits): Tiles {
  const matmul = (size: "large" | "small"): MatmulTile => {
    // Files from before there was a choice say nothing of buffers, or of a convolution's side.
    const tile = { buffers: 1, ...found.matmul?.[size] as object } as MatmulTile;
    return matmulFits(tile, limits) ? tile : fallback.matmul[size];
  };
  const conv = (kind: ConvKind) => {
    const pick = (outputs: TileOutputs): ConvTile => {
      const tile = { side: 4, ...found[kind]?.[outputs] as object } as ConvTile;
      return convFits(tile, outputs, limits) ? tile : fallback[kind][outputs];
    };
    return { 16: pick(16), 32: pick(32), 64: pick(64) };
  };
  const attention = (kind: "attention" | "attentionGrad") => {
    const pick = (share: AttentionShare): AttentionTile => {
      const tile = found[kind]?.[share] as AttentionTile | undefined;
      return tile && attentionFits(tile, share, limits) ? tile : fallback[kind][share];
    };
    return { 4: pick(4), 8: pick(8) };
  };
  return {
    matmul: { large: matmul("large"), small: matmul("small") },
    conv: conv("conv"),
    convWeight: conv("convWeight"),
    conv1d: conv("conv1d"),
    conv1dWeight: conv("conv1dWeight"),
    attention: attention("attention"),
    attentionGrad: attention("attentionGrad"),
  };
}
