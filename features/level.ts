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
export function rms(samples: Float32Array): Float32Array {
  // A frame is four hops, so hops are summed once: frame f spans hops f − 2 to f + 1.
  const hops = new Float64Array(Math.ceil(samples.length / HOP));
  for (let h = 0; h < hops.length; h++) {
    let sum = 0;
    const end = Math.min(samples.length, (h + 1) * HOP);
    for (let i = h * HOP; i < end; i++) sum += samples[i] * samples[i];
    hops[h] = sum;
  }
  const levels = new Float32Array(frameCount(samples.length));
  for (let f = 0; f < levels.length; f++) {
    let sum = 0;
    const end = Math.min(hops.length, f + 2);
    for (let h = Math.max(0, f - 2); h < end; h++) sum += hops[h];
    levels[f] = Math.sqrt(sum / FRAME);
  }
  return levels;
}

/**
 * `librosa.feature.zero_crossing_rate(y)`: sign changes a sample in each centred frame, the end samples
 * repeated beyond the ends.
 *
 * @returns [frames]
 */
export function zeroCrossingRate(samples: Float32Array): Float32Array {
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
  const rates = new Float32Array(frameCount(samples.length));
  for (let f = 0; f < rates.length; f++) {
    const first = f * HOP - FRAME / 2;
    rates[f] = (before[Math.min(end, first + FRAME - 1)] - before[Math.max(0, first)]) / FRAME;
  }
  return rates;
}
