/** What a training is told, what it tells, and what is left of it when it stops: types alone. */
import type { Device } from "../device.ts";
import type { Module } from "../nn/module.ts";
import type { Adam } from "../optim/adam.ts";
import type { EarlyStopping } from "../optim/early_stopping.ts";
import type { ReduceLROnPlateau } from "../optim/reduce_lr_on_plateau.ts";
import type { Random } from "../random.ts";
import type { LabelledData } from "./evaluate.ts";
import type { Recipe } from "./recipe.ts";
import type { TallyState } from "./tally.ts";

/** One line of the history. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch's steps, while the weights changed. */
  readonly trainLoss: number;
  /** Likewise. */
  readonly trainAccuracy: number;
  /** After the epoch; null where there are no validation clips. */
  readonly validationLoss: number | null;
  /** Likewise. */
  readonly validationAccuracy: number | null;
  /** Of the epoch's last step. */
  readonly learningRate: number;
  /** Of training and validation. */
  readonly seconds: number;
}

/** Where training is, after a step. */
export interface StepInfo {
  /** From 1. */
  readonly epoch: number;
  /** From 1. */
  readonly step: number;
  /** Steps of an epoch. */
  readonly steps: number;
  /** Mean loss over the epoch so far; null while the device still holds it. */
  readonly loss: number | null;
}

/** Why `run` returned. */
export type Outcome = "all epochs" | "stopped early" | "interrupted";

/** Numbers of a trainer's state beside its tensors; JSON can hold them. */
export interface TrainerNumbers {
  /** Epochs done. */
  readonly epoch: number;
  /** Steps done of the current one. */
  readonly step: number;
  /** Losses and hits of them. */
  readonly tally: TallyState;
  /** Time spent on them. */
  readonly epochSeconds: number;
  /** The stream of dropout and augmentation. */
  readonly random: ReturnType<Random["state"]>;
  /** The optimiser's steps and rate. */
  readonly adam: ReturnType<Adam["numbers"]>;
  /** The plateau's count, where the recipe has one. */
  readonly plateau: ReturnType<ReduceLROnPlateau["state"]> | null;
  /** Early stopping's count. */
  readonly stopping: ReturnType<EarlyStopping["state"]>;
  /** Epochs done. */
  readonly history: readonly EpochRecord[];
}

/** What is trained, on what, and how. */
export interface TrainerOptions<In> {
  /** Where everything lives. */
  readonly device: Device;
  /** Trained in place; the caller's to dispose of. */
  readonly model: Module<In>;
  /** How. */
  readonly recipe: Recipe;
  /** Of the order of batches. */
  readonly seed: number;
  /** The stream dropout and `augment` draw from, shared with the model's layers. */
  readonly random: Random;
  /** What is learned from. */
  readonly train: LabelledData<In>;
  /** What rate, stopping and kept weights are decided by. */
  readonly validation: LabelledData<In>;
  /** Factors on the learning rate by parameter; 1 where none is given. */
  readonly factors?: Readonly<Record<string, number>>;
  /** What training batches become before the model sees them; may draw from `random`. */
  augment?(inputs: In): In;
}

/** Who is told of progress, and what may stop it. */
export interface RunOptions {
  /** Stops after the current step. */
  readonly signal?: AbortSignal;
  /** After every step. */
  readonly onStep?: (info: StepInfo) => void;
  /** After every epoch; a good moment to save. */
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
}
