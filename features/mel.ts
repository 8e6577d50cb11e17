/**
 * Mel power spectrograms and decibels, librosa 0.11's: 128 Slaney bands of equal area from 0 to 11,025 Hz.
 * A bin lies between two neighbouring edges, so it feeds two bands at most: the bank is kept as one run of
 * bins per gap between edges, with a rising and a falling weight, and is applied as powers are formed.
 */
import type { SpectralKernels } from "./spectral.ts";
import { BINS, FRAME, frameCount, SAMPLE_RATE, stft } from "./stft.ts";

export const BANDS = 128;

/** Frames by bands, frame-major: [frames, BANDS]. */
export interface MelSpectrogram {
  frames: number;
  values: Float32Array;
}

interface Bank {
  /** [BANDS + 2] first bin of each gap; gap g lies between edges g and g + 1 */
  gaps: Int32Array;
  /** [BINS] weight towards the band that rises over the bin's gap: band g */
  rising: Float32Array;
  /** [BINS] weight towards the band that falls over it: band g − 1 */
  falling: Float32Array;
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
  const spectrum = await stft(samples, kernels);
  const frames = frameCount(samples.length);
  const values = new Float32Array(frames * BANDS);
  for (let f = 0; f < frames; f++) addFrame(spectrum, f * BINS * 2, values, f * BANDS);
  return { frames, values };
}

function addFrame(spectrum: Float32Array, from: number, mel: Float32Array, to: number): void {
  const { gaps, rising, falling } = BANK;
  let carried = 0; // what the gap before gave to its rising band, which falls over this one
  for (let g = 0; g <= BANDS; g++) {
    let up = 0;
    let down = 0;
    for (let bin = gaps[g], at = from + 2 * bin; bin < gaps[g + 1]; bin++, at += 2) {
      const power = spectrum[at] * spectrum[at] + spectrum[at + 1] * spectrum[at + 1];
      up += rising[bin] * power;
      down += falling[bin] * power;
    }
    if (g > 0) mel[to + g - 1] = carried + down;
    carried = up;
  }
}

/**
 * `librosa.power_to_db(S, ref=ref, amin=1e-10, top_db=80)`.
 *
 * @param ref "max" for the largest power of all (`ref=np.max`), else a power
 */
export function powerToDb(
  power: Float32Array,
  { ref = 1, topDb = 80 }: { ref?: number | "max"; topDb?: number } = {},
): Float32Array<ArrayBuffer> {
  const AMIN = 1e-10;
  let max = 0;
  for (let i = 0; i < power.length; i++) if (power[i] > max) max = power[i];
  const against = 10 * Math.log10(Math.max(AMIN, ref === "max" ? max : ref));
  const floor = 10 * Math.log10(Math.max(AMIN, max)) - against - topDb;
  const silent = Math.max(AMIN, max * 10 ** (-topDb / 10) * 0.999); // spares the logarithm
  const db = new Float32Array(power.length);
  for (let i = 0; i < power.length; i++) {
    const p = power[i];
    const level = p > silent ? 10 * Math.log10(p) - against : floor;
    db[i] = level > floor ? level : floor;
  }
  return db;
}

/** `librosa.filters.mel(sr=22050, n_fft=2048)`: htk=False, norm="slaney". */
function slaneyBank(): Bank {
  const top = hzToMel(SAMPLE_RATE / 2);
  const edges = Float64Array.from(
    { length: BANDS + 2 },
    (_, i) => melToHz((top * i) / (BANDS + 1)),
  );
  const area = (band: number) => 2 / (edges[band + 2] - edges[band]);
  const gaps = new Int32Array(BANDS + 2).fill(BINS);
  const rising = new Float32Array(BINS);
  const falling = new Float32Array(BINS);
  gaps[0] = 0;
  for (let bin = 0, g = 0; bin < BINS; bin++) {
    const hz = (bin * SAMPLE_RATE) / FRAME;
    while (g < BANDS && hz >= edges[g + 1]) gaps[++g] = bin;
    const share = Math.min(1, (hz - edges[g]) / (edges[g + 1] - edges[g]));
    if (g < BANDS) rising[bin] = share * area(g);
    if (g > 0) falling[bin] = (1 - share) * area(g - 1);
  }
  return { gaps, rising, falling };
}

function hzToMel(hz: number): number {
  return hz < 1000 ? hz / HZ_PER_MEL : 1000 / HZ_PER_MEL + Math.log(hz / 1000) / LOG_STEP;
}

function melToHz(mel: number): number {
  const corner = 1000 / HZ_PER_MEL;
  return mel < corner ? mel * HZ_PER_MEL : 1000 * Math.exp((mel - corner) * LOG_STEP);
}
