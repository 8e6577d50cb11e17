/**
 * Normalisation of inputs by mean and deviation, fitted on training clips alone: one pair for all of
 * a mel image, one pair a feature for a vector. It travels with the model.
 */
import type { InputKind } from "../models/system.ts";

export interface Normalization {
  /** Length 1, or one value a feature. */
  readonly mean: Float32Array;
  readonly deviation: Float32Array;
}

/** Below this a feature is taken for constant and only centred, as scikit-learn's StandardScaler does. */
const LEAST_DEVIATION = 1e-8;

/** Mean and population deviation over `rows` of `values` `[n, size]`. */
export function fitNormalization(
  kind: InputKind,
  values: Float32Array,
  size: number,
  rows: readonly number[],
): Normalization {
  const width = kind === "vector" ? size : 1;
  const sum = new Float64Array(width);
  const count = rows.length * size / width;
  for (const r of rows) {
    for (let i = 0; i < size; i++) sum[i % width] += values[r * size + i];
  }
  const mean = sum.map((s) => s / count);
  const squares = new Float64Array(width);
  for (const r of rows) {
    for (let i = 0; i < size; i++) {
      squares[i % width] += (values[r * size + i] - mean[i % width]) ** 2;
    }
  }
  const deviation = squares.map((s) => {
    const d = Math.sqrt(s / count);
    return d > LEAST_DEVIATION ? d : 1;
  });
  return { mean: Float32Array.from(mean), deviation: Float32Array.from(deviation) };
}

/** Rows of `values` `[n, size]`, normalised, in a new array. */
export function normalizeRows(
  { mean, deviation }: Normalization,
  values: Float32Array,
  size: number,
  rows: readonly number[],
): Float32Array {
  const out = new Float32Array(rows.length * size);
  const width = mean.length;
  rows.forEach((r, k) => {
    for (let i = 0; i < size; i++) {
      const j = width === 1 ? 0 : i;
      out[k * size + i] = (values[r * size + i] - mean[j]) / deviation[j];
    }
  });
  return out;
}
