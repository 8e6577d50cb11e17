/**
 * Framing and the short-time Fourier transform, librosa 0.11's: frames centred on multiples of the hop,
 * silence beyond the clip's ends, a periodic Hann window.
 * A clip of n samples has 1 + floor(n / hop) frames, however short it is.
 */
import type { SpectralKernels } from "./spectral.ts";

/** Hz; every feature is taken at this rate, as in librosa and the paper. */
export const SAMPLE_RATE = 22_050;
export const FRAME = 2048;
export const HOP = 512;
export const BINS = FRAME / 2 + 1;

const HANN = Float32Array.from(
  { length: FRAME },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME),
);

export function frameCount(samples: number): number {
  return 1 + Math.floor(samples / HOP);
}

/**
 * `librosa.stft(y, n_fft=2048, hop_length=512)`, frame by frame.
 *
 * @param samples [n] at SAMPLE_RATE
 * @returns [frameCount(n), BINS, 2]: real and imaginary parts
 */
export async function stft(
  samples: Float32Array,
  kernels: SpectralKernels,
): Promise<Float32Array> {
  const frames = kernels.input(frameCount(samples.length) * FRAME);
  fillFrames(samples, frames);
  return await kernels.rfft(frames, HANN);
}

/** [frames, FRAME]: the clip's centred frames. */
function fillFrames(samples: Float32Array, frames: Float32Array): void {
  for (let row = 0, start = -FRAME / 2; row < frames.length; row += FRAME, start += HOP) {
    const first = Math.max(0, -start);
    const last = Math.min(FRAME, samples.length - start);
    frames.fill(0, row, row + first);
    frames.set(samples.subarray(start + first, start + last), row + first);
    frames.fill(0, row + last, row + FRAME);
  }
}
