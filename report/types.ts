/**
 * What a run says about itself: the contents of `config.json`, `history.csv`, `metrics.json` and
 * `curves.json`, and the four together as a `RunReport`.
 * Accuracies, recalls and areas are fractions of 1; a figure that is not defined is null, never NaN.
 */

import type { AutoencoderRecipe } from "../engine/train/autoencoder.ts";
import type { Recipe } from "../engine/train/recipe.ts";
import type { Calibration } from "./calibration.ts";
import type { ClassCurves, Metrics } from "./metrics.ts";

/** How clips were divided between training, validation and test. */
export type Protocol = "random" | "actors" | "statement" | "all";

/** What is done to training clips: the paper's masks and noise, or other voices. */
export type Augmentation = "paper" | "voice";

/** A value in the configuration table of a report. */
export type Setting = string | number | boolean | null | readonly (string | number)[];

/** The paper's accuracy for a system, the number of its test clips and Wilson's interval, if known. */
export interface PaperFigure {
  readonly accuracy: number;
  readonly n: number | null;
  readonly ci95: readonly [number, number] | null;
}

/** A mean accuracy over `runs` runs (seeds or folds) and its sample deviation. */
export interface MeasuredFigure {
  readonly mean: number;
  readonly sd: number | null;
  readonly runs: number;
  /** Test clips of a seed's test set, or of all folds together. */
  readonly n: number;
}

/** Null where it has not been run. */
export interface Measured {
  readonly random: MeasuredFigure | null;
  readonly actors: MeasuredFigure | null;
}

/** `config.json`: all that was decided before training began. */
export interface RunConfig {
  readonly version: 1;
  readonly system: string;
  readonly protocol: Protocol;
  /** The split in words, as the splitter describes it. */
  readonly split: string;
  readonly seed: number;
  /** 1 to 5 where the protocol has folds, else null. */
  readonly fold: number | null;
  /** The device in words, such as `CPU, 2 threads, SIMD`. */
  readonly device: string;
  readonly synthetic: boolean;
  /** What the paper reports for this system; it always split its clips at random. */
  readonly paper: PaperFigure | null;
  /** The folder that `--data` named, null for the program's own choice; for taking the run up again. */
  readonly data: string | null;
  readonly skipBroken: boolean;
  /** Validation clips were trained on too; absent in older runs. */
  readonly unvalidated?: boolean;
  /** What training follows; `settings` tells a reader the same. Null for a forest, which has no steps. */
  readonly recipe: Recipe | null;
  /** The values that a forest's search tries; null, or absent, for a network. */
  readonly grid?: Readonly<Record<string, readonly (string | number | null)[]>> | null;
  /** Null, or absent in older runs: training clips are taken as they are. */
  readonly augment?: Augmentation | null;
  /** This project's own figures for the system on RAVDESS, both protocols. */
  readonly measured?: Measured;
  /** Null, or absent in older runs: training begins from random weights. */
  readonly pretrain?: AutoencoderRecipe | null;
  /** What the model is calibrated by where no clip is kept to fit it on. */
  readonly calibration?: Calibration | null;
  /** Null, or absent, for systems that have no checkpoint to begin from. */
  readonly fineTuning?: FineTuning | null;
  readonly corpus: {
    readonly name: string;
    readonly labels: readonly string[];
    readonly clips: { readonly train: number; readonly validation: number; readonly test: number };
    /** Anything a reader should know, such as files left out. */
    readonly notes: readonly string[];
  };
  /** Optimiser, learning rate, batch and the like, in the words and the order they are shown. */
  readonly settings: Readonly<Record<string, Setting>>;
  /** ISO 8601 time of the start. */
  readonly started: string;
}

/** How a network was fine-tuned, and from what. */
export interface FineTuning {
  /** The folder of its checkpoint; null where it began from nothing. */
  readonly weights: string | null;
  /** SHA-256 of the names and values of its backbone as they were at first; null likewise. */
  readonly hash: string | null;
  /** What learned, as `--train` names it. */
  readonly part: string;
  /** Factor on the learning rate from a layer of the encoder to the one below. */
  readonly layerDecay: number;
  readonly checkpointLayers: boolean;
  /** What every reader of its figures must know, such as that the checkpoint has seen the test clips. */
  readonly caution: string | null;
}

/** One line of `history.csv`; epochs count from 1. */
export interface Epoch {
  readonly epoch: number;
  readonly trainLoss: number | null;
  readonly trainAccuracy: number | null;
  readonly validationLoss: number | null;
  readonly validationAccuracy: number | null;
  readonly learningRate: number | null;
  readonly seconds: number | null;
}

/** The validation clips at the epoch whose weights were kept; of a forest, the best settings' folds. */
export interface ValidationMetrics {
  readonly n: number;
  readonly loss: number | null;
  readonly accuracy: number | null;
}

/** What makes a network's confidence mean what it says, and how far it did on the test clips. */
export interface CalibrationMetrics extends Calibration {
  /** Validation clips it was fitted on; 0: it was given. */
  readonly n: number;
  /** Expected calibration error of the test clips without and with the temperature. */
  readonly error: { readonly before: number | null; readonly after: number | null };
  /** Of the test clips, the share that is answered and not "unsure", and the share of hits in it. */
  readonly sure: { readonly share: number | null; readonly accuracy: number | null };
}

/** `metrics.json`: the outcome. */
export interface RunMetrics {
  readonly system: string;
  readonly protocol: Protocol;
  readonly seed: number;
  readonly fold: number | null;
  readonly device: string;
  readonly synthetic: boolean;
  /** The paper's accuracy for this system, or null. */
  readonly paper: number | null;
  readonly test: Metrics;
  readonly validation: ValidationMetrics | null;
  /** Null, or absent in older runs and for forests: confidence is taken as it is. */
  readonly calibration?: CalibrationMetrics | null;
  /** How many epochs were trained, and the one whose weights were kept: 0 and null for a forest. */
  readonly epochs: number;
  readonly bestEpoch: number | null;
  readonly secondsPerEpoch: number;
  /** Of the whole run, whatever was begun and went on later included. */
  readonly seconds: number;
  readonly peakMemoryMB: number | null;
}

/** A model on clips that were made worse in one way. */
export interface Robustness extends Pick<Metrics, "n" | "accuracy" | "uar" | "ci95"> {
  /** In words; `clean` for the clips as they are. */
  readonly name: string;
}

/** A picture of `height` rows of `width` values, row 0 the lowest frequency. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** How layers learned to restore what they saw, before training. */
export interface Pretraining {
  /** Of each layer, the mean loss of each epoch. */
  readonly losses: readonly (readonly number[])[];
  /** Some training clips: the input, and what is left of it after each depth. */
  readonly pictures: readonly { readonly input: Picture; readonly restored: readonly Picture[] }[];
}

/** One combination of a grid and its accuracy on each fold; rank 1 is the best mean. */
export interface GridPoint {
  readonly settings: Readonly<Record<string, string | number | null>>;
  readonly scores: readonly number[];
  readonly mean: number;
  readonly std: number;
  readonly rank: number;
}

/** How a forest's settings were found, and what it relies on: `grid.csv` and `importances.csv`. */
export interface Forest {
  readonly folds: number;
  readonly points: readonly GridPoint[];
  readonly best: GridPoint;
  readonly outOfBagScore: number | null;
  /** Of each feature the share of the impurity that its splits removed in training. */
  readonly importances: readonly { readonly name: string; readonly share: number }[];
}

/** All that a report shows. */
export interface RunReport {
  readonly config: RunConfig;
  readonly history: readonly Epoch[];
  readonly metrics: RunMetrics;
  readonly curves: readonly ClassCurves[];
  /** Known while a run is being made; its files do not hold it. */
  readonly pretraining?: Pretraining;
  readonly forest?: Forest;
}
