/**
 * Spectral contrast, librosa 0.11's (Jiang and others 2002): in each of seven octave-wide bands, how far the
 * strongest bins stand above the weakest.
 */
import { powerToDb } from "./decibels.ts";
import { BINS, FRAME, SAMPLE_RATE } from "./stft.ts";

/** Bands of `spectralContrast`: up to 200 Hz, 400, 800, … 6,400, and above. */
export const CONTRAST_BANDS = 7;

const LOWEST_EDGE = 200; // Hz: fmin
const QUANTILE = 0.02;

/** A band's bins `first` to `end` − 1, of which the `few` weakest and strongest count. */
interface Band {
  first: number;
  end: number;
  few: number;
}

const BANDS = Array.from({ length: CONTRAST_BANDS }, (_, band) => octave(band));

/**
 * `librosa.feature.spectral_contrast(S=magnitudes, sr=22050)`, transposed.
 *
 * @param magnitudes [frames, BINS]
 * @returns [frames, CONTRAST_BANDS] in dB
 */
export function spectralContrast(magnitudes: Float32Array): Float32Array {
  const frames = magnitudes.length / BINS;
  const peaks = new Float32Array(frames * CONTRAST_BANDS);
  const valleys = new Float32Array(frames * CONTRAST_BANDS);
  const most = Math.max(...BANDS.map(({ few }) => few));
  const [weakest, strongest] = [new Float64Array(most), new Float64Array(most)];
  for (let f = 0, to = 0; f < frames; f++) {
    for (const { first, end, few } of BANDS) {
      weakest.fill(Infinity);
      strongest.fill(Infinity);
      for (let i = f * BINS + first; i < f * BINS + end; i++) {
        const x = magnitudes[i];
        if (x < weakest[few - 1]) insert(x, weakest, few);
        if (-x < strongest[few - 1]) insert(-x, strongest, few);
      }
      valleys[to] = mean(weakest, few);
      peaks[to++] = -mean(strongest, few);
    }
  }
  const high = powerToDb(peaks);
  const low = powerToDb(valleys);
  for (let i = 0; i < high.length; i++) high[i] -= low[i];
  return high;
}

/** Puts x among the first `few` of `kept`, which rise, and drops their last. */
function insert(x: number, kept: Float64Array, few: number): void {
  let at = few - 1;
  for (; at > 0 && kept[at - 1] > x; at--) kept[at] = kept[at - 1];
  kept[at] = x;
}

function mean(values: Float64Array, few: number): number {
  let sum = 0;
  for (let i = 0; i < few; i++) sum += values[i];
  return sum / few;
}

/** librosa's bands overlap by a bin at their lower ends and lose one at the upper, after it was counted. */
function octave(band: number): Band {
  const binAbove = (hz: number) => Math.ceil((hz * FRAME) / SAMPLE_RATE);
  const first = band === 0 ? 0 : binAbove(LOWEST_EDGE * 2 ** (band - 1)) - 1;
  const last = band === CONTRAST_BANDS - 1;
  const end = last ? BINS : binAbove(LOWEST_EDGE * 2 ** band);
  return {
    first,
    end: last ? end : end - 1,
    few: Math.max(1, roundHalfToEven(QUANTILE * (end - first))),
  };
}

function roundHalfToEven(x: number): number {
  const rounded = Math.round(x);
  return rounded - x === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}
