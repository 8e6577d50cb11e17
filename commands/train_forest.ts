/**
 * `train forest`: features to a table, a grid search by folds within the training clips, the best
 * forest to a run folder like any other. The test clips are looked at once, at the end. A search is
 * kept nowhere until it is done: a run that was stopped begins it again, and finds the same forest.
 */
import { UserError } from "../engine/error.ts";
import { VECTOR_NAMES } from "../features/vector.ts";
import { forest as system } from "../models/forest.ts";
import { likeliest, type RandomForest } from "../models/forest/forest.ts";
import { combinations, type Grid, gridOf, type GridResult } from "../models/forest/grid_search.ts";
import { impurityImportances } from "../models/forest/importance.ts";
import { checkTable, type Table } from "../models/forest/table.ts";
import { readText } from "../report/files.ts";
import { renderReport } from "../report/html.ts";
import { classCurves, computeMetrics } from "../report/metrics.ts";
import type { Progress } from "../report/progress.ts";
import { RunFolder } from "../report/run_folder.ts";
import type { Forest, RunConfig, RunMetrics, RunReport } from "../report/types.ts";
import { percent } from "../report/words.ts";
import { alphabetical, chooseCorpus, requireSameCorpus } from "./sources/corpus.ts";
import { encodeForestModel } from "./model/forest_file.ts";
import { type Inputs, loadInputs } from "./model/inputs.ts";
import { MemoryWatch } from "./run/memory_watch.ts";
import type { TrainOptions } from "./words/options.ts";
import { describeForest, partsOf } from "./run/run_config.ts";

export interface ForestJob {
  readonly progress: Progress;
  /** `performance.now()` of the start. */
  readonly started: number;
  /** A run to take up again, and what its `config.json` says. */
  readonly earlier: RunFolder | null;
  readonly begun: RunConfig | undefined;
  /** In place of the plan's own. */
  readonly grid?: Grid;
}

export interface FinishedRun {
  readonly report: RunReport;
  readonly folder: RunFolder;
}

/** @throws UserError for a corpus, a grid or a table of features that a forest cannot learn from */
export async function trainForest(plan: TrainOptions, job: ForestJob): Promise<FinishedRun> {
  const { progress, begun, earlier } = job;
  const grid = begun?.grid ? gridOf(begun.grid) : job.grid ?? await readGrid(plan.grid);
  const found = alphabetical(await chooseCorpus(plan.data, progress, begun));
  partsOf(found, plan); // a split that is not possible is told before any file is opened
  const { skipBroken } = plan;
  const inputs = await loadInputs(found, system.input, { skipBroken, progress });
  const described = describeForest(plan, inputs, grid);
  if (begun) requireSameCorpus(inputs.corpus, described.corpus.clips, begun);
  const config = begun ? { ...described, started: begun.started } : described;
  const parts = partsOf(inputs.corpus, plan);
  const training = tableOf(inputs, parts.train);
  checkTable(training);
  const folder = earlier ?? await RunFolder.create(config, { out: plan.out });
  if (earlier) await earlier.writeConfig(config);

  const memory = new MemoryWatch();
  progress.line(
    `forest: ${
      combinations(grid).length
    } settings by ${system.folds} folds of ${parts.train.length} ` +
      `training clips, then ${parts.test.length} test clips${
        inputs.corpus.synthetic ? " (SYNTHETIC)" : ""
      }; ${config.split}`,
  );
  progress.start("forests", system.folds * combinations(grid).length);
  const search = await system.train(training, {
    seed: plan.seed,
    grid,
    onProgress({ done }) {
      memory.look();
      progress.update(done);
    },
  });
  progress.stop();
  const report = judge(search, {
    config,
    training,
    test: tableOf(inputs, parts.test),
    job,
    memory,
  });
  await write(folder, report, search.forest);
  return { report, folder };
}

/** Rows of the corpus as a forest learns and answers them. */
export function tableOf({ corpus, rows }: Inputs, chosen: readonly number[]): Table {
  const width = VECTOR_NAMES.length;
  const x = new Float32Array(chosen.length * width);
  chosen.forEach((r, i) => x.set(rows[r], i * width));
  const y = Int32Array.from(chosen, (r) => corpus.clips[r].label);
  return { x, y, classes: corpus.labels, names: VECTOR_NAMES };
}

/** The grid of a JSON file; the paper's without one. */
async function readGrid(file: string | undefined): Promise<Grid> {
  if (file === undefined) return system.grid;
  let given: unknown;
  try {
    given = JSON.parse(await readText(file));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`--grid ${file}: not JSON; expected lists such as {"trees": [100, 300]}`);
  }
  try {
    return gridOf(given);
  } catch (error) {
    throw error instanceof UserError ? new UserError(`--grid ${file}: ${error.message}`) : error;
  }
}

function judge(
  { points, best, forest }: GridResult,
  { config, training, test, job, memory }: {
    readonly config: RunConfig;
    readonly training: Table;
    readonly test: Table;
    readonly job: ForestJob;
    readonly memory: MemoryWatch;
  },
): RunReport {
  const probabilities = forest.probabilities(test.x);
  const answers = {
    labels: test.y,
    predictions: likeliest(probabilities, test.classes.length),
    probabilities,
    classes: test.classes,
  };
  memory.look();
  const metrics: RunMetrics = {
    system: config.system,
    protocol: config.protocol,
    seed: config.seed,
    fold: config.fold,
    device: config.device,
    synthetic: config.synthetic,
    paper: config.paper?.accuracy ?? null,
    test: computeMetrics(answers),
    validation: { n: training.y.length, loss: null, accuracy: best.mean },
    epochs: 0,
    bestEpoch: null,
    secondsPerEpoch: 0,
    seconds: (performance.now() - job.started) / 1000,
    peakMemoryMB: memory.peakMB,
  };
  const importances = impurityImportances(forest);
  const facts: Forest = {
    points,
    best,
    folds: system.folds,
    outOfBagScore: forest.outOfBagScore,
    importances: forest.names.map((name, f) => ({ name, share: importances[f] })),
  };
  job.progress.line(`best of the grid: ${percent(best.mean)} over the folds`);
  return { config, history: [], metrics, curves: classCurves(answers), forest: facts };
}

async function write(folder: RunFolder, report: RunReport, forest: RandomForest): Promise<void> {
  await folder.writeModel(encodeForestModel(forest, report.config));
  await folder.writeForest(report.forest!);
  await folder.writeHistory(report.history);
  await folder.writeCurves(report.curves);
  await folder.writeMetrics(report.metrics);
  await folder.writeReport(await renderReport(report));
}
