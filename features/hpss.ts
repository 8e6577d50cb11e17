/**
 * Harmonic separation by median filters, librosa 0.11's `decompose.hpss` (Fitzgerald 2010): a tone is a line
 * along time, a click a line along frequency, and each is what a median across the other direction leaves.
 */
import type { SpectralKernels } from "./spectral.ts";
import { BINS, istft, magnitudes, stft, TINY } from "./stft.ts";

const WIDTH = 31; // frames and bins: kernel_size

/**
 * The harmonic part, as `librosa.decompose.hpss(S)[0]`: kernel_size=31, power=2, margin=1.
 *
 * @param spectrum [frames, BINS, 2]; left as it is
 * @param size [frames, BINS] its magnitudes, where they are known
 * @returns [frames, BINS, 2]
 */
export async function harmonicSpectrum(
  spectrum: Float32Array,
  kernels: SpectralKernels,
  size = magnitudes(spectrum),
): Promise<Float32Array> {
  const tones = await kernels.median(size, { columns: BINS, width: WIDTH, axis: 0 });
  const clicks = await kernels.median(size, { columns: BINS, width: WIDTH, axis: 1 });
  const harmonic = new Float32Array(spectrum.length);
  for (let i = 0; i < size.length; i++) {
    const tone = tones[i] * tones[i];
    const click = clicks[i] * clicks[i];
    const mask = tones[i] < TINY && clicks[i] < TINY ? 0.5 : tone / (tone + click);
    harmonic[2 * i] = spectrum[2 * i] * mask;
    harmonic[2 * i + 1] = spectrum[2 * i + 1] * mask;
  }
  return harmonic;
}

/**
 * `librosa.effects.harmonic(y)`.
 *
 * @param samples [n] at SAMPLE_RATE
 * @returns [n]
 */
export async function harmonic(
  samples: Float32Array,
  kernels: SpectralKernels,
): Promise<Float32Array<ArrayBuffer>> {
  const spectrum = await stft(samples, kernels);
  return await istft(await harmonicSpectrum(spectrum, kernels), samples.length, kernels);
}
