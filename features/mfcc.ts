/**
 * Mel-frequency cepstral coefficients, librosa 0.11's: an orthonormal DCT-II over mel decibels.
 */
import { powerToDb } from "./decibels.ts";
import { BANDS, type MelSpectrogram } from "./mel.ts";
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
 * `librosa.feature.mfcc(y=y, sr=22050, n_mfcc=40)`, transposed, from the mel powers it takes first.
 *
 * @returns [frames, COEFFICIENTS]
 */
export async function mfcc(mel: MelSpectrogram, kernels: SpectralKernels): Promise<Float32Array> {
  return await kernels.matmul(powerToDb(mel.values), DCT);
}
