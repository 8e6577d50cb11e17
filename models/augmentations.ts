/**
 * Every augmentation by the name `--augment` knows it by. They change mel images on the device,
 * training clips alone, each clip anew in every epoch.
 */
import type { LayerContext } from "../engine/nn/layers.ts";
import type { Tensor } from "../engine/tensor.ts";
import { MASK_STRENGTHS, masksAndNoise } from "./augment/masks.ts";
import { otherVoices, VOICE_STRENGTHS } from "./augment/voice.ts";

export interface Augmentation {
  /** What it does, for a reader of the run. */
  readonly words: string;
  /** On normalised images `[N, 128, 128]`; draws from the context's stream. */
  build(context: LayerContext): (images: Tensor) => Tensor;
}

export type AugmentationName = "paper" | "voice";

export const AUGMENTATIONS: Readonly<Record<AugmentationName, Augmentation>> = {
  paper: {
    words: `paper: a time mask of up to ${MASK_STRENGTHS.columns} of 128 columns, a frequency ` +
      `mask of up to ${MASK_STRENGTHS.bands} of 128 bands, Gaussian noise of ` +
      `${MASK_STRENGTHS.noise} deviations`,
    build: (context) => masksAndNoise(context),
  },
  voice: {
    words: `voice: vocal tract up to ${100 * VOICE_STRENGTHS.tract} % longer or shorter, moments ` +
      `moved by up to ${VOICE_STRENGTHS.shift} of 128 columns`,
    build: (context) => otherVoices(context),
  },
};
