/**
 * Framing, the short-time Fourier transform and its inverse, librosa 0.11's: frames centred on multiples of
 * the hop, silence beyond the clip's ends, a periodic Hann window.
 * A clip of n samples has 1 + floor(n / hop) frames, however short it is.
 */
import { padded, type SpectralKernels } from "./spectral.ts";

/** Hz; every feature is taken at this rate, as in librosa and the paper. */
export const SAMPLE_RATE = 22_050;
export const FRAME = 2048;
export const HOP = 512;
export const BINS = FRAME / 2 + 1;

/** The least normal f32: librosa divides by nothing smaller. */
export const TINY = 2 ** -126;

const HANN = Float32Array.from(
  { length: FRAME },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / FRAME),
);

const OVERLAP = 1.5; // squares of Hann windows a quarter apart add up to it
const SYNTHESIS = HANN.map((w) => w / OVERLAP);

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
  const length = (frameCount(samples.length) - 1) * HOP + FRAME;
  const signal = padded(samples, { before: FRAME / 2, length }, kernels);
  return await kernels.rfft(signal, { window: HANN, hop: HOP });
}

/** Magnitudes of (re, im) pairs: [frames, BINS, 2] → [frames, BINS]. */
export function magnitudes(spectrum: Float32Array): Float32Array {
  const values = new Float32Array(spectrum.length / 2);
  for (let i = 0, at = 0; i < values.length; i++, at += 2) {
    const re = spectrum[at];
    const im = spectrum[at + 1];
    values[i] = Math.sqrt(re * re + im * im);
  }
  return values;
}

/** Squares of magnitudes, of the same shape. */
export function powers(magnitudes: Float32Array): Float32Array {
  const values = new Float32Array(magnitudes.length);
  for (let i = 0; i < values.length; i++) values[i] = magnitudes[i] * magnitudes[i];
  return values;
}

/**
 * `librosa.istft(S, n_fft=2048, hop_length=512, length=length)`: the frames' signals, windowed once more,
 * laid over each other and divided by the sum of the squared windows.
 *
 * @param spectrum [frameCount(length), BINS, 2]
 * @returns [length] at SAMPLE_RATE
 */
export async function istft(
  spectrum: Float32Array,
  length: number,
  kernels: SpectralKernels,
): Promise<Float32Array<ArrayBuffer>> {
  const sum = await kernels.overlapSpectra(spectrum, { window: SYNTHESIS, hop: HOP });
  const samples = sum.slice(FRAME / 2, FRAME / 2 + length) as Float32Array<ArrayBuffer>;
  // near the ends fewer frames lie over each other
  const count = frameCount(length);
  for (let i = 0; i < length; i++) {
    if (i === FRAME / 2) i = Math.max(i, (count - 1) * HOP - FRAME / 2);
    samples[i] *= OVERLAP / weightAt(i, count);
  }
  return samples;
}

/** Sum of the squared windows over a sample. */
function weightAt(sample: number, frames: number): number {
  const place = sample + FRAME / 2; // in frame 0
  let sum = 0;
  for (let f = Math.max(0, Math.floor(place / HOP) - FRAME / HOP + 1); f < frames; f++) {
    if (f * HOP > place) break;
    sum += HANN[place - f * HOP] ** 2;
  }
  return sum;
}
