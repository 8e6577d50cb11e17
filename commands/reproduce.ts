/**
 * `reproduce`: every row of the paper's tables, over seeds on its random split and over folds of
 * actors. Each run is an ordinary run folder below OUT/runs, made by the code that `train` runs:
 * finished ones are read, interrupted ones go on, the others begin. The reports are written anew
 * after every run.
 */
import { join } from "node:path";
import { UserError } from "../engine/error.ts";
import { NotFinite } from "../engine/train/trainer.ts";
import { FEATURES } from "../features/feature_engine.ts";
import type { Corpus } from "../features/corpus/clip.ts";
import { makeFolder, writeWhole } from "../report/files.ts";
import { wilson95 } from "../report/metrics.ts";
import { createProgress, type Progress } from "../report/progress.ts";
import {
  figuresOf,
  protocolFigures,
  reproducedRow,
  type Reproduction,
  REPRODUCTION_VERSION,
  type RunFigures,
} from "../report/reproduction.ts";
import { reproductionHtml } from "../report/reproduction_html.ts";
import { reproductionMarkdown } from "../report/reproduction_markdown.ts";
import { prettyJson } from "../report/run_files.ts";
import { duration } from "../report/words.ts";
import configuration from "../deno.json" with { type: "json" };
import { chooseCorpus } from "./sources/corpus.ts";
import { Stopped } from "./words/failure.ts";
import { INTERRUPTED } from "./run/interrupt.ts";
import type { ReproduceOptions } from "./words/options.ts";
import { inspectRun, requireSameReproduction, type RunState } from "./reproduce_folder.ts";
import {
  hasCheckpoint,
  isExtra,
  type PlannedRun,
  planRuns,
  type ReproductionPlan,
  type Row,
  ROWS,
  SEEDS,
} from "./reproduce_rows.ts";
import { partsOf } from "./run/run_config.ts";
import { runTraining } from "./train.ts";

export async function reproduce(options: ReproduceOptions): Promise<void> {
  const progress = createProgress();
  const wanted = planRuns(options);
  const { out } = options;
  const bare = wanted.rows.find((row) => !hasCheckpoint(row, options));
  if (bare && !options.reportOnly) {
    const option = bare.needs === "weightsBase" ? "--weights-base" : "--weights-large";
    throw new UserError(
      `${bare.name} begins from a checkpoint: give its folder with ${option} DIR`,
    );
  }
  await requireSameReproduction(out, { quick: options.quick, ...made() });
  const corpus = await chooseCorpus(options.data, progress);
  // Splits that are not possible, and runs that are not these, are told before anything is trained.
  for (const { plan } of wanted.runs) partsOf(corpus, plan);
  const book = new Book(options, wanted, corpus);
  await book.readAll();
  await makeFolder(out);
  await book.write();
  if (!options.reportOnly) await runAll(book, { wanted, options, progress });
  console.log(await book.write());
}

/** What made the figures, as far as they depend on it. */
function made() {
  const inputs = Object.entries(FEATURES).map(([kind, { version }]) => [kind, version]);
  return { timbre: configuration.version, inputs: Object.fromEntries(inputs) };
}

async function runAll(book: Book, { wanted, options, progress }: {
  readonly wanted: ReproductionPlan;
  readonly options: ReproduceOptions;
  readonly progress: Progress;
}): Promise<void> {
  const total = wanted.runs.length;
  for (const [i, run] of wanted.runs.entries()) {
    const state = book.stateOf(run);
    if (state === "finished") continue;
    const quick = options.quick ? " (QUICK)" : "";
    progress.line(`[${i + 1} of ${total}] ${run.name}${quick}${book.timeLeft(wanted.runs)}`);
    const path = join(options.out, "runs", run.name);
    const where = state === "begun" ? { resume: path } : { out: path };
    try {
      const { report } = await runTraining({ ...run.plan, ...where }, { progress, grid: run.grid });
      book.add(run, figuresOf(run.name, report.metrics));
    } catch (error) {
      await book.write();
      if (error instanceof Error && error.cause instanceof NotFinite) {
        progress.line(`${run.name}: ${error.message}`);
        book.fail(run);
        continue;
      }
      if (error instanceof Stopped && error.code === INTERRUPTED) {
        throw new Stopped(
          `stopped in ${run.name} and saved; the same command goes on from here`,
          INTERRUPTED,
        );
      }
      throw error;
    }
    await book.write();
  }
}

/** All runs of the rows by name, and the files that are written of them. */
class Book {
  readonly #options: ReproduceOptions;
  readonly #wanted: ReproductionPlan;
  readonly #corpus: Corpus;
  readonly #states = new Map<string, RunState>();
  readonly #figures = new Map<string, RunFigures>();
  readonly #failed = new Set<string>();

  constructor(options: ReproduceOptions, wanted: ReproductionPlan, corpus: Corpus) {
    this.#options = options;
    this.#wanted = wanted;
    this.#corpus = corpus;
  }

  /**
   * Looks at what is there of every row, asked for now or before. Throws `UserError` for a folder
   * that holds another run than its name says.
   */
  async readAll(): Promise<void> {
    for (const run of this.#allRuns()) {
      const found = await inspectRun(join(this.#options.out, "runs", run.name), run, {
        quick: this.#options.quick,
        corpus: this.#corpus,
      });
      this.#states.set(run.name, found.state);
      if (found.metrics) this.#figures.set(run.name, figuresOf(run.name, found.metrics));
    }
  }

  stateOf({ name }: PlannedRun): RunState {
    return this.#states.get(name) ?? "missing";
  }

  add({ name }: PlannedRun, figures: RunFigures): void {
    this.#states.set(name, "finished");
    this.#figures.set(name, figures);
  }

  fail({ name }: PlannedRun): void {
    this.#failed.add(name);
  }

  /** Time for all that is not finished, from what finished runs took; nothing before the first. */
  timeLeft(runs: readonly PlannedRun[]): string {
    const done = this.#allRuns().filter(({ name }) => this.#figures.has(name));
    const seconds = ({ name }: PlannedRun) => this.#figures.get(name)!.seconds;
    const weights = sum(done.map(({ row }) => row.weight));
    if (weights === 0) return "";
    const pace = sum(done.map(seconds)) / weights;
    const left = runs.filter(({ name }) => !this.#figures.has(name)).map(({ row }) => {
      const same = done.filter((other) => other.row === row).map(seconds);
      return same.length > 0 ? sum(same) / same.length : pace * row.weight;
    });
    return `; left about ${duration(sum(left))}`;
  }

  /** Writes `reproduction.json` and both reports; gives the table. */
  async write(): Promise<string> {
    const { out } = this.#options;
    const all = this.#reproduction();
    const table = reproductionMarkdown(all);
    await writeWhole(join(out, "reproduction.json"), prettyJson(all));
    await writeWhole(join(out, "report.md"), table);
    await writeWhole(join(out, "report.html"), await reproductionHtml(all));
    return table;
  }

  #reproduction(): Reproduction {
    const { quick } = this.#options;
    const { name, clips, synthetic } = this.#corpus;
    const devices = [...this.#figures.values()].map(({ device }) => device);
    return {
      version: REPRODUCTION_VERSION,
      ...made(),
      quick,
      synthetic,
      corpus: { name, clips: clips.length },
      devices: [...new Set(devices)],
      date: new Date().toISOString(),
      rows: ROWS.flatMap((row) => this.#row(row)),
    };
  }

  #row(row: Row) {
    const runs = this.#allRuns().filter((run) => run.row === row);
    const random = this.#figuresOf(row, "random");
    const actors = this.#figuresOf(row, "actors");
    if (isExtra(row) && !random && !actors && !this.#wanted.rows.includes(row)) return [];
    const { paper } = row;
    return [reproducedRow({
      name: row.name,
      title: row.title,
      paper: paper && {
        accuracy: paper.accuracy,
        n: paper.n,
        ci95: wilson95(Math.round(paper.accuracy * paper.n), paper.n),
      },
      open: random || actors || hasCheckpoint(row, this.#options) ? row.open : null,
      failed: runs.map((run) => run.name).filter((run) => this.#failed.has(run)),
    }, {
      random,
      actors,
      plain: this.#plain(row),
      comparable: !quickOrSynthetic(this.#options, this.#corpus),
    })];
  }

  #figuresOf(row: Row, protocol: "random" | "actors") {
    const runs = this.#allRuns().filter((run) => run.row === row && run.plan.split === protocol);
    const of = protocol === "random" ? this.#seeds().length : this.#wanted.folds.length;
    return protocolFigures(runs.flatMap(({ name }) => this.#figures.get(name) ?? []), {
      protocol,
      of,
    });
  }

  /** By actor, the row of the same network that adds nothing to its training. */
  #plain(row: Row) {
    const plain = ROWS.find(({ name }) => name === row.system);
    if (!plain || plain === row) return null;
    const actors = this.#figuresOf(plain, "actors");
    return actors && { title: plain.title, actors };
  }

  /** Those asked for now, and those of the whole reproduction, which an earlier call may have run. */
  #seeds(): readonly number[] {
    return [...new Set([...this.#wanted.seeds, ...this.#options.quick ? [] : SEEDS])];
  }

  /** Of every row on both protocols, whatever this call was asked for. */
  #allRuns(): readonly PlannedRun[] {
    const systems = ROWS.filter(({ pretrain }) => !(this.#options.quick && pretrain))
      .map(({ name }) => name);
    const seeds = this.#seeds();
    return planRuns({ ...this.#options, systems, seeds, split: undefined }).runs;
  }
}

function quickOrSynthetic({ quick }: ReproduceOptions, { synthetic }: Corpus): boolean {
  return quick || synthetic;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
