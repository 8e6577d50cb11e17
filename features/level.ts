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
  for (let i = 0; i < samples.length; i++) hops[Math.floor(i / HOP)] += samples[i] * samples[i];
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
  const negative = (i: number) => samples[i] < -NEARLY_ZERO;
  for (let i = 1; i < samples.length; i++) {
    before[i] = before[i - 1] + (negative(i) === negative(i - 1) ? 0 : 1);
  }
  const end = samples.length - 1;
  return Float64Array.from({ length: frameCount(samples.length) }, (_, f) => {
    const first = f * HOP - FRAME / 2;
    const changes = before[Math.min(end, first + FRAME - 1)] - before[Math.max(0, first)];
    return changes / FRAME;
  });
}
