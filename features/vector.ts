/**
 * A clip as one vector for the MLP (paper, section 3.1: MFCCs, mel spectrogram statistics, RMS energy, zero
 * crossing rate): means and standard deviations over time, and statistics of all mel decibels.
 */
import { rms, zeroCrossingRate } from "./level.ts";
import { melSpectrogram, powerToDb } from "./mel.ts";
import { COEFFICIENTS, mfcc } from "./mfcc.ts";
import type { SpectralKernels } from "./spectral.ts";

const numbers = Array.from({ length: COEFFICIENTS }, (_, i) => String(i + 1).padStart(2, "0"));

/** What each place of the vector holds. */
export const VECTOR_NAMES: readonly string[] = [
  ...numbers.map((n) => `mfcc_${n}_mean`),
  ...numbers.map((n) => `mfcc_${n}_std`),
  ...["mean", "std", "min", "max", "median"].map((name) => `mel_db_${name}`),
  "rms_mean",
  "rms_std",
  "zcr_mean",
  "zcr_std",
];

/**
 * @param samples [n] at SAMPLE_RATE
 * @returns [VECTOR_NAMES.length]
 */
export async function featureVector(
  samples: Float32Array,
  kernels: SpectralKernels,
): Promise<Float32Array<ArrayBuffer>> {
  const mel = await melSpectrogram(samples, kernels);
  const cepstra = await mfcc(mel, kernels);
  const perCoefficient = Array.from(
    { length: COEFFICIENTS },
    (_, k) =>
      moments(Float32Array.from({ length: mel.frames }, (_, f) => cepstra[f * COEFFICIENTS + k])),
  );
  const db = powerToDb(mel.values);
  const sorted = db.toSorted();
  const half = sorted.length / 2; // frames times 128 bands: always even
  const level = moments(rms(samples));
  const crossings = moments(zeroCrossingRate(samples));
  const overall = moments(db);
  return Float32Array.from([
    ...perCoefficient.map(({ mean }) => mean),
    ...perCoefficient.map(({ std }) => std),
    overall.mean,
    overall.std,
    sorted[0],
    sorted[sorted.length - 1],
    (sorted[half - 1] + sorted[half]) / 2,
    level.mean,
    level.std,
    crossings.mean,
    crossings.std,
  ]);
}

/** Mean and population standard deviation, in two passes. */
function moments(values: ArrayLike<number>): { mean: number; std: number } {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  const mean = sum / values.length;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i] - mean) ** 2;
  return { mean, std: Math.sqrt(squares / values.length) };
}
