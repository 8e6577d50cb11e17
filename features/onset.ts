/** How much begins in each frame, librosa 0.11's. */
import { BANDS } from "./mel.ts";
import { FRAME, HOP } from "./stft.ts";

/** From the rise between two frames to the frame where both are seen whole: the lag, and half a frame. */
const DELAY = 1 + FRAME / (2 * HOP);

/**
 * `librosa.onset.onset_strength(y=y, sr=22050)`: the mean over bands of each frame's rise in level.
 *
 * @param melDb [frames, BANDS] mel powers in dB against 1
 * @returns [frames] in dB
 */
export function onsetStrength(melDb: Float32Array): Float32Array {
  const out = new Float32Array(melDb.length / BANDS);
  for (let f = DELAY; f < out.length; f++) {
    let rise = 0;
    const now = (f - DELAY + 1) * BANDS;
    for (let i = now; i < now + BANDS; i++) rise += Math.max(0, melDb[i] - melDb[i - BANDS]);
    out[f] = rise / BANDS;
  }
  return out;
}
