/**
 * The constant-Q transform, librosa 0.11's `cqt` with 36 bins an octave over 7 octaves from C1: wavelets of
 * one octave, applied to the clip, to the clip at half its rate, and so on down.
 * Octaves share one bank, for pitch and rate halve together. librosa applies it to 1,024-point spectra and
 * drops each wavelet's weakest hundredth there; both are linear, so here what is left of a wavelet is brought
 * back to time, and an octave is one matrix product.
 */
import type { Resampler } from "./resample.ts";
import { type Matrix, padded, type SpectralKernels } from "./spectral.ts";
import { frameCount, HOP, SAMPLE_RATE } from "./stft.ts";

export const PER_OCTAVE = 36;
export const OCTAVES = 7;
export const CQT_BINS = PER_OCTAVE * OCTAVES;

const C1 = 440 * 2 ** ((24 - 69) / 12);
const LENGTH = 1024; // the longest wavelet of the top octave, 556 samples, up to a power of two
const HALF = LENGTH / 2 + 1;
const SPARSITY = 0.01;
/** centre frequency over bandwidth, from the neighbours' frequencies */
const Q = (2 ** (2 / PER_OCTAVE) + 1) / (2 ** (2 / PER_OCTAVE) - 1);

const ONES = new Float32Array(LENGTH).fill(1);
const COSINES = Float64Array.from(
  { length: LENGTH },
  (_, i) => Math.cos((2 * Math.PI * i) / LENGTH),
);

/**
 * The top octave's wavelets, for `constantQ`.
 *
 * @param tuning fraction of a bin that all pitches are raised by
 * @returns [LENGTH, 2·PER_OCTAVE]: real parts, then imaginary parts
 */
export async function constantQBank(tuning: number, kernels: SpectralKernels): Promise<Matrix> {
  const rows = kernels.input(2 * PER_OCTAVE * LENGTH).fill(0);
  const lengths = Float64Array.from({ length: PER_OCTAVE }, (_, b) => {
    const hz = C1 * 2 ** (tuning / PER_OCTAVE + OCTAVES - 1 + b / PER_OCTAVE);
    const length = Q * SAMPLE_RATE / hz;
    fillWavelet(rows.subarray(2 * b * LENGTH, (2 * b + 2) * LENGTH), hz, length);
    return length;
  });
  const spectra = await kernels.rfft(rows, { window: ONES, hop: LENGTH });
  const columns = 2 * PER_OCTAVE;
  const values = new Float32Array(LENGTH * columns);
  for (let b = 0; b < PER_OCTAVE; b++) {
    const spectrum = analytic(spectra.subarray(4 * b * HALF, 4 * (b + 1) * HALF));
    sparsify(spectrum);
    const { re, im } = response(spectrum);
    const scale = 1 / Math.sqrt(lengths[b]);
    for (let i = 0; i < LENGTH; i++) {
      values[i * columns + b] = re[i] * scale;
      values[i * columns + PER_OCTAVE + b] = im[i] * scale;
    }
  }
  return { values, rows: LENGTH, columns };
}

/**
 * `abs(librosa.cqt(y, sr=22050, n_bins=252, bins_per_octave=36))`, transposed, at the bank's tuning.
 *
 * @param samples [n] at SAMPLE_RATE
 * @param tools.halve from any rate to half of it
 * @returns [frameCount(n), CQT_BINS], the lowest pitch first
 */
export async function constantQ(
  samples: Float32Array<ArrayBuffer>,
  { bank, halve }: { bank: Matrix; halve: Resampler },
  kernels: SpectralKernels,
): Promise<Float32Array> {
  const frames = frameCount(samples.length);
  const out = new Float32Array(frames * CQT_BINS);
  for (let octave = 0, y = samples; octave < OCTAVES; octave++) {
    if (octave > 0) y = await halve.apply(y, kernels);
    const hop = HOP >> octave;
    const length = (frames - 1) * hop + LENGTH;
    const signal = padded(y, { before: LENGTH / 2, length }, kernels);
    const product = await kernels.matmul(signal, bank, hop);
    // a wavelet twice as long holds √2 times the energy
    const scale = 2 ** (octave / 2);
    for (let f = 0; f < frames; f++) {
      const from = f * bank.columns;
      const to = f * CQT_BINS + (OCTAVES - 1 - octave) * PER_OCTAVE;
      for (let b = 0; b < PER_OCTAVE; b++) {
        const re = product[from + b];
        const im = product[from + PER_OCTAVE + b];
        out[to + b] = scale * Math.sqrt(re * re + im * im);
      }
    }
  }
  return out;
}

/** `librosa.filters.wavelet`: real row, then imaginary row, of a Hann-windowed phasor of area `length`/LENGTH. */
function fillWavelet(rows: Float32Array, hz: number, length: number): void {
  const before = Math.ceil(length / 2);
  const n = before + Math.floor(length / 2);
  const first = (LENGTH - n) >> 1;
  const scale = length / LENGTH / (n / 2); // a periodic Hann window sums to half its length
  const turn = turning(2 * Math.PI * hz / SAMPLE_RATE, -before);
  const swell = turning(2 * Math.PI / n, 0);
  for (let i = first; i < first + n; i++) {
    const weight = scale * (0.5 - 0.5 * swell.cos);
    rows[i] = weight * turn.cos;
    rows[LENGTH + i] = weight * turn.sin;
    step(turn);
    step(swell);
  }
}

interface Turning {
  cos: number;
  sin: number;
  readonly byCos: number;
  readonly bySin: number;
}

/** A phasor that turns by `angle` a step, `place` steps from 1. */
function turning(angle: number, place: number): Turning {
  const at = angle * place;
  return {
    cos: Math.cos(at),
    sin: Math.sin(at),
    byCos: Math.cos(angle),
    bySin: Math.sin(angle),
  };
}

/** By multiplication: a thousand steps stray by 1e-13, where Math.cos would be slow (see decibels.ts). */
function step(t: Turning): void {
  const cos = t.cos * t.byCos - t.sin * t.bySin;
  t.sin = t.cos * t.bySin + t.sin * t.byCos;
  t.cos = cos;
}

interface Complex {
  re: Float64Array;
  im: Float64Array;
}

/** Spectrum of x + iy from those of x and y, bins 0 to LENGTH/2. */
function analytic(pair: Float32Array): Complex {
  const y = 2 * HALF;
  const re = new Float64Array(HALF);
  const im = new Float64Array(HALF);
  for (let k = 0; k < HALF; k++) {
    re[k] = pair[2 * k] - pair[y + 2 * k + 1];
    im[k] = pair[2 * k + 1] + pair[y + 2 * k];
  }
  return { re, im };
}

/** `librosa.util.sparsify_rows(quantile=0.01)`: zeros for the weakest that make up a hundredth together. */
function sparsify({ re, im }: Complex): void {
  const sizes = new Float64Array(HALF);
  let left = 0;
  for (let k = 0; k < HALF; k++) {
    sizes[k] = Math.sqrt(re[k] * re[k] + im[k] * im[k]);
    left += SPARSITY * sizes[k];
  }
  const sorted = sizes.toSorted();
  let least = 0;
  while ((left -= sorted[least]) > 0) least++;
  for (let k = 0; k < HALF; k++) if (sizes[k] < sorted[least]) re[k] = im[k] = 0;
}

/** What a unit sample at each place of a frame answers: Σ_k S[k] e^{−2πikn/LENGTH}. */
function response({ re, im }: Complex): Complex {
  const out = { re: new Float64Array(LENGTH), im: new Float64Array(LENGTH) };
  for (let k = 0; k < HALF; k++) {
    if (re[k] === 0 && im[k] === 0) continue;
    for (let n = 0; n < LENGTH; n++) {
      const turn = (k * n) & (LENGTH - 1);
      const cos = COSINES[turn];
      const sin = COSINES[(turn + 3 * LENGTH / 4) & (LENGTH - 1)];
      out.re[n] += re[k] * cos + im[k] * sin;
      out.im[n] += im[k] * cos - re[k] * sin;
    }
  }
  return out;
}
