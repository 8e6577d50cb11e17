/**
 * Signal-to-noise ratio. The paper names it and defines nothing; a recording comes without its noise, so
 * noise must be guessed. Taken here: the quietest tenth of a clip's frames is the room alone, for speech has
 * pauses and recordings begin before it and end after; what is above that in the mean is the voice. (The
 * mean over the deviation of samples, which goes by the same name, is about 0 for any sound.)
 */

const QUIET = 0.1; // of the frames
const LEAST = 1e-10; // power: −100 dB, so that digital silence is no infinity

/**
 * 10 log₁₀((P − N) / N), P the mean power of all frames, N that of the quietest tenth (one at least), N and
 * P − N no less than 1e-10.
 *
 * @param levels [frames] root mean squares, as `rms` of level.ts gives
 * @returns dB
 */
export function signalToNoise(levels: Float32Array): number {
  const powers = Float64Array.from(levels, (x) => x * x).sort();
  const quiet = Math.max(1, Math.floor(QUIET * powers.length));
  const noise = Math.max(LEAST, mean(powers.subarray(0, quiet)));
  const signal = Math.max(LEAST, mean(powers) - noise);
  return 10 * Math.log10(signal / noise);
}

function mean(values: Float64Array): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}
