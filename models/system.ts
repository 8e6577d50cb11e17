/** What a system of the paper is: its input, its network, its recipe, and what the paper reports. */
import type { LayerContext } from "../engine/nn/layers.ts";
import type { Module } from "../engine/nn/module.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Autoencoder, AutoencoderRecipe } from "../engine/train/autoencoder.ts";
import type { Recipe } from "../engine/train/recipe.ts";

/** What a clip becomes before a network sees it (`features/`). */
export type InputKind = "mel-image" | "vector";

/** How inputs are scaled by the training clips: to mean 0 and deviation 1, or to 0…1. */
export type NormalizationKind = "standardize" | "min-max";

export interface PaperFigure {
  readonly accuracy: number;
  /** Test clips behind it. */
  readonly n: number;
  readonly where: string;
}

export interface System {
  readonly name: string;
  readonly title: string;
  readonly input: InputKind;
  readonly normalization: NormalizationKind;
  readonly recipe: Recipe;
  readonly paper: PaperFigure | null;
  /** The paper's figure with its own augmentation; systems without one cannot be augmented. */
  readonly paperAugmented?: PaperFigure;
  /** How the network can be pretrained without labels, where it can. */
  readonly pretraining?: Pretraining;
  build(context: LayerContext, spec: NetworkSpec): Module;
}

export interface Pretraining {
  readonly recipe: AutoencoderRecipe;
  /** Epochs of training with labels after it, unless others are asked for. */
  readonly epochs: number;
  /** The paper's figures by those epochs. */
  readonly paper: ReadonlyMap<number, PaperFigure>;
  /** The layers of a model that `build` made, from the input up, each with its decoder. */
  layers(context: LayerContext, model: Module): Autoencoder[];
  /** Inputs as the first layer takes them. */
  prepare(inputs: Tensor): Tensor;
}

export interface NetworkSpec {
  readonly classes: number;
  /** Shape of one clip's input. */
  readonly inputShape: readonly number[];
}

/** Paper §3.3.2: Adam, 1e-3, L2 5e-5, clipping at 1, plateau ×0.5 after 3, at most 50 epochs. */
export const CNN_RECIPE: Recipe = {
  epochs: 50,
  batch: 64,
  learningRate: 1e-3,
  weightDecay: 5e-5,
  clipNorm: 1,
  plateau: { factor: 0.5, patience: 3 },
  patience: 8,
  labelSmoothing: 0,
};
