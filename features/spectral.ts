/**
 * The heavy kernels that features stand on, as the engine's CPU device and GPU device both offer them.
 * Features build their rows in plain arrays, hand them over whole (all frames of a clip at once) and read
 * the result back; nothing here keeps what it was given, except constant matrices.
 */

/** A constant row-major matrix, made once and multiplied often: a kernel may keep its own copy of it. */
export interface Matrix {
  readonly values: Float32Array<ArrayBuffer>;
  readonly rows: number;
  readonly columns: number;
}

export interface SpectralKernels extends Disposable {
  /** Room for the rows of the next call: not cleared, and good until that call. */
  input(length: number): Float32Array;
  /**
   * Fourier transforms of real rows, each times the window, unscaled, bins 0 to n/2 as (re, im) pairs:
   * [B, n] → [B, n/2+1, 2].
   *
   * @param window [n], a power of two; a kernel may keep its own copy of it
   */
  rfft(rows: Float32Array, window: Float32Array<ArrayBuffer>): Promise<Float32Array>;
  /** What rfft undoes, for a window of ones and n a power of two: [B, n/2+1, 2] → [B, n]. */
  irfft(rows: Float32Array, n: number): Promise<Float32Array>;
  /** [B, matrix.rows] · matrix → [B, matrix.columns] */
  matmul(rows: Float32Array, matrix: Matrix): Promise<Float32Array>;
  /**
   * Median of `width` neighbours down the columns (axis 0) or along the rows (axis 1), mirrored beyond the
   * ends: [B, columns] → [B, columns].
   *
   * @param options.width 3, 7, 15, 31 or 63
   */
  median(
    rows: Float32Array,
    options: { columns: number; width: number; axis: 0 | 1 },
  ): Promise<Float32Array>;
}
