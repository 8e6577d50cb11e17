/**
 * `train`: recordings to features, features to a trained network, a network to a report. The test
 * clips are looked at once, at the end, with the weights that did best on the validation clips.
 */
import type { Device } from "../engine/device.ts";
import { UserError } from "../engine/error.ts";
import { openDevice } from "../engine/open.ts";
import { Random } from "../engine/random.ts";
import { argmaxRows, softmaxRows } from "../engine/train/evaluate.ts";
import { logitsOf, type StepInfo, Trainer } from "../engine/train/trainer.ts";
import type { Recipe } from "../engine/train/recipe.ts";
import { split } from "../features/corpus/split.ts";
import { SYSTEMS } from "../models/systems.ts";
import type { System } from "../models/system.ts";
import { renderReport } from "../report/html.ts";
import { classCurves, computeMetrics, wilson95 } from "../report/metrics.ts";
import { createProgress, type Progress } from "../report/progress.ts";
import { RunFolder } from "../report/run_folder.ts";
import { resultTable } from "../report/terminal.ts";
import type { RunConfig, RunMetrics } from "../report/types.ts";
import { percent } from "../report/words.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { chooseCorpus } from "./corpus.ts";
import { type Inputs, loadInputs, toDevice } from "./inputs.ts";
import { encodeModel } from "./model_file.ts";
import { fitNormalization } from "./normalization.ts";
import type { TrainOptions } from "./options.ts";

/** On the synthetic corpus a first look matters more than the last point: fewer epochs by default. */
const SYNTHETIC_EPOCHS = 10;

export async function train(options: TrainOptions): Promise<void> {
  const progress = createProgress();
  const started = performance.now();
  const earlier = options.resume === undefined ? null : await RunFolder.open(options.resume);
  const plan = earlier ? planOf(await earlier.readConfig(), options) : options;
  const system = SYSTEMS.get(plan.system)!;
  using device = await openDevice(options.device);
  progress.line(`device: ${device.name}`);
  const found = await chooseCorpus(plan.data, progress);
  const inputs = await loadInputs(found, system.input, { skipBroken: plan.skipBroken, progress });
  const config = describe(system, plan, inputs, device);
  const folder = earlier ?? await RunFolder.create(config, { out: options.out });
  await trainIn(folder, { config, system, inputs, device, progress, started, resume: !!earlier });
}

/** The choices of an earlier run; the device and a larger number of epochs may change. */
function planOf(config: RunConfig, options: TrainOptions): TrainOptions {
  const { system, protocol, fold, seed, recipe, data, skipBroken } = config;
  return {
    ...options,
    system: system as TrainOptions["system"],
    split: protocol,
    fold,
    seed,
    data: data ?? undefined,
    skipBroken,
    batch: recipe.batch,
    epochs: options.epochs ?? recipe.epochs,
  };
}

function describe(
  system: System,
  plan: TrainOptions,
  { corpus }: Inputs,
  device: Device,
): RunConfig {
  const parts = split(corpus, {
    protocol: plan.split,
    seed: plan.seed,
    fold: plan.fold ?? undefined,
  });
  const recipe: Recipe = {
    ...system.recipe,
    epochs: plan.epochs ?? (corpus.synthetic ? SYNTHETIC_EPOCHS : system.recipe.epochs),
    batch: plan.batch ?? system.recipe.batch,
  };
  const { paper } = system;
  return {
    version: 1,
    system: system.name,
    protocol: plan.split,
    split: parts.describe,
    seed: plan.seed,
    fold: plan.fold,
    device: device.name,
    synthetic: corpus.synthetic,
    paper: paper && {
      accuracy: paper.accuracy,
      n: paper.n,
      ci95: wilson95(Math.round(paper.accuracy * paper.n), paper.n),
    },
    data: plan.data ?? null,
    skipBroken: plan.skipBroken,
    recipe,
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
    settings: settingsOf(recipe, system),
    started: new Date().toISOString(),
  };
}

function settingsOf(recipe: Recipe, system: System): RunConfig["settings"] {
  const { plateau } = recipe;
  return {
    input: system.input === "mel-image" ? "mel spectrogram, 128 × 128, dB" : "vector of features",
    optimiser: "Adam",
    "learning rate": recipe.learningRate,
    "weight decay (L2)": recipe.weightDecay,
    "gradient norm clipped at": recipe.clipNorm,
    batch: recipe.batch,
    "epochs at most": recipe.epochs,
    "early stopping after": recipe.patience,
    "learning rate on a plateau": plateau && `× ${plateau.factor} after ${plateau.patience} epochs`,
    "label smoothing": recipe.labelSmoothing,
  };
}

interface Job {
  readonly config: RunConfig;
  readonly system: System;
  readonly inputs: Inputs;
  readonly device: Device;
  readonly progress: Progress;
  readonly started: number;
  readonly resume: boolean;
}

async function trainIn(folder: RunFolder, job: Job): Promise<void> {
  const { config, system, inputs, device, progress } = job;
  const { recipe, seed } = config;
  const { corpus, size, values } = inputs;
  const parts = split(corpus, { protocol: config.protocol, seed, fold: config.fold ?? undefined });
  const normalization = fitNormalization(system, { values, size, rows: parts.train });
  const random = Random.of(seed, "network");
  const model = system.build({ device, random }, {
    classes: corpus.labels.length,
    inputShape: inputs.shape,
  });
  const trainer = new Trainer({
    device,
    model,
    recipe,
    seed,
    random,
    train: toDevice(device, inputs, normalization, parts.train),
    validation: toDevice(device, inputs, normalization, parts.validation),
  });
  if (job.resume) await loadCheckpoint(folder.checkpointPath, trainer);
  progress.line(
    `${system.name}: ${model.parameterCount().toLocaleString("en")} parameters, ` +
      `${parts.train.length} training, ${parts.validation.length} validation and ${parts.test.length} ` +
      `test clips${corpus.synthetic ? " (SYNTHETIC)" : ""}; ${config.split}`,
  );
  const memory = new MemoryWatch();
  using interrupt = new Interrupt(progress);
  progress.start("training", recipe.epochs, trainer.history.length);
  const outcome = await trainer.run({
    signal: interrupt.signal,
    onStep(info) {
      memory.look();
      progress.update(info.epoch - 1 + info.step / info.steps, stepWords(info, trainer));
    },
    async onEpoch() {
      await saveCheckpoint(folder.checkpointPath, trainer);
      await folder.writeHistory(trainer.history);
    },
  });
  progress.stop();
  if (outcome === "interrupted") {
    await saveCheckpoint(folder.checkpointPath, trainer);
    throw new Interrupted(`stopped; go on with: deno task train --resume ${folder.path}`);
  }
  trainer.useBest();
  const best = trainer.history[trainer.bestEpoch - 1];
  if (!best) throw new UserError("nothing was trained: --epochs must be at least 1");

  const test = toDevice(device, inputs, normalization, parts.test);
  const logits = await logitsOf(model, test.inputs, recipe.batch);
  const classes = corpus.labels.length;
  const answers = {
    labels: test.hostLabels,
    predictions: argmaxRows(logits, classes),
    probabilities: softmaxRows(logits, classes),
    classes: corpus.labels,
  };
  const seconds = (performance.now() - job.started) / 1000;
  const metrics: RunMetrics = {
    system: system.name,
    protocol: config.protocol,
    seed,
    fold: config.fold,
    device: device.name,
    synthetic: corpus.synthetic,
    paper: config.paper?.accuracy ?? null,
    test: computeMetrics(answers),
    validation: {
      n: parts.validation.length,
      loss: best.validationLoss,
      accuracy: best.validationAccuracy,
    },
    epochs: trainer.history.length,
    bestEpoch: best.epoch,
    secondsPerEpoch: trainer.history.reduce((s, r) => s + r.seconds, 0) / trainer.history.length,
    seconds,
    peakMemoryMB: memory.peakMB,
  };
  const report = { config, history: trainer.history, metrics, curves: classCurves(answers) };
  await folder.writeModel(
    await encodeModel(model, {
      system,
      labels: corpus.labels,
      normalization,
      synthetic: corpus.synthetic,
    }),
  );
  await folder.writeHistory(trainer.history);
  await folder.writeCurves(report.curves);
  await folder.writeMetrics(metrics);
  await folder.writeReport(await renderReport(report));
  console.log(resultTable(report, folder.path));
}

function stepWords({ loss }: StepInfo, { history }: Trainer): string {
  const last = history.at(-1);
  const now = loss === null ? "" : `loss ${loss.toFixed(3)}`;
  const seen = last
    ? `validation loss ${last.validationLoss.toFixed(3)}, accuracy ${
      percent(last.validationAccuracy)
    }`
    : "";
  return [now, seen].filter((w) => w !== "").join("  ");
}

/** Ctrl-C asks for a clean end; a second one ends at once. */
class Interrupt {
  readonly #controller = new AbortController();
  readonly #listener: () => void;

  constructor(progress: Progress) {
    this.#listener = () => {
      if (this.signal.aborted) Deno.exit(130);
      progress.line("finishing this step…");
      this.#controller.abort();
    };
    Deno.addSignalListener("SIGINT", this.#listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    Deno.removeSignalListener("SIGINT", this.#listener);
  }
}

/** The run was asked to stop and has saved itself. */
export class Interrupted extends UserError {}

/** The largest resident memory seen. */
class MemoryWatch {
  #peak = 0;

  look(): void {
    this.#peak = Math.max(this.#peak, Deno.memoryUsage().rss);
  }

  get peakMB(): number {
    return Math.round(this.#peak / 1e6);
  }
}
