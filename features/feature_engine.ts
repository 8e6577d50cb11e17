/**
 * From a decoded recording to the arrays that models take: resample, then one of the kinds below.
 * One engine lives in each Worker (or in `predict`): it holds the kernels and the filters made so far.
 */
import { openEngineKernels } from "./engine_kernels.ts";
import { COLUMNS, melImage } from "./image.ts";
import { BANDS } from "./mel.ts";
import { Resampler } from "./resample.ts";
import type { SpectralKernels } from "./spectral.ts";
import { SAMPLE_RATE } from "./stft.ts";
import { featureVector, VECTOR_NAMES } from "./vector.ts";
import type { Audio } from "./wav.ts";

export interface FeatureDefinition {
  /** Of one clip's array. */
  shape: readonly number[];
  /** Raised whenever the numbers change, so that no cache serves old ones. */
  version: number;
  compute(
    samples: Float32Array<ArrayBuffer>,
    kernels: SpectralKernels,
  ): Promise<Float32Array<ArrayBuffer>>;
}

/** `mel-image` for the CNNs, `vector` for the MLP. */
export const FEATURES = {
  "mel-image": { shape: [BANDS, COLUMNS], version: 1, compute: melImage },
  "vector": { shape: [VECTOR_NAMES.length], version: 1, compute: featureVector },
} satisfies Record<string, FeatureDefinition>;

export type FeatureKind = keyof typeof FEATURES;

const KEPT_FILTERS = 8; // a corpus has one or two rates; a stranger's files should not fill memory

export class FeatureEngine {
  readonly #kernels: SpectralKernels;
  readonly #resamplers = new Map<number, Resampler>();

  /** @param kernels the engine takes them over and disposes of them */
  constructor(kernels: SpectralKernels) {
    this.#kernels = kernels;
  }

  /** On one thread of the CPU backend. */
  static async open(): Promise<FeatureEngine> {
    return new FeatureEngine(await openEngineKernels());
  }

  /**
   * @returns FEATURES[kind].shape
   */
  async compute(kind: FeatureKind, { samples, sampleRate }: Audio): Promise<
    Float32Array<ArrayBuffer>
  > {
    const resampled = await this.#resampler(sampleRate).apply(samples, this.#kernels);
    return await FEATURES[kind].compute(resampled, this.#kernels);
  }

  #resampler(rate: number): Resampler {
    let resampler = this.#resamplers.get(rate);
    if (!resampler) {
      if (this.#resamplers.size >= KEPT_FILTERS) this.#resamplers.clear();
      resampler = new Resampler(rate, SAMPLE_RATE);
      this.#resamplers.set(rate, resampler);
    }
    return resampler;
  }

  [Symbol.dispose](): void {
    this.#kernels[Symbol.dispose]();
  }
}
