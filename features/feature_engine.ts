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
import { voice } from "./voice.ts";
import type { Audio } from "./wav.ts";

/** Hz; what models of raw speech are trained at. */
export const SPEECH_RATE = 16_000;

export interface FeatureDefinition {
  /** Of one clip's array; of one frame of it, where `varies`. */
  shape: readonly number[];
  /** Clips are sequences of as many frames as they are long. */
  varies?: true;
  /** Hz, of the samples that `compute` takes. */
  sampleRate: number;
  /** Raised whenever the numbers change, so that no cache serves old ones. */
  version: number;
  compute(
    samples: Float32Array<ArrayBuffer>,
    kernels: SpectralKernels,
    filters: FilterStore,
  ): Promise<Float32Array<ArrayBuffer>>;
}

/** What a clip can become before a model sees it. */
export type FeatureKind = "mel-image" | "vector" | "waveform" | "voice";

/**
 * `mel-image` for the CNNs, `vector` for the forest and the MLP, `waveform` for models that hear it as
 * it is, `voice` for those that hear it without silence around it.
 */
export const FEATURES: Readonly<Record<FeatureKind, FeatureDefinition>> = {
  "mel-image": {
    ...{ shape: [BANDS, COLUMNS], sampleRate: SAMPLE_RATE, version: 2 },
    compute: melImage,
  },
  "vector": {
    ...{ shape: [VECTOR_NAMES.length], sampleRate: SAMPLE_RATE, version: 2 },
    compute: featureVector,
  },
  "waveform": {
    ...{ shape: [1], varies: true, sampleRate: SPEECH_RATE, version: 1 },
    compute: (samples) => Promise.resolve(samples),
  },
  "voice": {
    ...{ shape: [1], varies: true, sampleRate: SPEECH_RATE, version: 1 },
    compute: (samples) => Promise.resolve(voice(samples)),
  },
};

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
   * @returns FEATURES[kind].shape, of each frame where it varies
   */
  async compute(kind: FeatureKind, { samples, sampleRate }: Audio): Promise<
    Float32Array<ArrayBuffer>
  > {
    const feature = FEATURES[kind];
    const resampler = this.#filters.resampler(sampleRate, feature.sampleRate);
    const resampled = await resampler.apply(samples, this.#kernels);
    return await feature.compute(resampled, this.#kernels, this.#filters);
  }

  [Symbol.dispose](): void {
    this.#kernels[Symbol.dispose]();
  }
}
