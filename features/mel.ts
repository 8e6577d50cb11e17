/**
 * Mel power spectrograms, librosa 0.11's: 128 Slaney bands of equal area from 0 to 11,025 Hz.
 * A bin lies between two neighbouring edges, so it feeds two bands at most: the bank is kept as one run of
 * bins per gap between edges, and is applied as powers are formed.
 */
import type { SpectralKernels } from "./spectral.ts";
import { BINS, FRAME, SAMPLE_RATE, stft } from "./stft.ts";

export const BANDS = 128;

/** Frames by bands, frame-major: [frames, BANDS]. */
export interface MelSpectrogram {
  frames: number;
  values: Float32Array;
}

interface Bank {
  /** [BANDS + 2] first bin of each gap; gap g lies between edges g and g + 1 */
  gaps: Int32Array;
  /** [BINS] share of the band that rises over the bin's gap, band g; the rest falls to band g − 1 */
  shares: Float32Array;
  /** [BANDS] what makes the bands' areas equal */
  areas: Float64Array;
}

// Slaney's scale: linear below 1 kHz, logarithmic above.
const HZ_PER_MEL = 200 / 3;
const LOG_STEP = Math.log(6.4) / 27;

const BANK = slaneyBank();

/**
 * `librosa.feature.melspectrogram(y=y, sr=22050)`, transposed.
 *
 * @param samples [n] at SAMPLE_RATE
 */
export async function melSpectrogram(
  samples: Float32Array,
  kernels: SpectralKernels,
): Promise<MelSpectrogram> {
  return melOfSpectrum(await stft(samples, kernels));
}

/**
 * `librosa.feature.melspectrogram(S=abs(spectrum)**2, sr=22050)`, transposed.
 *
 * @param spectrum [frames, BINS, 2]
 */
export function melOfSpectrum(spectrum: Float32Array): MelSpectrogram {
  const frames = spectrum.length / (2 * BINS);
  const values = new Float32Array(frames * BANDS);
  for (let f = 0; f < frames; f++) addFrame(spectrum, f * BINS * 2, values, f * BANDS);
  return { frames, values };
}

function addFrame(spectrum: Float32Array, from: number, mel: Float32Array, to: number): void {
  const { gaps, shares, areas } = BANK;
  let carried = 0; // what the gap before gave to its rising band, which falls over this one
  for (let g = 0, bin = 0, at = from; g <= BANDS; g++) {
    let all = 0;
    let up = 0;
    for (const end = gaps[g + 1]; bin < end; bin++, at += 2) {
      const re = spectrum[at];
      const im = spectrum[at + 1];
      const power = re * re + im * im;
      all += power;
      up += shares[bin] * power;
    }
    if (g > 0) mel[to + g - 1] = (carried + all - up) * areas[g - 1];
    carried = up;
  }
}

/** `librosa.filters.mel(sr=22050, n_fft=2048)`: htk=False, norm="slaney". */
function slaneyBank(): Bank {
  const top = hzToMel(SAMPLE_RATE / 2);
  const edges = Float64Array.from(
    { length: BANDS + 2 },
    (_, i) => melToHz((top * i) / (BANDS + 1)),
  );
  const areas = new Float64Array(BANDS);
  for (let band = 0; band < BANDS; band++) areas[band] = 2 / (edges[band + 2] - edges[band]);
  const gaps = new Int32Array(BANDS + 2).fill(BINS);
  const shares = new Float32Array(BINS);
  gaps[0] = 0;
  for (let bin = 0, g = 0; bin < BINS; bin++) {
    const hz = (bin * SAMPLE_RATE) / FRAME;
    while (g < BANDS && hz >= edges[g + 1]) gaps[++g] = bin;
    shares[bin] = Math.min(1, (hz - edges[g]) / (edges[g + 1] - edges[g]));
  }
  return { gaps, shares, areas };
}

/** `librosa.hz_to_mel`, Slaney's scale. */
export function hzToMel(hz: number): number {
  return hz < 1000 ? hz / HZ_PER_MEL : 1000 / HZ_PER_MEL + Math.log(hz / 1000) / LOG_STEP;
}

/** `librosa.mel_to_hz`, Slaney's scale. */
export function melToHz(mel: number): number {
  const corner = 1000 / HZ_PER_MEL;
  return mel < corner ? mel * HZ_PER_MEL : 1000 * Math.exp((mel - corner) * LOG_STEP);
}
