/**
 * The text of a run's files and back: JSON whose lists of numbers stand on one line, and the history
 * as CSV. What is read may come from anyone, so every field is checked before it is believed.
 */
import { UserError } from "../engine/error.ts";
import type { AutoencoderRecipe } from "../engine/train/autoencoder.ts";
import type { Recipe } from "../engine/train/recipe.ts";
import {
  type Check,
  either,
  fields,
  flag,
  fraction,
  listOf,
  mapOf,
  nullable,
  number,
  oneOf,
  optional,
  pairOf,
  text,
  whole,
} from "./shape.ts";
import type { ClassCurves, ClassMetrics, Metrics } from "./metrics.ts";
import type {
  CalibrationMetrics,
  Epoch,
  FineTuning,
  Forest,
  Protocol,
  RunConfig,
  RunMetrics,
  Setting,
} from "./types.ts";

const protocol: Check<Protocol> = oneOf("random", "actors", "statement", "all");
const scalar = either(text, number);
const setting: Check<Setting> = nullable(either(flag, either(scalar, listOf(scalar))));

const schedule = either(
  fields({ kind: oneOf("one-cycle") }),
  fields({ kind: oneOf("linear"), warmup: fraction }),
);

const measured = fields({ mean: fraction, sd: nullable(number), runs: whole, n: whole });

const config: Check<RunConfig> = fields<RunConfig>({
  version: oneOf(1),
  system: text,
  protocol,
  split: text,
  seed: whole,
  fold: nullable(whole),
  device: text,
  precision: optional(oneOf("f32", "f16")),
  synthetic: flag,
  paper: nullable(
    fields({ accuracy: fraction, n: nullable(whole), ci95: nullable(pairOf(fraction)) }),
  ),
  data: nullable(text),
  skipBroken: flag,
  unvalidated: optional(flag),
  recipe: nullable(fields<Recipe>({
    epochs: whole,
    batch: whole,
    optimizer: optional(oneOf("adam", "adamw")),
    learningRate: number,
    weightDecay: number,
    clipNorm: nullable(number),
    plateau: nullable(fields({ factor: number, patience: whole })),
    schedule: optional(nullable(schedule)),
    accumulate: optional(whole),
    keep: optional(oneOf("best", "last")),
    patience: whole,
    labelSmoothing: number,
  })),
  grid: optional(nullable(mapOf(listOf(nullable(scalar))))),
  augment: optional(nullable(oneOf("paper", "voice"))),
  measured: optional(fields({ random: nullable(measured), actors: nullable(measured) })),
  pretrain: optional(nullable(
    fields<AutoencoderRecipe>({ epochs: whole, batch: whole, learningRate: number }),
  )),
  calibration: optional(nullable(fields({ temperature: number, unsureBelow: fraction }))),
  fineTuning: optional(nullable(
    fields<FineTuning>({
      weights: nullable(text),
      hash: nullable(text),
      part: text,
      layerDecay: number,
      checkpointLayers: flag,
      caution: nullable(text),
    }),
  )),
  corpus: fields<RunConfig["corpus"]>({
    name: text,
    labels: listOf(text),
    clips: fields({ train: whole, validation: whole, test: whole }),
    notes: listOf(text),
  }),
  settings: mapOf(setting),
  started: text,
});

const metrics: Check<Metrics> = fields<Metrics>({
  n: whole,
  accuracy: nullable(fraction),
  ci95: nullable(pairOf(fraction)),
  uar: nullable(fraction),
  macroF1: nullable(fraction),
  auc: nullable(fraction),
  perClass: listOf(fields<ClassMetrics>({
    label: text,
    precision: nullable(fraction),
    recall: nullable(fraction),
    f1: nullable(fraction),
    support: whole,
    auc: nullable(fraction),
  })),
  confusion: listOf(listOf(whole)),
});

const runMetrics: Check<RunMetrics> = fields<RunMetrics>({
  system: text,
  protocol,
  seed: whole,
  fold: nullable(whole),
  device: text,
  synthetic: flag,
  paper: nullable(fraction),
  test: (value, at) => {
    const test = metrics(value, at);
    const classes = test.perClass.length;
    const square = test.confusion.length === classes &&
      test.confusion.every((row) => row.length === classes);
    if (!square) throw new UserError(`${at}.confusion should be ${classes}×${classes}`);
    return test;
  },
  validation: nullable(fields({ n: whole, loss: nullable(number), accuracy: nullable(fraction) })),
  calibration: optional(nullable(fields<CalibrationMetrics>({
    temperature: number,
    unsureBelow: fraction,
    n: whole,
    error: fields({ before: nullable(fraction), after: nullable(fraction) }),
    sure: fields({ share: nullable(fraction), accuracy: nullable(fraction) }),
  }))),
  lossScale: optional(nullable(fields({ scale: number, skipped: whole }))),
  epochs: whole,
  bestEpoch: nullable(whole),
  secondsPerEpoch: number,
  seconds: number,
  peakMemoryMB: nullable(number),
});

const curves: Check<ClassCurves[]> = listOf(fields<ClassCurves>({
  label: text,
  roc: nullable(listOf(fields({ fpr: fraction, tpr: fraction }))),
  precisionRecall: nullable(listOf(fields({ recall: fraction, precision: fraction }))),
}));

/** `config.json` as written. Throws `UserError` naming `file` and the field that is wrong. */
export function parseConfig(json: string, file: string): RunConfig {
  return config(parseJson(json, file), file);
}

/** `metrics.json` as written. Throws `UserError` naming `file` and the field that is wrong. */
export function parseMetrics(json: string, file: string): RunMetrics {
  return runMetrics(parseJson(json, file), file);
}

/** `curves.json` as written. Throws `UserError` naming `file` and the field that is wrong. */
export function parseCurves(json: string, file: string): ClassCurves[] {
  return curves(parseJson(json, file), file);
}

function parseJson(json: string, file: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new UserError(`${file}: not valid JSON; the file is damaged or was cut short`);
  }
}

/** JSON to be read by people too: indented, lists of plain values on one line. */
export function prettyJson(value: unknown): string {
  // A raw line break never stands inside a JSON text, so `[` before one always opens a list.
  const indented = JSON.stringify(value, null, 2);
  return `${
    indented.replace(/\[\n([^[\]{}]*)\n\s*\]/g, (_, items: string) =>
      `[${items.trim().replace(/\n\s*/g, " ")}]`)
  }\n`;
}

/** Curves as JSON, their points to four places: beyond what any plot can show. */
export function curvesJson(value: readonly ClassCurves[]): string {
  return `${
    JSON.stringify(value, (_, item) => typeof item === "number" ? Number(item.toFixed(4)) : item)
  }\n`;
}

const COLUMNS: readonly [name: string, field: keyof Epoch][] = [
  ["epoch", "epoch"],
  ["train_loss", "trainLoss"],
  ["train_accuracy", "trainAccuracy"],
  ["validation_loss", "validationLoss"],
  ["validation_accuracy", "validationAccuracy"],
  ["learning_rate", "learningRate"],
  ["seconds", "seconds"],
];
const HEADING = COLUMNS.map(([name]) => name).join(",");

/** The history as CSV, one line an epoch; what is not known is left empty. */
export function historyCsv(history: readonly Epoch[]): string {
  const lines = history.map((epoch) => COLUMNS.map(([, field]) => epoch[field] ?? "").join(","));
  return [HEADING, ...lines, ""].join("\n");
}

/** A forest's search as CSV: one line a setting, the best first; equals stand in the grid's order. */
export function gridCsv({ points, folds }: Forest): string {
  const settings = Object.keys(points[0].settings);
  const scores = Array.from({ length: folds }, (_, i) => `fold_${i + 1}`);
  const heading = ["rank", "mean", "std", ...scores, ...settings];
  const lines = points.toSorted((a, b) => a.rank - b.rank).map((point) => [
    ...[point.rank, point.mean, point.std, ...point.scores],
    ...settings.map((name) => point.settings[name] ?? "none"),
  ]);
  return [heading, ...lines].map((cells) => `${cells.join(",")}\n`).join("");
}

/** What a forest relies on as CSV, the most important feature first. */
export function importancesCsv({ importances }: Forest): string {
  const lines = importances.toSorted((a, b) => b.share - a.share)
    .map(({ name, share }) => `${name},${share}\n`);
  return ["feature,importance\n", ...lines].join("");
}

/** `history.csv` as written. Throws `UserError` naming `file` and the line that is wrong. */
export function parseHistory(csv: string, file: string): Epoch[] {
  const [heading, ...lines] = csv.trimEnd().split(/\r?\n/);
  if (heading !== HEADING) throw new UserError(`${file}: the first line should be ${HEADING}`);
  return lines.map((line, i) => {
    const cells = line.split(",").map((cell) => cell === "" ? null : Number(cell));
    const sound = cells.length === COLUMNS.length && cells[0] !== null &&
      cells.every((cell) => cell === null || Number.isFinite(cell));
    if (!sound) throw new UserError(`${file}: line ${i + 2} is not ${COLUMNS.length} numbers`);
    return Object.fromEntries(COLUMNS.map(([, field], c) => [field, cells[c]])) as unknown as Epoch;
  });
}
