/**
 * `train`: recordings to features, features to a trained network, a network to a report. The test
 * clips are looked at once, at the end, with the weights that did best on the validation clips.
 */
import type { Device } from "../engine/device.ts";
import { DeviceLostError } from "../engine/backend.ts";
import { UserError } from "../engine/error.ts";
import type { Module } from "../engine/nn/module.ts";
import { openDevice } from "../engine/open.ts";
import { Random } from "../engine/random.ts";
import type { LabelledData } from "../engine/train/evaluate.ts";
import { NotFinite, type StepInfo, Trainer } from "../engine/train/trainer.ts";
import { AUGMENTATIONS } from "../models/augmentations.ts";
import type { Grid } from "../models/forest/grid_search.ts";
import { SYSTEMS } from "../models/systems.ts";
import type { AnySystem } from "../models/system.ts";
import { renderReport } from "../report/html.ts";
import { classCurves, computeMetrics } from "../report/metrics.ts";
import { createProgress, type Progress } from "../report/progress.ts";
import { RunFolder } from "../report/run_folder.ts";
import { resultTable } from "../report/terminal.ts";
import type { Pretraining, RunMetrics, RunReport } from "../report/types.ts";
import { fixed, percent } from "../report/words.ts";
import { answersOf, calibrate, calibrationMetrics } from "./model/answers.ts";
import { meanCalibration } from "./model/calibration.ts";
import { hasCheckpoint, loadCheckpoint, saveCheckpoint } from "./run/checkpoint.ts";
import { chooseCorpus, requireSameCorpus } from "./sources/corpus.ts";
import { isOutOfMemory, Stopped } from "./words/failure.ts";
import { type Inputs, loadInputs } from "./model/inputs.ts";
import { Interrupt, INTERRUPTED } from "./run/interrupt.ts";
import { MemoryWatch } from "./run/memory_watch.ts";
import type { TrainOptions } from "./words/options.ts";
import { pretrain } from "./run/pretraining.ts";
import { type Prepared, prepareNetwork } from "./run/prepared.ts";
import { describe, type NetworkConfig, partsOf, planOf } from "./run/run_config.ts";
import { type FinishedRun, trainForest } from "./train_forest.ts";
import { Wav2Vec2Run } from "./run/wav2vec2_run.ts";

export async function train(options: TrainOptions): Promise<void> {
  const { report, folder } = await runTraining(options, { progress: createProgress() });
  console.log(resultTable(report, folder.path));
}

/** One run from its plan to its report, whoever asked for it; `grid` replaces that of a forest's plan. */
export async function runTraining(
  options: TrainOptions,
  { progress, grid }: { readonly progress: Progress; readonly grid?: Grid },
): Promise<FinishedRun> {
  const started = performance.now();
  const earlier = options.resume === undefined ? null : await RunFolder.open(options.resume);
  const begun = await earlier?.readConfig();
  const plan = begun ? planOf(begun, options) : options;
  if (!earlier) await RunFolder.check({ out: options.out });
  if (plan.system === "forest") {
    return await trainForest(plan, { progress, started, earlier, begun, grid });
  }
  const system = SYSTEMS.get(plan.system);
  if (!system) throw new UserError(`${earlier?.path}: unknown system "${plan.system}"`);
  const { precision } = plan;
  using device = await openDevice(options.device, { precision });
  progress.line(`device: ${device.name}`);
  if (precision === "f16" && device.kind === "cpu") {
    progress.line(
      "--precision f16: the CPU rounds as a GPU would, and saves no time or memory by it",
    );
  }
  const found = await chooseCorpus(plan.data, progress, begun);
  const random = Random.of(plan.seed, "network");
  const network = system.wav2vec2
    ? await Wav2Vec2Run.open(system, {
      ...{ plan, begun, device, random, progress, labels: found.labels },
    })
    : null;
  partsOf(found, plan); // a split that is not possible is told before any file is opened
  const inputs = await loadInputs(found, system.input, { skipBroken: plan.skipBroken, progress });
  const fineTuning = network?.fineTuning ?? null;
  const calibration = plan.calibration === undefined
    ? begun?.calibration
    : await meanCalibration(plan.calibration, plan);
  const described = { ...describe(system, plan, inputs, { device, fineTuning }), calibration };
  if (begun) requireSameCorpus(inputs.corpus, described.corpus.clips, begun);
  const config = begun ? { ...described, started: begun.started } : described;
  const folder = earlier ?? await RunFolder.create(config, { out: options.out });
  if (earlier) await earlier.writeConfig(config);
  const job = {
    ...{ config, system, inputs, device, progress, started, random, network },
    resume: !!earlier,
  };
  return { report: await trainIn(folder, job), folder };
}

interface Job {
  readonly config: NetworkConfig;
  readonly system: AnySystem;
  readonly inputs: Inputs;
  readonly device: Device;
  readonly progress: Progress;
  readonly started: number;
  readonly resume: boolean;
  /** What the network draws from. */
  readonly random: Random;
  /** Of a system that is fine-tuned. */
  readonly network: Wav2Vec2Run | null;
}

async function trainIn(folder: RunFolder, job: Job): Promise<RunReport> {
  const { config, system, inputs, device, random } = job;
  const { seed, recipe } = config;
  const { corpus } = inputs;
  const parts = partsOf(corpus, { ...config, split: config.protocol });
  const prepared = await job.network?.prepare(inputs, recipe) ??
    prepareNetwork(system, { device, inputs, training: parts.train, random });
  const { model, factors, on } = prepared;
  const train = on(parts.train);
  const validation = on(parts.validation);
  const pretraining = await pretrained(folder, job, model, train);
  await system.fit?.(model, train.inputs);
  const trainer = new Trainer<unknown>({
    device,
    model,
    recipe,
    seed,
    random,
    factors,
    train,
    validation,
    augment: config.augment ? AUGMENTATIONS[config.augment].build({ device, random }) : undefined,
  });
  if (job.resume && !(pretraining && !await hasCheckpoint(folder.checkpointPath))) {
    await loadCheckpoint(folder.checkpointPath, trainer);
  }
  job.progress.line(
    `${system.name}: ${model.parameterCount().toLocaleString("en")} parameters, ` +
      `${parts.train.length} training, ${parts.validation.length} validation and ${parts.test.length} ` +
      `test clips${corpus.synthetic ? " (SYNTHETIC)" : ""}; ${config.split}`,
  );
  const earlier = trainer.history.reduce((sum, { seconds }) => sum + seconds, 0);
  const peakMemoryMB = await learn(folder, trainer, job);
  try {
    const test = on(parts.test);
    const trained = { prepared, trainer, validation, test, earlier, peakMemoryMB, pretraining };
    return await judge(folder, job, trained);
  } catch (error) {
    throw explain(error, { folder, saved: true, batch: recipe.batch });
  }
}

interface Trained {
  readonly prepared: Prepared;
  readonly trainer: Trainer<unknown>;
  readonly validation: LabelledData<unknown>;
  readonly test: LabelledData<unknown>;
  /** Seconds of the epochs before this run was resumed. */
  readonly earlier: number;
  /** Null when a finished run is only judged again. */
  readonly peakMemoryMB: number | null;
  readonly pretraining: Pretraining | undefined;
}

/** The layers of the model pretrained without labels, where the run asks for it. */
async function pretrained(
  folder: RunFolder,
  { config, system, device, progress, resume }: Job,
  model: Module<unknown>,
  { inputs }: LabelledData<unknown>,
): Promise<Pretraining | undefined> {
  const howTo = system.pretraining;
  if (!config.pretrain || !howTo) return undefined;
  let saved = resume;
  using interrupt = new Interrupt(progress);
  try {
    const done = await pretrain(model, {
      ...{ device, howTo, inputs, resume, progress, recipe: config.pretrain, seed: config.seed },
      checkpoint: folder.checkpointPath,
      signal: interrupt.signal,
      onSaved: () => saved = true,
    });
    if (done) return done;
  } catch (error) {
    throw explain(error, { folder, saved, batch: config.pretrain.batch });
  }
  throw new Stopped(`stopped and saved; ${goOnWith(folder)}`, INTERRUPTED);
}

/** Looks at the test clips, once, with the best weights; writes the model and all that is known of it. */
async function judge(folder: RunFolder, job: Job, trained: Trained): Promise<RunReport> {
  const { config, system, inputs: { corpus }, device } = job;
  const { prepared, trainer, validation, test, earlier, peakMemoryMB, pretraining } = trained;
  const { model } = prepared;
  trainer.useBest();
  const best = trainer.history[trainer.bestEpoch - 1];
  if (!best) throw new UserError("nothing was trained: --epochs must be at least 1");

  const asking = { labels: corpus.labels, batch: config.recipe.batch };
  const { n } = validation;
  const calibration = n > 0
    ? await calibrate(model, validation, asking)
    : config.calibration ?? { temperature: 1, unsureBelow: 0 };
  const plain = await answersOf(model, test, asking);
  const answers = await answersOf(model, test, { ...asking, ...calibration });
  const metrics: RunMetrics = {
    system: system.name,
    protocol: config.protocol,
    seed: config.seed,
    fold: config.fold,
    device: device.name,
    synthetic: corpus.synthetic,
    paper: config.paper?.accuracy ?? null,
    test: computeMetrics(answers),
    validation: n > 0 ? { n, loss: best.validationLoss, accuracy: best.validationAccuracy } : null,
    calibration: calibrationMetrics(calibration, { n, plain, calibrated: answers }),
    lossScale: await trainer.lossScale(),
    epochs: trainer.history.length,
    bestEpoch: best.epoch,
    secondsPerEpoch: trainer.history.reduce((s, r) => s + r.seconds, 0) / trainer.history.length,
    seconds: earlier + (performance.now() - job.started) / 1000,
    peakMemoryMB,
  };
  const { history } = trainer;
  const report = { config, history, metrics, curves: classCurves(answers), pretraining };
  await prepared.write(folder, calibration);
  await folder.writeHistory(trainer.history);
  await folder.writeCurves(report.curves);
  await folder.writeMetrics(metrics);
  await folder.writeReport(await renderReport(report));
  return report;
}

/** Trains to the end, saving after every epoch; the most memory that was seen, in MB, if a step ran. */
async function learn(
  folder: RunFolder,
  trainer: Trainer<unknown>,
  { config: { recipe, pretrain }, progress, resume }: Job,
): Promise<number | null> {
  const memory = new MemoryWatch();
  let saved = resume || Boolean(pretrain);
  const save = async () => {
    await saveCheckpoint(folder.checkpointPath, trainer);
    saved = true;
    await folder.writeHistory(trainer.history);
  };
  using interrupt = new Interrupt(progress);
  progress.start("training", recipe.epochs, trainer.history.length);
  try {
    const outcome = await trainer.run({
      signal: interrupt.signal,
      onStep(info) {
        memory.look();
        progress.update(info.epoch - 1 + info.step / info.steps, stepWords(info, trainer));
      },
      onEpoch: save,
    });
    progress.stop();
    if (outcome !== "interrupted") return memory.peakMB;
    await save();
  } catch (error) {
    progress.stop();
    throw explain(error, { folder, saved, batch: recipe.batch });
  }
  throw new Stopped(`stopped and saved; ${goOnWith(folder)}`, INTERRUPTED);
}

/** What ended the training before its time, what is left of it, and how to go on. */
function explain(
  error: unknown,
  { folder, saved, batch }: { folder: RunFolder; saved: boolean; batch: number },
): unknown {
  const kept = saved ? `the checkpoint in ${folder.path} is kept` : "no epoch was finished";
  const next = saved ? `${kept}; ${goOnWith(folder)}` : kept;
  if (error instanceof NotFinite) {
    return new UserError(`${error.message}; ${kept}`, { cause: error });
  }
  if (error instanceof UserError) return new UserError(`${error.message}; ${next}`);
  if (error instanceof DeviceLostError) {
    return new Stopped(`${error.message}; ${next}`, 1, { cause: error });
  }
  if (isOutOfMemory(error)) {
    return new Stopped(`${error.message} (--batch is ${batch}); ${kept}`, 1, { cause: error });
  }
  return error;
}

function goOnWith({ path }: RunFolder): string {
  const word = /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
  return `go on with: deno task train --resume ${word}`;
}

function stepWords({ loss }: StepInfo, { history }: Trainer<unknown>): string {
  const last = history.at(-1);
  const now = loss === null ? "" : `loss ${loss.toFixed(3)}`;
  const seen = last && last.validationLoss !== null
    ? `validation loss ${fixed(last.validationLoss)}, accuracy ${percent(last.validationAccuracy)}`
    : "";
  return [now, seen].filter((w) => w !== "").join("  ");
}
