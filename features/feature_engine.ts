/**
 * From a decoded recording to the arrays that models take: resample, then one of the kinds below.
 * One engine lives in each Worker (or in `predict`): it holds the kernels and the filters made so far.
 */
import { openEngineKernels } from "./engine_kernels.ts";
import { FilterStore } from "./filter_store.ts";
import { COLUMNS, melImage } from "./image.ts";
import { BANDS } from "./mel.ts";
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
    filters: FilterStore,
  ): Promise<Float32Array<ArrayBuffer>>;
}

/** `mel-image` for the CNNs, `vector` for the forest and the MLP. */
export const FEATURES = {
  "mel-image": { shape: [BANDS, COLUMNS], version: 2, compute: melImage },
  "vector": { shape: [VECTOR_NAMES.length], version: 2, compute: featureVector },
} satisfies Record<string, FeatureDefinition>;

export type FeatureKind = keyof typeof FEATURES;

export class FeatureEngine {
  readonly #kernels: SpectralKernels;
  readonly #filters = new FilterStore();

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
    const resampler = this.#filters.resampler(sampleRate, SAMPLE_RATE);
    const resampled = await resampler.apply(samples, this.#kernels);
    return await FEATURES[kind].compute(resampled, this.#kernels, this.#filters);
  }

  [Symbol.dispose](): void {
    this.#kernels[Symbol.dispose]();
  }
}
