/**
 * Loudness and zero crossings over time, librosa 0.11's, on the frames of stft.ts.
 */
import { FRAME, frameCount, HOP } from "./stft.ts";

const NEARLY_ZERO = 1e-10; // librosa's threshold: nothing below it has a sign

/**
 * `librosa.feature.rms(y=y)`: root mean square of each centred frame, silence beyond the ends.
 *
 * @returns [frames]
 */
export function rms(samples: Float32Array): Float64Array {
  // A frame is four hops, so hops are summed once: frame f spans hops f − 2 to f + 1.
  const hops = new Float64Array(Math.ceil(samples.length / HOP));
  for (let h = 0; h < hops.length; h++) {
    let sum = 0;
    const end = Math.min(samples.length, (h + 1) * HOP);
    for (let i = h * HOP; i < end; i++) sum += samples[i] * samples[i];
    hops[h] = sum;
  }
  return Float64Array.from({ length: frameCount(samples.length) }, (_, f) => {
    let sum = 0;
    for (let h = f - 2; h < f + 2; h++) sum += hops[h] ?? 0;
    return Math.sqrt(sum / FRAME);
  });
}

/**
 * `librosa.feature.zero_crossing_rate(y)`: sign changes a sample in each centred frame, the end samples
 * repeated beyond the ends.
 *
 * @returns [frames]
 */
export function zeroCrossingRate(samples: Float32Array): Float64Array {
  // before[i]: changes between neighbours up to sample i, so a frame's count is one difference
  const before = new Int32Array(samples.length);
  let changed = 0;
  let negative = samples[0] < -NEARLY_ZERO;
  for (let i = 1; i < samples.length; i++) {
    if (samples[i] < -NEARLY_ZERO !== negative) {
      negative = !negative;
      changed++;
    }
    before[i] = changed;
  }
  const end = samples.length - 1;
  return Float64Array.from({ length: frameCount(samples.length) }, (_, f) => {
    const first = f * HOP - FRAME / 2;
    const changes = before[Math.min(end, first + FRAME - 1)] - before[Math.max(0, first)];
    return changes / FRAME;
  });
}
