/**
 * Mel-frequency cepstral coefficients, librosa 0.11's: an orthonormal DCT-II over mel decibels.
 */
import { BANDS } from "./mel.ts";
import type { Matrix, SpectralKernels } from "./spectral.ts";

export const COEFFICIENTS = 40;

const DCT: Matrix = {
  rows: BANDS,
  columns: COEFFICIENTS,
  values: Float32Array.from({ length: BANDS * COEFFICIENTS }, (_, i) => {
    const band = Math.floor(i / COEFFICIENTS);
    const k = i % COEFFICIENTS;
    return Math.sqrt((k === 0 ? 1 : 2) / BANDS) *
      Math.cos((Math.PI * k * (2 * band + 1)) / (2 * BANDS));
  }),
};

/**
 * `librosa.feature.mfcc(S=melDb, n_mfcc=40)`, transposed.
 *
 * @param melDb [frames, BANDS] mel powers in dB against 1
 * @returns [frames, COEFFICIENTS]
 */
export async function mfcc(melDb: Float32Array, kernels: SpectralKernels): Promise<Float32Array> {
  return await kernels.matmul(melDb, DCT);
}
