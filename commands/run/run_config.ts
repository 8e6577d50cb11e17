/**
 * What a run is before it begins: the words of the command line, or the run it goes on with, become
 * the parts of the corpus, the recipe, and all that `config.json` says.
 */
import type { Device } from "../../engine/device.ts";
import { UserError } from "../../engine/error.ts";
import type { AutoencoderRecipe } from "../../engine/train/autoencoder.ts";
import type { Recipe } from "../../engine/train/recipe.ts";
import type { Corpus } from "../../features/corpus/clip.ts";
import { type Split, split } from "../../features/corpus/split.ts";
import { forest } from "../../models/forest.ts";
import { stratifiedFolds } from "../../models/forest/folds.ts";
import { combinations, type Grid } from "../../models/forest/grid_search.ts";
import { AUGMENTATIONS } from "../../models/augmentations.ts";
import { SYSTEMS } from "../../models/systems.ts";
import { partWords } from "../../models/wav2vec2/training_part.ts";
import type { AnySystem, PaperFigure, Pretraining } from "../../models/system.ts";
import { wilson95 } from "../../report/metrics.ts";
import type { Augmentation, FineTuning, RunConfig } from "../../report/types.ts";
import { counted } from "../../report/words.ts";
import { requireClasses } from "../sources/corpus.ts";
import type { Inputs } from "../model/inputs.ts";
import { measuredFor } from "./measured.ts";
import type { TrainOptions } from "../words/options.ts";

/**
 * What CNNs train by on the synthetic corpus unless told otherwise: there a first look within two
 * minutes matters more than the last point. Half the paper's batch, for as many steps in fewer epochs.
 */
const SYNTHETIC_LOOK = { epochs: 8, batch: 32 };
/** The same for each layer's pretraining. */
const SYNTHETIC_PRETRAINING_EPOCHS = 5;

/** The choices of an earlier run; where its corpus lies, the device and the epochs may change. */
export function planOf(config: RunConfig, options: TrainOptions): TrainOptions {
  const { system, protocol, fold, seed, recipe, augment, pretrain } = config;
  const { fineTuning, unvalidated } = config;
  if (!recipe && options.epochs !== undefined) {
    throw new UserError(`--epochs goes with networks; the run is a ${system}'s`);
  }
  return {
    ...options,
    system: system as TrainOptions["system"],
    split: protocol,
    fold,
    seed,
    data: options.data ?? config.data ?? undefined,
    skipBroken: options.skipBroken || config.skipBroken,
    unvalidated: unvalidated ?? false,
    batch: recipe?.batch,
    epochs: options.epochs ?? recipe?.epochs,
    augment: augment ?? undefined,
    pretrain: (pretrain ?? null) !== null,
    weights: options.weights ?? fineTuning?.weights ?? undefined,
    train: fineTuning?.part,
    layerDecay: fineTuning?.layerDecay,
    checkpointLayers: fineTuning?.checkpointLayers,
    precision: config.precision ?? "f32",
    warmup: recipe?.schedule?.kind === "linear" ? recipe.schedule.warmup : undefined,
    accumulate: recipe?.accumulate,
  };
}

/** Training, validation and test clips. Throws `UserError` where the corpus does not allow the split. */
export function partsOf(
  corpus: Corpus,
  plan:
    & { readonly system: string; readonly unvalidated?: boolean }
    & Pick<
      TrainOptions,
      "split" | "seed" | "fold"
    >,
): Split {
  requireClasses(corpus);
  const { split: protocol, seed, fold } = plan;
  const crossValidated = plan.system === forest.name;
  const parts = split(corpus, {
    ...{ protocol, seed, fold: fold ?? undefined },
    validation: !crossValidated && !plan.unvalidated,
    instead: plan.unvalidated ? "not validated" : undefined,
    heldOut: SYSTEMS.get(plan.system)?.heldOut,
  });
  if (crossValidated) requireFolds(corpus, parts.train);
  return parts;
}

/** Every class needs a training clip in each fold of a forest's search. */
function requireFolds({ labels, clips }: Corpus, train: readonly number[]): void {
  const y = Int32Array.from(train, (i) => clips[i].label);
  stratifiedFolds(y, { folds: forest.folds, classes: labels });
}

/** What a network is trained and pretrained by: the system's recipes, but for what the plan says. */
export function recipesOf(
  system: AnySystem,
  plan: TrainOptions,
  { synthetic }: Pick<Corpus, "synthetic">,
): { readonly recipe: Recipe; readonly pretrain: AutoencoderRecipe | null } {
  const pretraining = plan.pretrain ? system.pretraining : undefined;
  const look = synthetic && system.input === "mel-image";
  const { epochs } = pretraining ?? system.recipe;
  const usual = look ? SYNTHETIC_LOOK : { epochs, batch: system.recipe.batch };
  const recipe: Recipe = {
    ...system.recipe,
    epochs: plan.epochs ?? usual.epochs,
    batch: plan.batch ?? usual.batch,
    ...(plan.warmup !== undefined && { schedule: { kind: "linear", warmup: plan.warmup } }),
    ...(plan.accumulate !== undefined && { accumulate: plan.accumulate }),
  };
  const pretrain = pretraining
    ? {
      ...pretraining.recipe,
      epochs: look ? SYNTHETIC_PRETRAINING_EPOCHS : pretraining.recipe.epochs,
    }
    : null;
  return { recipe, pretrain };
}

/** What `config.json` will say of a network's run. */
export function describe(
  system: AnySystem,
  plan: TrainOptions,
  { corpus }: Inputs,
  { device, fineTuning }: { readonly device: Device; readonly fineTuning: FineTuning | null },
): NetworkConfig {
  const { recipe, pretrain } = recipesOf(system, plan, corpus);
  const pretraining = plan.pretrain ? system.pretraining : undefined;
  const augment = plan.augment ?? null;
  const usual = !fineTuning || fineTuning.part === partWords(system.wav2vec2!.part);
  const paper = usual ? paperFigure(system, { augment, pretraining, epochs: recipe.epochs }) : null;
  return {
    ...described(plan, corpus),
    device: device.name,
    precision: device.precision,
    paper: paper && withInterval(paper),
    recipe,
    augment,
    pretrain,
    fineTuning,
    measured: usual
      ? measuredFor({
        ...{ system: system.name, augment, pretrain, recipe, unvalidated: plan.unvalidated },
      })
      : { random: null, actors: null },
    settings: {
      ...settingsOf(recipe, system),
      ...(device.precision === "f16" && { precision: "f16 operands, f32 sums, losses scaled" }),
      ...variantSettings(augment, pretrain),
      ...(fineTuning && fineTuningSettings(fineTuning)),
    },
  };
}

/** The configuration of a network, which has a recipe. */
export type NetworkConfig = RunConfig & { readonly recipe: Recipe };

/** What `config.json` will say of a forest's run. */
export function describeForest(plan: TrainOptions, { corpus }: Inputs, grid: Grid): RunConfig {
  const values = Object.entries<readonly unknown[]>({ ...grid })
    .map(([name, list]) => `${name} ${list.map((value) => value ?? "no limit").join(", ")}`);
  return {
    ...described(plan, corpus),
    device: `CPU, ${counted(navigator.hardwareConcurrency, "Worker")}`,
    paper: withInterval(forest.paper),
    recipe: null,
    measured: measuredFor({ system: forest.name, recipe: null }),
    grid: { ...grid },
    settings: {
      input: "vector of features",
      "input scaled": "no",
      "settings tried": `${combinations(grid).length}: ${values.join("; ")}`,
      "settings chosen by": `accuracy over ${forest.folds} stratified folds of the training clips`,
    },
  };
}

function withInterval({ accuracy, n }: PaperFigure): RunConfig["paper"] {
  return { accuracy, n, ci95: wilson95(Math.round(accuracy * n), n) };
}

/** What is said of every run. */
function described(plan: TrainOptions, corpus: Corpus) {
  const parts = partsOf(corpus, plan);
  return {
    version: 1 as const,
    system: plan.system,
    protocol: plan.split,
    split: parts.describe,
    seed: plan.seed,
    fold: plan.fold,
    synthetic: corpus.synthetic,
    data: plan.data ?? null,
    skipBroken: plan.skipBroken,
    unvalidated: plan.unvalidated,
    corpus: {
      name: corpus.name,
      labels: corpus.labels,
      clips: {
        train: parts.train.length,
        validation: parts.validation.length,
        test: parts.test.length,
      },
      notes: corpus.notes,
    },
    started: new Date().toISOString(),
  };
}

/** What the paper reports for this very variant; it has no row for most. */
function paperFigure(
  system: AnySystem,
  { augment, pretraining, epochs }: {
    readonly augment: Augmentation | null;
    readonly pretraining: Pretraining<unknown> | undefined;
    readonly epochs: number;
  },
): PaperFigure | null {
  if (pretraining) return augment === null ? pretraining.paper.get(epochs) ?? null : null;
  if (augment === null) return system.paper;
  return augment === "paper" ? system.paperAugmented ?? null : null;
}

function variantSettings(
  augment: Augmentation | null,
  pretrain: RunConfig["pretrain"],
): RunConfig["settings"] {
  return {
    ...(augment && { augmentation: AUGMENTATIONS[augment].words }),
    ...(pretrain && {
      pretraining: `autoencoders layer by layer, ${pretrain.epochs} epochs each, MSE, Adam ` +
        `${pretrain.learningRate}, batch ${pretrain.batch}`,
    }),
  };
}

function fineTuningSettings(
  { weights, hash, part, layerDecay, checkpointLayers }: FineTuning,
): RunConfig["settings"] {
  return {
    "begins from": weights === null ? "random weights" : `${weights}, SHA-256 ${hash}`,
    "trained part": part,
    "learning rate from layer to layer below": layerDecay === 1 ? "the same" : `× ${layerDecay}`,
    "layers run again for the gradient": checkpointLayers,
  };
}

const INPUT_WORDS: Readonly<Record<AnySystem["input"], string>> = {
  "mel-image": "mel spectrogram, 128 × 128, dB",
  "vector": "vector of features",
  "waveform": "samples at 16 kHz",
  "voice": "samples at 16 kHz, silence around them cut away, peak 1",
};

const SCALING_WORDS: Readonly<Record<AnySystem["normalization"], string>> = {
  "min-max": "to 0…1 by training clips",
  "standardize": "to mean 0 and deviation 1 by training clips",
  "none": "by the network, or as its checkpoint asks",
};

function scheduleWords({ schedule }: Recipe): string | null {
  if (!schedule) return null;
  if (schedule.kind === "one-cycle") return "one cycle: up over 30 % of the steps, then down";
  return `rises over ${100 * schedule.warmup} % of the steps, then falls to 0`;
}

function settingsOf(recipe: Recipe, system: AnySystem): RunConfig["settings"] {
  const { plateau, accumulate = 1 } = recipe;
  return {
    input: INPUT_WORDS[system.input],
    "input scaled": SCALING_WORDS[system.normalization],
    optimiser: recipe.optimizer === "adamw" ? "AdamW" : "Adam",
    "learning rate": recipe.learningRate,
    [recipe.optimizer === "adamw" ? "weight decay" : "weight decay (L2)"]: recipe.weightDecay,
    "gradient norm clipped at": recipe.clipNorm,
    batch: recipe.batch,
    ...(accumulate > 1 && { "parts of a batch": accumulate }),
    "epochs at most": recipe.epochs,
    ...(recipe.keep === "last"
      ? { "weights kept": "the last epoch's" }
      : { "early stopping after": recipe.patience }),
    ...(recipe.schedule && { "learning rate over the steps": scheduleWords(recipe) }),
    "learning rate on a plateau": plateau && `× ${plateau.factor} after ${plateau.patience} epochs`,
    "label smoothing": recipe.labelSmoothing,
  };
}
