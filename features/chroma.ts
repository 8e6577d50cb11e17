/**
 * Chroma over time, librosa 0.11's: how strong each of the twelve pitch classes C to B is, the strongest
 * of a frame being 1. From an STFT by a bank of Gaussian bumps, or from a constant-Q transform by folding.
 */
import { CQT_BINS, PER_OCTAVE } from "./cqt.ts";
import type { Matrix, SpectralKernels } from "./spectral.ts";
import { BINS, FRAME, SAMPLE_RATE, TINY } from "./stft.ts";

export const CLASSES = 12;

const CENTRE_OCTAVE = 5;
const OCTAVE_WIDTH = 2;
const FROM_A_TO_C = 3; // classes of the formula begin with A
const MERGED = PER_OCTAVE / CLASSES;

/**
 * `librosa.filters.chroma(sr=22050, n_fft=2048, tuning=tuning)`, transposed.
 *
 * @param tuning fraction of a semitone that A lies above 440 Hz
 * @returns [BINS, CLASSES]
 */
export function chromaBank(tuning: number): Matrix {
  const a = 440 * 2 ** (tuning / CLASSES) / 16;
  // place[k]: bin k in semitones above the A of octave 0; bin 0 is put an octave and a half below bin 1
  const place = Float64Array.from(
    { length: BINS + 1 },
    (_, k) => CLASSES * Math.log2((Math.max(1, k) * SAMPLE_RATE) / FRAME / a),
  );
  place[0] -= 1.5 * CLASSES;
  const values = new Float32Array(BINS * CLASSES);
  const bumps = new Float64Array(CLASSES);
  for (let k = 0; k < BINS; k++) {
    const width = Math.max(1, place[k + 1] - place[k]);
    let squares = 0;
    for (let c = 0; c < CLASSES; c++) {
      const off = mod(place[k] - c + CLASSES / 2, CLASSES) - CLASSES / 2;
      bumps[c] = Math.exp(-0.5 * (2 * off / width) ** 2);
      squares += bumps[c] ** 2;
    }
    const octaves = (place[k] / CLASSES - CENTRE_OCTAVE) / OCTAVE_WIDTH;
    const weight = Math.exp(-0.5 * octaves ** 2) / Math.sqrt(squares);
    for (let c = 0; c < CLASSES; c++) {
      values[k * CLASSES + c] = weight * bumps[(c + FROM_A_TO_C) % CLASSES];
    }
  }
  return { values, rows: BINS, columns: CLASSES };
}

/**
 * `librosa.feature.chroma_stft(S=powers, sr=22050)`, transposed, with the bank of its tuning.
 *
 * @param powers [frames, BINS]
 * @returns [frames, CLASSES], 0 to 1
 */
export async function chromaStft(
  powers: Float32Array,
  bank: Matrix,
  kernels: SpectralKernels,
): Promise<Float32Array> {
  return normalizeByLargest(await kernels.matmul(powers, bank));
}

/**
 * `librosa.feature.chroma_cqt(C=C, bins_per_octave=36)`, transposed: a class takes the bins beside its own
 * pitch as well, in all octaves.
 *
 * @param constantQ [frames, CQT_BINS] magnitudes
 * @returns [frames, CLASSES], 0 to 1
 */
export function chromaCqt(constantQ: Float32Array): Float32Array {
  const chroma = new Float32Array((constantQ.length / CQT_BINS) * CLASSES);
  for (let from = 0, to = 0; from < constantQ.length; from += CQT_BINS, to += CLASSES) {
    for (let bin = 0; bin < CQT_BINS; bin++) {
      chroma[to + Math.floor((bin + 1) / MERGED) % CLASSES] += constantQ[from + bin];
    }
  }
  return normalizeByLargest(chroma);
}

/** `librosa.util.normalize(norm=np.inf)` of every frame; silent ones stay 0. */
function normalizeByLargest(chroma: Float32Array): Float32Array {
  for (let row = 0; row < chroma.length; row += CLASSES) {
    let largest = 0;
    for (let i = row; i < row + CLASSES; i++) if (chroma[i] > largest) largest = chroma[i];
    if (largest < TINY) continue;
    for (let i = row; i < row + CLASSES; i++) chroma[i] /= largest;
  }
  return chroma;
}

function mod(x: number, n: number): number {
  return x - n * Math.floor(x / n);
}
