/**
 * Sample-rate conversion with a Kaiser-windowed sinc, the one of soxr's HQ recipe: flat up to 0.91 of the
 * lower Nyquist frequency, 130 dB down from that frequency on, no delay.
 * For a ratio L/M every L outputs see the same filter phases M inputs further on, so a clip is one matrix
 * product: overlapping input rows times a banded matrix of phases. Ratios of too many phases are
 * interpolated from a table of the same filter.
 */
import { type Matrix, padded, type SpectralKernels } from "./spectral.ts";

// The window and band edge of soxr's HQ filter, fitted to its impulse response to 4e-8 of the peak.
const CUTOFF = 0.956872; // of the lower Nyquist frequency, where the filter is 6 dB down
const HALF = 97.2496; // half the window's length, in samples of the lower rate
const BETA = 13.0399;
const BETTER_COLUMNS = 128; // wide enough a product to keep the matrix kernel busy
const MOST_VALUES = 1_500_000; // of a phase matrix (6 MB)
const TABLE_STEPS = 512; // a sample of the lower rate: linear interpolation then errs by 5e-6

/** Converts clips of one rate to another; the filter is made once. */
export class Resampler {
  readonly #from: number;
  readonly #to: number;
  readonly #phases: Phases | undefined;
  #table: Float64Array | undefined;

  /** Rates in Hz, whole and positive. */
  constructor(from: number, to: number) {
    this.#from = from;
    this.#to = to;
    if (from !== to) this.#phases = planPhases(from, to);
  }

  /**
   * Resample as `librosa.resample(…, res_type="soxr_hq")`: silence before and after the clip, ceil(n·to/from)
   * samples, of which one past round(n·to/from) is 0.
   *
   * @param samples [n]; given back as they are when the rates are equal
   */
  async apply(
    samples: Float32Array<ArrayBuffer>,
    kernels: SpectralKernels,
  ): Promise<Float32Array<ArrayBuffer>> {
    if (this.#from === this.#to) return samples;
    const exact = samples.length * this.#to / this.#from;
    const out = new Float32Array(Math.ceil(exact));
    const made = Math.floor(exact + 0.5);
    if (this.#phases) {
      const { hop, before, matrix } = this.#phases;
      const count = Math.ceil(made / matrix.columns);
      const length = (count - 1) * hop + matrix.rows;
      const product = count === 0
        ? out
        : await kernels.matmul(padded(samples, { before, length }, kernels), matrix, hop);
      out.set(product.subarray(0, made));
    } else {
      this.#table ??= tabulate();
      interpolate(samples, out.subarray(0, made), this.#from / this.#to, this.#table);
    }
    return out;
  }
}

interface Phases {
  /** inputs from one row to the next */
  hop: number;
  /** inputs a row begins before its first output's place */
  before: number;
  /** [inputs a row sees, outputs a row makes] */
  matrix: Matrix;
}

function planPhases(from: number, to: number): Phases | undefined {
  const divisor = gcd(from, to);
  const periods = Math.max(1, Math.round(BETTER_COLUMNS * divisor / to));
  const columns = periods * to / divisor;
  const scale = Math.min(1, to / from);
  const before = Math.floor(HALF / scale);
  const rows = before + Math.floor((columns - 1) * from / to + HALF / scale) + 1;
  if (rows * columns > MOST_VALUES) return undefined;
  const values = new Float32Array(rows * columns);
  for (let c = 0; c < columns; c++) {
    const place = before + c * from / to;
    const first = Math.max(0, Math.ceil(place - HALF / scale));
    const last = Math.min(rows - 1, Math.floor(place + HALF / scale));
    for (let r = first; r <= last; r++) {
      values[r * columns + c] = scale * lowpass((r - place) * scale);
    }
  }
  return { hop: periods * from / divisor, before, matrix: { values, rows, columns } };
}

/** Each output from the filter table, for ratios with too many phases. `step` is inputs per output. */
function interpolate(
  samples: Float32Array,
  out: Float32Array,
  step: number,
  table: Float64Array,
): void {
  const scale = Math.min(1, 1 / step);
  const reach = HALF / scale;
  for (let j = 0; j < out.length; j++) {
    const place = j * step;
    const first = Math.max(0, Math.ceil(place - reach));
    const last = Math.min(samples.length - 1, Math.floor(place + reach));
    let sum = 0;
    for (let i = first; i <= last; i++) {
      const at = Math.abs(place - i) * scale * TABLE_STEPS;
      const cell = Math.floor(at);
      sum += samples[i] * (table[cell] + (at - cell) * (table[cell + 1] - table[cell]));
    }
    out[j] = sum * scale;
  }
}

function tabulate(): Float64Array {
  const table = new Float64Array(Math.ceil(HALF * TABLE_STEPS) + 2);
  for (let i = 0; i < table.length; i++) table[i] = lowpass(i / TABLE_STEPS);
  return table;
}

/** The filter at t samples of the lower rate from its middle. */
function lowpass(t: number): number {
  const edge = t / HALF;
  if (Math.abs(edge) >= 1) return 0;
  const angle = Math.PI * CUTOFF * t;
  const sinc = t === 0 ? 1 : Math.sin(angle) / angle;
  return CUTOFF * sinc * bessel0(BETA * Math.sqrt(1 - edge * edge)) / bessel0(BETA);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
