/**
 * Normalisation of inputs, (x − offset) / scale, fitted on training clips alone: one pair for all of
 * a mel image, one pair a feature for a vector. It travels with the model.
 */
import type { InputKind, NormalizationKind } from "../models/system.ts";

export interface Normalization {
  /** Length 1, or one value a feature. */
  readonly offset: Float32Array;
  readonly scale: Float32Array;
}

/** Below this a feature is taken for constant and only moved, as scikit-learn's scalers do. */
const LEAST_SCALE = 1e-8;

/** Inputs that a normalisation is fitted to: `rows` of `values` `[n, size]`. */
interface TrainingInputs {
  readonly values: Float32Array;
  readonly size: number;
  readonly rows: readonly number[];
}

/**
 * `standardize`: offset and scale are mean and population deviation (sklearn StandardScaler);
 * `min-max`: least value and range (sklearn MinMaxScaler to 0…1).
 */
export function fitNormalization(
  { input, normalization }: {
    readonly input: InputKind;
    readonly normalization: NormalizationKind;
  },
  training: TrainingInputs,
): Normalization {
  const width = input === "vector" ? training.size : 1;
  const { offset, scale } = normalization === "standardize"
    ? meanAndDeviation(training, width)
    : leastAndRange(training, width);
  return {
    offset: Float32Array.from(offset),
    scale: Float32Array.from(scale, (s) => s > LEAST_SCALE ? s : 1),
  };
}

function meanAndDeviation(training: TrainingInputs, width: number) {
  const count = training.rows.length * training.size / width;
  const sum = new Float64Array(width);
  visit(training, width, (x, j) => sum[j] += x);
  const mean = sum.map((s) => s / count);
  const squares = new Float64Array(width);
  visit(training, width, (x, j) => squares[j] += (x - mean[j]) ** 2);
  return { offset: mean, scale: squares.map((s) => Math.sqrt(s / count)) };
}

function leastAndRange(training: TrainingInputs, width: number) {
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
  { values, size, rows }: TrainingInputs,
  width: number,
  see: (x: number, j: number) => void,
): void {
  for (const r of rows) {
    for (let i = 0; i < size; i++) see(values[r * size + i], i % width);
  }
}

/** Rows of `values` `[n, size]`, normalised, in a new array. */
export function normalizeRows(
  { offset, scale }: Normalization,
  values: Float32Array,
  size: number,
  rows: readonly number[],
): Float32Array {
  const out = new Float32Array(rows.length * size);
  const width = offset.length;
  rows.forEach((r, k) => {
    for (let i = 0; i < size; i++) {
      const j = width === 1 ? 0 : i;
      out[k * size + i] = (values[r * size + i] - offset[j]) / scale[j];
    }
  });
  return out;
}
