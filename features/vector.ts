/**
 * A clip as one vector for the MLP (paper, section 3.1: MFCCs, mel spectrogram statistics, RMS energy, zero
 * crossing rate): means and standard deviations over time, and statistics of all mel decibels.
 */
import { powerToDb } from "./decibels.ts";
import { rms, zeroCrossingRate } from "./level.ts";
import { melSpectrogram } from "./mel.ts";
import { COEFFICIENTS, mfcc } from "./mfcc.ts";
import type { SpectralKernels } from "./spectral.ts";

const numbers = Array.from({ length: COEFFICIENTS }, (_, i) => String(i + 1).padStart(2, "0"));

/** What each place of the vector holds. */
export const VECTOR_NAMES: readonly string[] = [
  ...numbers.map((n) => `mfcc_${n}_mean`),
  ...numbers.map((n) => `mfcc_${n}_std`),
  ...["mean", "std", "min", "max"].map((name) => `mel_db_${name}`),
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
  const coefficients = numbers.map((_, k) => statistics(cepstra, COEFFICIENTS, k));
  const db = powerToDb(mel.values);
  const overall = statistics(db);
  const level = statistics(rms(samples));
  const crossings = statistics(zeroCrossingRate(samples));
  return Float32Array.from([
    ...coefficients.map(({ mean }) => mean),
    ...coefficients.map(({ std }) => std),
    overall.mean,
    overall.std,
    overall.min,
    overall.max,
    level.mean,
    level.std,
    crossings.mean,
    crossings.std,
  ]);
}

interface Statistics {
  mean: number;
  /** of the population */
  std: number;
  min: number;
  max: number;
}

/** Of every `columns`th value from `first` on, in two passes. */
function statistics(values: Float32Array, columns = 1, first = 0): Statistics {
  let sum = 0;
  let count = 0;
  let min = Infinity;
  let max = -Infinity;
  for (let i = first; i < values.length; i += columns) {
    const x = values[i];
    sum += x;
    count++;
    if (x < min) min = x;
    if (x > max) max = x;
  }
  const mean = sum / count;
  let squares = 0;
  for (let i = first; i < values.length; i += columns) {
    const off = values[i] - mean;
    squares += off * off;
  }
  return { mean, std: Math.sqrt(squares / count), min, max };
}
