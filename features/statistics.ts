/** What is left of a frame series when a clip becomes one row of numbers. */

export interface Statistics {
  mean: number;
  /** of the population */
  std: number;
  min: number;
  max: number;
}

/**
 * Statistics of one column of a series, in two passes.
 *
 * @param series [frames, columns]
 */
export function statistics(series: Float32Array, columns = 1, column = 0): Statistics {
  let sum = 0;
  let count = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = column; i < series.length; i += columns) {
    const x = series[i];
    sum += x;
    count++;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = column; i < series.length; i += columns) {
    const off = series[i] - mean;
    squares += off * off;
  }
  return { mean, std: Math.sqrt(squares / count), min, max };
}

/** Statistics of every column: [frames, columns] → one each. */
export function columnStatistics(series: Float32Array, columns: number): Statistics[] {
  return Array.from({ length: columns }, (_, c) => statistics(series, columns, c));
}
