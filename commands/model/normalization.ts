/**
 * Normalisation of inputs, (x − offset) / scale, fitted on training clips alone: one pair for all of
 * a mel image, one pair a feature for a vector. It travels with the model.
 */
import type { InputKind, NormalizationKind } from "../../models/system.ts";

export interface Normalization {
  /** Length 1, or one value a feature. */
  readonly offset: Float32Array;
  readonly scale: Float32Array;
}

/** Below this a feature is taken for constant and only moved, as scikit-learn's scalers do. */
const LEAST_SCALE = 1e-8;

/**
 * `standardize`: offset and scale are mean and population deviation (sklearn StandardScaler);
 * `min-max`: least value and range (sklearn MinMaxScaler to 0…1); `none` changes nothing.
 *
 * @param training one array a training clip, of one length where there is a pair a feature
 */
export function fitNormalization(
  { input, normalization }: {
    readonly input: InputKind;
    readonly normalization: NormalizationKind;
  },
  training: readonly Float32Array[],
): Normalization {
  if (normalization === "none") return { offset: Float32Array.of(0), scale: Float32Array.of(1) };
  const width = input === "vector" ? training[0].length : 1;
  const { offset, scale } = normalization === "standardize"
    ? meanAndDeviation(training, width)
    : leastAndRange(training, width);
  return {
    offset: Float32Array.from(offset),
    scale: Float32Array.from(scale, (s) => s > LEAST_SCALE ? s : 1),
  };
}

function meanAndDeviation(training: readonly Float32Array[], width: number) {
  const count = training.reduce((n, row) => n + row.length, 0) / width;
  const sum = new Float64Array(width);
  visit(training, width, (x, j) => sum[j] += x);
  const mean = sum.map((s) => s / count);
  const squares = new Float64Array(width);
  visit(training, width, (x, j) => squares[j] += (x - mean[j]) ** 2);
  return { offset: mean, scale: squares.map((s) => Math.sqrt(s / count)) };
}

function leastAndRange(training: readonly Float32Array[], width: number) {
  const least = new Float64Array(width).fill(Infinity);
  const largest = new Float64Array(width).fill(-Infinity);
  visit(training, width, (x, j) => {
    if (x < least[j]) least[j] = x;
    if (x > largest[j]) largest[j] = x;
  });
  return { offset: least, scale: largest.map((x, j) => x - least[j]) };
}

/** Every value with its place among `width`. */
function visit(
  rows: readonly Float32Array[],
  width: number,
  see: (x: number, j: number) => void,
): void {
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) see(row[i], i % width);
  }
}

/** Rows, normalised, in new arrays. */
export function normalizeRows(
  { offset, scale }: Normalization,
  rows: readonly Float32Array[],
): Float32Array[] {
  const width = offset.length;
  return rows.map((row) => {
    const out = new Float32Array(row.length);
    for (let i = 0; i < row.length; i++) {
      const j = width === 1 ? 0 : i;
      out[i] = (row[i] - offset[j]) / scale[j];
    }
    return out;
  });
}
