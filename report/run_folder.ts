/**
 * The folder of one run: `config.json`, `history.csv`, `metrics.json`, `curves.json`,
 * `model.safetensors`, `checkpoint/` and `report.html`; a forest's also `grid.csv` and
 * `importances.csv`; that of a fine-tuned network `huggingface/`, which holds the network itself.
 * Each file is written whole or not at all. A folder that holds anything but a run is never touched.
 */
import { dirname, join } from "node:path";
import { UserError } from "../engine/error.ts";
import { fileError, makeFolder, readText, writeWhole } from "./files.ts";
import {
  curvesJson,
  gridCsv,
  historyCsv,
  importancesCsv,
  parseConfig,
  parseCurves,
  parseHistory,
  parseMetrics,
  prettyJson,
} from "./run_files.ts";
import type { ClassCurves } from "./metrics.ts";
import type { Epoch, Forest, RunConfig, RunMetrics, RunReport } from "./types.ts";
import { systemName } from "./words.ts";

const CONFIG = "config.json";
const HISTORY = "history.csv";
const METRICS = "metrics.json";
const CURVES = "curves.json";
const REPORT = "report.html";
const MODEL = "model.safetensors";
const CHECKPOINT = "checkpoint";
const GRID = "grid.csv";
const IMPORTANCES = "importances.csv";
const HUGGING_FACE = "huggingface";

/** What training leaves behind, removed when another run takes the folder. */
const RESULTS = [
  HISTORY,
  METRICS,
  CURVES,
  REPORT,
  MODEL,
  CHECKPOINT,
  GRID,
  IMPORTANCES,
  HUGGING_FACE,
];

export class RunFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Makes the folder of a new run and writes its `config.json`, which proves that it can be written:
   * `out` if given, else `<root>/<system>-<variant>-<protocol>-<time>`.
   * An `out` that holds an earlier run is taken over and that run's results are removed.
   * Throws `UserError` when `out` is a file, holds something else than a run, or cannot be written.
   */
  static async create(
    config: RunConfig,
    { out, root = "runs" }: { readonly out?: string; readonly root?: string } = {},
  ): Promise<RunFolder> {
    const path = out === undefined
      ? await makeNamed(
        root,
        `${systemName(config)}-${config.protocol}-${timeStamp(config.started)}`,
      )
      : await takeOver(out);
    const folder = new RunFolder(path);
    await folder.writeConfig(config);
    for (const name of RESULTS) await removeIfThere(join(path, name));
    return folder;
  }

  /**
   * Says what `create` would refuse, before any work is done for it. Leaves nothing behind.
   * Throws `UserError` when `out` is a file, holds something else than a run, or cannot be written.
   */
  static async check(
    { out, root = "runs" }: { readonly out?: string; readonly root?: string } = {},
  ): Promise<void> {
    if (out !== undefined) refuseTaken(out, await stateOf(out));
    const path = out ?? root;
    try {
      await Deno.remove(await Deno.makeTempFile({ dir: await nearestFolder(path) }));
    } catch (error) {
      throw fileError(error, "write", path);
    }
  }

  /**
   * The model file of a run, which answers by itself: nothing else of the run need be there.
   * `path` is the run's folder, or the model file itself.
   */
  static async findModel(path: string): Promise<string> {
    const state = await stateOf(path);
    if (state === "file") return path;
    if (state === "run") return join(path, MODEL);
    const model = join(path, MODEL);
    if (await stateOf(model) === "file") return model;
    throw new UserError(
      `${path}: ${WHAT_IS[state]}; give the folder of a run, such as runs/NAME`,
    );
  }

  /** Opens the folder of an earlier run. Throws `UserError` when it is none. */
  static async open(path: string): Promise<RunFolder> {
    const state = await stateOf(path);
    if (state !== "run") {
      throw new UserError(
        `${path}: ${WHAT_IS[state]}; give the folder of a run, such as runs/NAME`,
      );
    }
    return new RunFolder(path);
  }

  /** The path of a file in the folder. */
  file(name: string): string {
    return join(this.path, name);
  }

  get modelPath(): string {
    return this.file(MODEL);
  }

  get checkpointPath(): string {
    return this.file(CHECKPOINT);
  }

  /** The network of a fine-tuned run, in the layout of Hugging Face. */
  get huggingFacePath(): string {
    return this.file(HUGGING_FACE);
  }

  get reportPath(): string {
    return this.file(REPORT);
  }

  async writeConfig(config: RunConfig): Promise<void> {
    await writeWhole(this.file(CONFIG), prettyJson(config));
  }

  async writeHistory(history: readonly Epoch[]): Promise<void> {
    await writeWhole(this.file(HISTORY), historyCsv(history));
  }

  async writeMetrics(metrics: RunMetrics): Promise<void> {
    await writeWhole(this.file(METRICS), prettyJson(metrics));
  }

  async writeCurves(curves: readonly ClassCurves[]): Promise<void> {
    await writeWhole(this.file(CURVES), curvesJson(curves));
  }

  /** A forest's `grid.csv` and `importances.csv`. */
  async writeForest(forest: Forest): Promise<void> {
    await writeWhole(this.file(GRID), gridCsv(forest));
    await writeWhole(this.file(IMPORTANCES), importancesCsv(forest));
  }

  async writeModel(bytes: Uint8Array): Promise<void> {
    await writeWhole(this.modelPath, bytes);
  }

  async writeReport(html: string): Promise<void> {
    await writeWhole(this.reportPath, html);
  }

  async readConfig(): Promise<RunConfig> {
    return parseConfig(await readText(this.file(CONFIG)), this.file(CONFIG));
  }

  async readHistory(): Promise<Epoch[]> {
    return parseHistory(await readText(this.file(HISTORY)), this.file(HISTORY));
  }

  async readMetrics(): Promise<RunMetrics> {
    return parseMetrics(await readText(this.file(METRICS)), this.file(METRICS));
  }

  async readCurves(): Promise<ClassCurves[]> {
    return parseCurves(await readText(this.file(CURVES)), this.file(CURVES));
  }

  /** All that a report shows. Throws `UserError` when the run is not finished or a file is damaged. */
  async readAll(): Promise<RunReport> {
    return {
      config: await this.readConfig(),
      history: await this.readHistory(),
      metrics: await this.readMetrics(),
      curves: await this.readCurves(),
    };
  }
}

type FolderState = "missing" | "file" | "empty" | "other" | "run";

const WHAT_IS: Record<Exclude<FolderState, "run">, string> = {
  missing: "there is no such folder",
  file: "a file, not a folder",
  empty: "the folder is empty",
  other: "the folder holds no run",
};

async function stateOf(path: string): Promise<FolderState> {
  try {
    const stat = await Deno.stat(path);
    if (!stat.isDirectory) return "file";
    let empty = true;
    for await (const entry of Deno.readDir(path)) {
      if (entry.name === CONFIG && entry.isFile) return await isRun(path) ? "run" : "other";
      empty = false;
    }
    return empty ? "empty" : "other";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "missing";
    throw fileError(error, "read", path);
  }
}

/** Enough to know one's own: what is wrong with a damaged one is said when it is read. */
async function isRun(path: string): Promise<boolean> {
  try {
    const config: unknown = JSON.parse(await readText(join(path, CONFIG)));
    return typeof config === "object" && config !== null && "system" in config &&
      "protocol" in config;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

async function takeOver(out: string): Promise<string> {
  const state = await stateOf(out);
  refuseTaken(out, state);
  if (state === "missing") await makeFolder(out);
  return out;
}

function refuseTaken(out: string, state: FolderState): void {
  if (state === "file") throw new UserError(`--out ${out}: a file; give a folder, new or empty`);
  if (state === "other") {
    throw new UserError(
      `--out ${out}: the folder is not empty and holds no run; give a new or empty one`,
    );
  }
}

/** `path`, or the nearest one above it that is there. */
async function nearestFolder(path: string): Promise<string> {
  try {
    await Deno.stat(path);
    return path;
  } catch (error) {
    const above = dirname(path);
    if (!(error instanceof Deno.errors.NotFound) || above === path) throw error;
    return await nearestFolder(above);
  }
}

/** Makes `root/name`, or `root/name-2` and so on where the second is already taken. */
async function makeNamed(root: string, name: string): Promise<string> {
  await makeFolder(root);
  for (let attempt = 1;; attempt++) {
    const path = join(root, attempt === 1 ? name : `${name}-${attempt}`);
    try {
      await Deno.mkdir(path);
      return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw fileError(error, "make", path);
    }
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError(error, "write", path);
  }
}

/** `20260131-174502`: an ISO time as the clock on the wall shows it. */
function timeStamp(iso: string): string {
  const time = new Date(iso);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}-` +
    `${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}
