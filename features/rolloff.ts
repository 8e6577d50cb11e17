/** Below which frequency most of a spectrum lies, librosa 0.11's. */
import { BINS, FRAME, SAMPLE_RATE } from "./stft.ts";

const SHARE = Math.fround(0.85); // roll_percent

/**
 * `librosa.feature.spectral_rolloff(S=magnitudes, sr=22050)`: the lowest bin up to which 85 % of a frame's
 * magnitudes add up. Sums are in f32 as librosa's are, lest a bin's worth of rounding move the answer.
 *
 * @param magnitudes [frames, BINS]
 * @returns [frames] in Hz, 0 for silence
 */
export function spectralRolloff(magnitudes: Float32Array): Float32Array {
  const out = new Float32Array(magnitudes.length / BINS);
  const sums = new Float32Array(BINS);
  for (let f = 0, at = 0; f < out.length; f++) {
    let sum = 0;
    for (let k = 0; k < BINS; k++, at++) {
      sum = Math.fround(sum + magnitudes[at]);
      sums[k] = sum;
    }
    const enough = Math.fround(SHARE * sum);
    let k = 0;
    while (sums[k] < enough) k++;
    out[f] = (k * SAMPLE_RATE) / FRAME;
  }
  return out;
}
