/**
 * The heavy kernels that features stand on, as the engine's CPU device and GPU device both offer them.
 * Most take a signal and see it as overlapping frames, `hop` apart, as many as lie in it whole. Features pad
 * their signal themselves, hand it over, and read the result back; nothing here keeps what it was given,
 * except constant windows and matrices.
 */

/** A constant row-major matrix, made once and multiplied often: a kernel may keep its own copy of it. */
export interface Matrix {
  readonly values: Float32Array<ArrayBuffer>;
  readonly rows: number;
  readonly columns: number;
}

/** Frames as long as the window, a power of two; a kernel may keep its own copy of it. */
export interface Framing {
  readonly window: Float32Array<ArrayBuffer>;
  readonly hop: number;
}

export interface SpectralKernels extends Disposable {
  /** Room for the signal of the next call: not cleared, and good until that call. */
  input(length: number): Float32Array;
  /**
   * Fourier transforms of a signal's frames, each times the window of n, unscaled, bins 0 to n/2 as (re, im)
   * pairs: [T] → [F, n/2+1, 2], F = 1 + ⌊(T − n) / hop⌋.
   */
  rfft(signal: Float32Array, framing: Framing): Promise<Float32Array>;
  /**
   * Signals of spectra, each times the window of n, laid over each other:
   * [F, n/2+1, 2] → [(F − 1)·hop + n].
   */
  overlapSpectra(spectra: Float32Array, framing: Framing): Promise<Float32Array>;
  /** A signal's frames times a matrix: [T] → [F, matrix.columns], F = 1 + ⌊(T − matrix.rows) / hop⌋. */
  matmul(signal: Float32Array, matrix: Matrix, hop?: number): Promise<Float32Array>;
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

/** Room for a call's signal that holds the samples from place `before` on, as far as they fit, and silence. */
export function padded(
  samples: Float32Array,
  { before, length }: { before: number; length: number },
  kernels: SpectralKernels,
): Float32Array {
  const room = kernels.input(length);
  const end = Math.min(length, before + samples.length);
  room.fill(0, 0, before);
  room.set(samples.subarray(0, end - before), before);
  room.fill(0, end);
  return room;
}
