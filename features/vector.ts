/**
 * A clip as one row of 121 numbers for the forest and the MLP: the paper's list (section 3.1), every series
 * by its statistics over time.
 * The paper names the features, not what of them it kept: levels and shapes of a spectrum by mean and
 * deviation, series of classes or bands (chroma, contrast, tonnetz) by their means, mel decibels by four
 * numbers over time and bands together. MFCCs: 40 + 40, chroma 12, contrast 7, tonnetz 6, mel 4, centroid,
 * roll-off, bandwidth, RMS and zero crossings 2 each, tempo and SNR.
 */
import { spectralBandwidth } from "./bandwidth.ts";
import { spectralCentroid } from "./centroid.ts";
import { chromaCqt, chromaStft, CLASSES } from "./chroma.ts";
import { CONTRAST_BANDS, spectralContrast } from "./contrast.ts";
import { constantQ, PER_OCTAVE } from "./cqt.ts";
import { powerToDb } from "./decibels.ts";
import type { FilterStore } from "./filter_store.ts";
import { harmonicSpectrum } from "./hpss.ts";
import { rms, zeroCrossingRate } from "./level.ts";
import { melOfSpectrum } from "./mel.ts";
import { COEFFICIENTS, mfcc } from "./mfcc.ts";
import { onsetStrength } from "./onset.ts";
import { spectralRolloff } from "./rolloff.ts";
import { signalToNoise } from "./snr.ts";
import type { SpectralKernels } from "./spectral.ts";
import { columnStatistics, statistics } from "./statistics.ts";
import { istft, magnitudes, powers, stft } from "./stft.ts";
import { meanTempogram, tempo } from "./tempo.ts";
import { TONNETZ, tonnetz } from "./tonnetz.ts";
import { estimateTuning } from "./tuning.ts";

/** `name_01_statistic`, … one for each column. */
function numbered(name: string, columns: number, statistic: string): string[] {
  return Array.from(
    { length: columns },
    (_, i) => `${name}_${String(i + 1).padStart(2, "0")}_${statistic}`,
  );
}

/** What each place of the vector holds; decibels, Hz and beats a minute where librosa has them. */
export const VECTOR_NAMES: readonly string[] = [
  ...numbered("mfcc", COEFFICIENTS, "mean"),
  ...numbered("mfcc", COEFFICIENTS, "std"),
  ...numbered("chroma", CLASSES, "mean"),
  ...numbered("contrast", CONTRAST_BANDS, "mean"),
  ...numbered("tonnetz", TONNETZ, "mean"),
  ...["mean", "std", "min", "max"].map((name) => `mel_db_${name}`),
  ...["centroid", "rolloff", "bandwidth", "rms", "zcr"].flatMap((n) => [`${n}_mean`, `${n}_std`]),
  "tempo",
  "snr",
];

/**
 * @param samples [n] at SAMPLE_RATE
 * @returns [VECTOR_NAMES.length]
 */
export async function featureVector(
  samples: Float32Array<ArrayBuffer>,
  kernels: SpectralKernels,
  filters: FilterStore,
): Promise<Float32Array<ArrayBuffer>> {
  const spectrum = await stft(samples, kernels);
  const size = magnitudes(spectrum);
  const db = powerToDb(melOfSpectrum(spectrum).values);
  const cepstra = columnStatistics(await mfcc(db, kernels), COEFFICIENTS);
  const tones = await harmonicSpectrum(spectrum, kernels, size);
  const harmonic = await istft(tones, samples.length, kernels);
  const means = [
    ...columnStatistics(await chromaOf(size, kernels, filters), CLASSES),
    ...columnStatistics(spectralContrast(size), CONTRAST_BANDS),
    ...columnStatistics(await tonnetzOf(harmonic, kernels, filters), TONNETZ),
  ];
  const centroid = spectralCentroid(size);
  const levels = rms(samples);
  const series = [
    centroid,
    spectralRolloff(size),
    spectralBandwidth(size, centroid),
    levels,
    zeroCrossingRate(samples),
  ].map((values) => statistics(values));
  const mel = statistics(db);
  return Float32Array.from([
    ...cepstra.map(({ mean }) => mean),
    ...cepstra.map(({ std }) => std),
    ...means.map(({ mean }) => mean),
    ...[mel.mean, mel.std, mel.min, mel.max],
    ...series.flatMap(({ mean, std }) => [mean, std]),
    tempo(await meanTempogram(onsetStrength(db), kernels)),
    signalToNoise(levels),
  ]);
}

/** `librosa.feature.chroma_stft(y=y)`: at the tuning of its own powers. */
async function chromaOf(
  size: Float32Array,
  kernels: SpectralKernels,
  filters: FilterStore,
): Promise<Float32Array> {
  const power = powers(size);
  return await chromaStft(power, filters.chroma(estimateTuning(power, CLASSES)), kernels);
}

/** `librosa.feature.tonnetz(y=y)` of a harmonic part, its constant-Q transform at its own tuning. */
async function tonnetzOf(
  harmonic: Float32Array<ArrayBuffer>,
  kernels: SpectralKernels,
  filters: FilterStore,
): Promise<Float32Array> {
  const size = magnitudes(await stft(harmonic, kernels));
  const bank = await filters.constantQ(estimateTuning(size, PER_OCTAVE), kernels);
  const pitches = await constantQ(harmonic, { bank, halve: filters.resampler(2, 1) }, kernels);
  return tonnetz(chromaCqt(pitches));
}
