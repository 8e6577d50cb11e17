/** What a system, of the paper or our own, is: its input, its network, its recipe, and what the paper reports. */
import type { Device } from "../engine/device.ts";
import type { LayerContext } from "../engine/nn/layers.ts";
import type { Module } from "../engine/nn/module.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Autoencoder, AutoencoderRecipe } from "../engine/train/autoencoder.ts";
import type { Recipe } from "../engine/train/recipe.ts";
import { Rows, type RowSource } from "../engine/train/rows.ts";
import type { Wav2Vec2Config } from "./wav2vec2/config.ts";
import type { HeadKind } from "./wav2vec2/load.ts";
import type { TrainingPart } from "./wav2vec2/training_part.ts";

/** What a clip becomes before a network sees it (`features/`). */
export type InputKind = "mel-image" | "vector" | "waveform" | "voice";

/** How inputs are scaled by the training clips: to mean 0 and deviation 1, to 0…1, or not at all. */
export type NormalizationKind = "standardize" | "min-max" | "none";

export interface PaperFigure {
  readonly accuracy: number;
  /** Test clips behind it. */
  readonly n: number;
  readonly where: string;
}

/** `In` is what its network takes a batch as. */
export interface System<In = Tensor> {
  readonly name: string;
  readonly title: string;
  readonly input: InputKind;
  readonly normalization: NormalizationKind;
  readonly recipe: Recipe;
  readonly paper: PaperFigure | null;
  /** The paper's figure with its own augmentation; systems without one cannot be augmented. */
  readonly paperAugmented?: PaperFigure;
  /** Shares of the clips that validate and that test under the random protocol; default 0.15 each. */
  readonly heldOut?: number;
  /** How a network is fine-tuned that was trained before on other speech, or made like one. */
  readonly wav2vec2?: FineTuned;
  /** How the network can be pretrained without labels, where it can. */
  readonly pretraining?: Pretraining<In>;
  build(context: LayerContext, spec: NetworkSpec): Module<In>;
  /** Takes what the network must know of its training clips before it learns, such as their mean. */
  fit?(model: Module<In>, training: RowSource<In>): Promise<void>;
  /**
   * Clips as the network takes them: `rows` holds one array a clip, `shape` is that of each (of each
   * frame, where their lengths vary).
   */
  source(device: Device, rows: readonly Float32Array[], shape: readonly number[]): RowSource<In>;
}

export interface FineTuned {
  readonly head: HeadKind;
  /** What learns unless told otherwise. */
  readonly part: TrainingPart;
  /** Its sizes where it begins from nothing; null where it needs a checkpoint. */
  readonly config: Wav2Vec2Config | null;
}

/** Any of them, where what its batches are is its own business. */
export type AnySystem = System<unknown>;

/** `source` of systems whose inputs are all of one shape. */
export function equalRows(
  device: Device,
  rows: readonly Float32Array[],
  rowShape: readonly number[],
): RowSource<Tensor> {
  return new Rows(device, rows, { rowShape });
}

export interface Pretraining<In = Tensor> {
  readonly recipe: AutoencoderRecipe;
  /** Epochs of training with labels after it, unless others are asked for. */
  readonly epochs: number;
  /** The paper's figures by those epochs. */
  readonly paper: ReadonlyMap<number, PaperFigure>;
  /** The layers of a model that `build` made, from the input up, each with its decoder. */
  layers(context: LayerContext, model: Module<In>): Autoencoder[];
  /** Inputs as the first layer takes them. */
  prepare(inputs: In): Tensor;
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
