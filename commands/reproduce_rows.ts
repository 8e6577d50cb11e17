/**
 * Every row of the paper's tables as a system and what is done to it, what the paper reports, and
 * what it leaves open; and the runs that fill the rows, by the names of their folders.
 */
import { UserError } from "../engine/error.ts";
import { FOLDS } from "../features/corpus/actors.ts";
import { forest } from "../models/forest.ts";
import type { Grid } from "../models/forest/grid_search.ts";
import type { PaperFigure } from "../models/system.ts";
import { SYSTEMS } from "../models/systems.ts";
import type { ReproduceOptions, System, TrainOptions } from "./words/options.ts";
import type { Augmentation } from "../report/types.ts";

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly system: System;
  /** The option that names the checkpoint it begins from; without it the row is not run. */
  readonly needs?: "weightsBase" | "weightsLarge";
  readonly augment?: Augmentation;
  readonly pretrain?: boolean;
  /** Validation clips are trained on too. */
  readonly unvalidated?: boolean;
  /** Where the table gives others than the recipe. */
  readonly epochs?: number;
  readonly paper: PaperFigure | null;
  readonly open: string;
  /** Roughly how long a run takes against the others, until one was timed. */
  readonly weight: number;
}

const MASKS = "how wide its masks are, how loud its noise is and how often each is applied";
const PICTURE = "how spectrograms are drawn and normalised, and when early stopping ends";

function network(system: System, open: string, weight: number): Row {
  const { title, paper } = SYSTEMS.get(system)!;
  return { name: system, title, system, paper, open, weight };
}

function augmented(system: System, augment: Augmentation, weight: number): Row {
  const { title, paperAugmented = null } = SYSTEMS.get(system)!;
  const ours = augment === "voice";
  return {
    name: `${system}-${ours ? "voice" : "augmented"}`,
    title: ours ? `${title}, our voice augmentation` : `${title}, augmented`,
    ...{ system, augment, weight, open: MASKS, paper: ours ? null : paperAugmented },
  };
}

function pretrained(epochs: number): Row {
  const { title, pretraining } = SYSTEMS.get("cnn3")!;
  return {
    ...{ name: `cnn3-pretrained-${epochs}`, title: `${title}, pretrained, ${epochs} epochs` },
    ...{ system: "cnn3", pretrain: true, epochs, paper: pretraining!.paper.get(epochs)! },
    ...{ open: "the decoders, and how pretraining was optimised", weight: 900 },
  };
}

function fineTuned(system: TransferredSystem, title: string): Row {
  const { paper } = SYSTEMS.get(system)!;
  const { needs, weight } = CHECKPOINTS[system];
  const open =
    "its batch size, which validation result chose the model, and whether frozen layers " +
    "kept their dropout";
  return { ...{ name: system, title, system, paper, open, needs, weight } };
}

/** The option that names a row's checkpoint, and roughly how long a run takes. */
const CHECKPOINTS = {
  "wav2vec2-base": { needs: "weightsBase", weight: 1500 },
  "wav2vec2-large": { needs: "weightsLarge", weight: 300 },
} as const;

type TransferredSystem = keyof typeof CHECKPOINTS;

/** In the order of the paper; the last four are our own and are run when asked for. */
export const ROWS: readonly Row[] = [
  {
    ...{ name: "forest", title: forest.title, system: "forest", paper: forest.paper, weight: 60 },
    open: "which statistics of each feature it kept",
  },
  network("mlp", "how many epochs it trained, and which statistics of each feature it kept", 20),
  network("cnn3", PICTURE, 200),
  augmented("cnn3", "paper", 300),
  network("cnn4", PICTURE, 200),
  augmented("cnn4", "paper", 300),
  network("cnn5", PICTURE, 700),
  augmented("cnn5", "paper", 1000),
  pretrained(25),
  pretrained(30),
  network("cnn-mlp", "what image its convolutions see, and how many epochs it trained", 60),
  fineTuned("wav2vec2-base", "Wav2Vec2-base, last two layers"),
  fineTuned("wav2vec2-large", "Wav2Vec2-large-XLSR, head alone"),
  augmented("cnn4", "voice", 300),
  network("wav2vec2-small", "", 600),
  network("timbre", "", 600),
  {
    ...{ ...network("timbre", "", 700), name: "timbre-full", unvalidated: true },
    title: "timbre, trained on every actor but the test's",
  },
];

/** Our own rows: not in the paper. */
export function isExtra({ paper }: Row): boolean {
  return paper === null;
}

export const SEEDS: readonly number[] = [42, 43, 44];

/** Folds by actor are the same for every seed; this one draws weights and batches. */
const FOLD_SEED = 42;

const QUICK = {
  rows: ["forest", "mlp", "cnn4"],
  epochs: 2,
  folds: [1],
};

export const QUICK_GRID: Grid = {
  trees: [50],
  maxDepth: [null],
  minSamplesSplit: [2],
  minSamplesLeaf: [1, 2],
  criterion: ["gini"],
};

export interface PlannedRun {
  /** `cnn4-random-42`, `cnn4-actors-1`: the folder's name below `runs`. */
  readonly name: string;
  readonly row: Row;
  readonly plan: TrainOptions;
  readonly grid?: Grid;
}

/** Whether a row can be run with these options. */
export function hasCheckpoint({ needs }: Row, options: ReproduceOptions): boolean {
  return needs === undefined || options[needs] !== undefined;
}

/** What the command line asks for, with its defaults. */
export interface ReproductionPlan {
  readonly rows: readonly Row[];
  readonly seeds: readonly number[];
  readonly folds: readonly number[];
  /** First one seed of every row, then the folds, then the other seeds. */
  readonly runs: readonly PlannedRun[];
}

/** Throws `UserError` for a row that `--quick` cannot do. */
export function planRuns(options: ReproduceOptions): ReproductionPlan {
  const { quick, systems, split } = options;
  const names = systems ?? (quick ? QUICK.rows : undefined);
  const rows = ROWS.filter((row) =>
    names ? names.includes(row.name) : !isExtra(row) && hasCheckpoint(row, options)
  );
  const slow = rows.find(({ pretrain }) => quick && pretrain);
  if (slow) throw new UserError(`--quick goes without ${slow.name}: its pretraining takes long`);
  const seeds = options.seeds ?? (quick ? SEEDS.slice(0, 1) : SEEDS);
  const folds = quick ? QUICK.folds : Array.from({ length: FOLDS }, (_, i) => i + 1);
  const random = (seed: number) => rows.map((row) => planned(row, options, { seed, fold: null }));
  const byActor = rows.flatMap((row) =>
    folds.map((fold) => planned(row, options, { seed: FOLD_SEED, fold }))
  );
  const [first, ...others] = seeds;
  const runs = [
    ...(split === "actors" ? [] : random(first)),
    ...(split === "random" ? [] : byActor),
    ...(split === "actors" ? [] : others.flatMap(random)),
  ];
  return { rows, seeds, folds, runs };
}

function planned(
  row: Row,
  options: ReproduceOptions,
  { seed, fold }: { readonly seed: number; readonly fold: number | null },
): PlannedRun {
  const { data, device, skipBroken, quick } = options;
  const isForest = row.system === "forest";
  const epochs = quick ? QUICK.epochs : row.epochs;
  const split = fold === null ? "random" : "actors";
  return {
    name: `${row.name}-${split}-${fold ?? seed}`,
    row,
    plan: {
      ...{ system: row.system, data, split, fold, seed, skipBroken },
      epochs: isForest ? undefined : epochs,
      weights: row.needs && options[row.needs],
      augment: row.augment,
      pretrain: row.pretrain ?? false,
      unvalidated: row.unvalidated ?? false,
      device: isForest ? "cpu" : device,
    },
    grid: isForest && quick ? QUICK_GRID : undefined,
  };
}
