/** Where a spectrum's weight lies, librosa 0.11's. */
import { BINS, FRAME, SAMPLE_RATE, TINY } from "./stft.ts";

/**
 * `librosa.feature.spectral_centroid(S=magnitudes, sr=22050)`: each frame's mean frequency.
 *
 * @param magnitudes [frames, BINS]
 * @returns [frames] in Hz, 0 for silence
 */
export function spectralCentroid(magnitudes: Float32Array): Float32Array {
  const out = new Float32Array(magnitudes.length / BINS);
  for (let f = 0, at = 0; f < out.length; f++) {
    let total = 0;
    let moment = 0;
    for (let k = 0; k < BINS; k++, at++) {
      total += magnitudes[at];
      moment += k * magnitudes[at];
    }
    out[f] = total < TINY ? 0 : (moment / total) * (SAMPLE_RATE / FRAME);
  }
  return out;
}
