/**
 * Tempo, librosa 0.11's `feature.tempo`: the lag at which onsets repeat best over windows of eight seconds
 * (a tempogram), weighed by how common the tempo is, log-normal about 120 beats a minute.
 */
import { padded, type SpectralKernels } from "./spectral.ts";
import { HOP, SAMPLE_RATE } from "./stft.ts";

/** Lags of the tempogram, in frames: eight seconds. */
export const LAGS = Math.floor((8 * SAMPLE_RATE) / HOP);

const POINTS = 1024; // of the transforms: twice LAGS and more, so that no lag wraps around
const USUAL = 120; // beats a minute, and an octave of standard deviation
const FASTEST = 320;
const BPM_OF_LAG_1 = (60 * SAMPLE_RATE) / HOP;

/** Hann over LAGS frames, then silence. */
const WINDOW = Float32Array.from(
  { length: POINTS },
  (_, i) => i < LAGS ? 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / LAGS) : 0,
);

const ONES = new Float32Array(POINTS).fill(1);

/**
 * `librosa.feature.tempogram(onset_envelope=onsets, win_length=LAGS).mean(axis=-1)`: autocorrelation of the
 * windowed onsets around each frame, each against its own at lag 0, in the mean. Autocorrelations are sums
 * over their power spectra, so the mean is taken there and brought back once.
 *
 * @param onsets [frames], at least one
 * @returns [LAGS], at most 1
 */
export async function meanTempogram(
  onsets: Float32Array,
  kernels: SpectralKernels,
): Promise<Float32Array> {
  const frames = onsets.length;
  const ramped = padByRamps(onsets);
  const energies = new Float64Array(frames);
  for (let f = 0; f < frames; f++) {
    for (let i = 0; i < LAGS; i++) energies[f] += (WINDOW[i] * ramped[f + i]) ** 2;
  }
  const signal = padded(ramped, { before: 0, length: frames - 1 + POINTS }, kernels);
  const spectra = await kernels.rfft(signal, { window: WINDOW, hop: 1 });
  const bins = POINTS / 2 + 1;
  const mean = new Float64Array(bins);
  for (let f = 0, at = 0; f < frames; f++) {
    const scale = energies[f] > 0 ? 1 / (energies[f] * frames) : 0;
    for (let k = 0; k < bins; k++, at += 2) {
      mean[k] += scale * (spectra[at] * spectra[at] + spectra[at + 1] * spectra[at + 1]);
    }
  }
  const spectrum = Float32Array.from({ length: 2 * bins }, (_, i) => i % 2 === 0 ? mean[i / 2] : 0);
  return (await kernels.overlapSpectra(spectrum, { window: ONES, hop: POINTS })).subarray(0, LAGS);
}

/**
 * `librosa.feature.tempo(onset_envelope=onsets, sr=22050)`.
 *
 * @param tempogram [LAGS], as meanTempogram
 * @returns beats a minute; of silence the lag nearest to the usual tempo
 */
export function tempo(tempogram: Float32Array): number {
  let best = 0;
  let bestScore = -Infinity;
  for (let lag = Math.floor(BPM_OF_LAG_1 / FASTEST) + 1; lag < LAGS; lag++) {
    const octaves = Math.log2(BPM_OF_LAG_1 / lag / USUAL);
    const score = Math.log1p(1e6 * Math.max(0, tempogram[lag])) - 0.5 * octaves ** 2;
    if (score > bestScore) [best, bestScore] = [lag, score];
  }
  return BPM_OF_LAG_1 / best;
}

/** [LAGS/2 + frames + LAGS/2]: straight from 0 to the first value, and from the last to 0. */
function padByRamps(onsets: Float32Array): Float32Array {
  const pad = LAGS >> 1;
  const out = new Float32Array(onsets.length + 2 * pad);
  out.set(onsets, pad);
  for (let i = 0; i < pad; i++) {
    out[i] = (onsets[0] * i) / pad;
    out[out.length - 1 - i] = (onsets[onsets.length - 1] * i) / pad;
  }
  return out;
}
