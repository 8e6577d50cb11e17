/** How far a spectrum spreads about its centroid, librosa 0.11's. */
import { BINS, FRAME, SAMPLE_RATE, TINY } from "./stft.ts";

/**
 * `librosa.feature.spectral_bandwidth(S=magnitudes, sr=22050)`: the standard deviation of frequency, by
 * magnitude.
 *
 * @param magnitudes [frames, BINS]
 * @param centroid [frames] in Hz, of the same magnitudes
 * @returns [frames] in Hz, 0 for silence
 */
export function spectralBandwidth(magnitudes: Float32Array, centroid: Float32Array): Float32Array {
  const out = new Float32Array(magnitudes.length / BINS);
  for (let f = 0, at = 0; f < out.length; f++) {
    const middle = centroid[f] * (FRAME / SAMPLE_RATE);
    let total = 0;
    let squares = 0;
    for (let k = 0; k < BINS; k++, at++) {
      total += magnitudes[at];
      squares += magnitudes[at] * (k - middle) * (k - middle);
    }
    out[f] = total < TINY ? 0 : Math.sqrt(squares / total) * (SAMPLE_RATE / FRAME);
  }
  return out;
}
