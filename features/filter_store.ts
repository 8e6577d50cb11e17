/**
 * Filters that take longer to make than to apply, kept by what they were made for: rates, and tunings in
 * hundredths, of which there are a hundred.
 */
import { chromaBank } from "./chroma.ts";
import { constantQBank } from "./cqt.ts";
import { Resampler } from "./resample.ts";
import type { Matrix, SpectralKernels } from "./spectral.ts";

const MOST_RESAMPLERS = 8; // a corpus has one or two rates; a stranger's files should not fill memory

export class FilterStore {
  readonly #resamplers = new Map<string, Resampler>();
  readonly #chroma = new Map<number, Matrix>();
  readonly #constantQ = new Map<number, Matrix>();

  /** Rates in Hz. */
  resampler(from: number, to: number): Resampler {
    const key = `${from}/${to}`;
    const known = this.#resamplers.get(key);
    if (known) return known;
    if (this.#resamplers.size >= MOST_RESAMPLERS) this.#resamplers.clear();
    const made = new Resampler(from, to);
    this.#resamplers.set(key, made);
    return made;
  }

  /** As `chromaBank`. */
  chroma(tuning: number): Matrix {
    const bank = this.#chroma.get(tuning) ?? chromaBank(tuning);
    this.#chroma.set(tuning, bank);
    return bank;
  }

  /** As `constantQBank`. */
  async constantQ(tuning: number, kernels: SpectralKernels): Promise<Matrix> {
    const bank = this.#constantQ.get(tuning) ?? await constantQBank(tuning, kernels);
    this.#constantQ.set(tuning, bank);
    return bank;
  }
}
