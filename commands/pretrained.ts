/**
 * Makes `models/pretrained/`: the shipped weights out of a run on every clip, and the model card out of
 * the runs that judged its recipe by actor.
 * Usage: deno task pretrained RUN FOLDER; RUN was trained with --split all, FOLDER holds runs by actor
 * and the outputs of `evaluate --robustness --json` as `robustness-*.json`. With FOLDER alone its runs,
 * of other seeds, join those on the card; the weights stay.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../engine/error.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type TensorData,
  toFloat32,
} from "../engine/io/safetensors.ts";
import { openDevice } from "../engine/open.ts";
import { FeatureEngine, SPEECH_RATE } from "../features/feature_engine.ts";
import { readAudio } from "../features/audio.ts";
import { openCorpus } from "../features/corpus/open.ts";
import type { Audio } from "../features/wav.ts";
import configuration from "../deno.json" with { type: "json" };
import { makeFolder, readText, writeWhole } from "../report/files.ts";
import { type CardFacts, type FoldFigures, modelCard } from "../report/model_card.ts";
import { prettyJson } from "../report/run_files.ts";
import { RunFolder } from "../report/run_folder.ts";
import type { CalibrationMetrics, Robustness, RunMetrics } from "../report/types.ts";
import { openClassifier } from "./model/classifier.ts";
import { commandOf } from "./run/command_line.ts";
import { failureOf } from "./words/failure.ts";
import { readFacts, readModel } from "./model/model_file.ts";
import { SHIPPED } from "./model/shipped.ts";
import { RAVDESS_FOLDER } from "./sources/corpus.ts";

const FOLDER = fileURLToPath(new URL("../models/pretrained/", import.meta.url));
const FACTS = join(FOLDER, "timbre.json");

/** A model's file with its matrices in half precision: half the bytes. */
export function halved(bytes: Uint8Array, file: string): Uint8Array<ArrayBuffer> {
  const { metadata, tensors } = decodeSafetensors(bytes, file);
  const halves = new Map<string, TensorData>();
  for (const [name, { dtype, shape, data }] of tensors) {
    const values = toFloat32(dtype, data);
    halves.set(
      name,
      shape.length > 1
        ? { dtype: "F16", shape, data: new Float16Array(values) }
        : { dtype: "F32", shape, data: values },
    );
  }
  return encodeSafetensors(halves, Object.fromEntries(metadata));
}

/** Vowels by formula, each of another pitch and pace. */
function exampleClips(): Audio[] {
  return [110, 180, 250, 330].map((pitch, i) => ({
    sampleRate: SPEECH_RATE,
    samples: Float32Array.from({ length: 1.5 * SPEECH_RATE }, (_, t) => {
      const phase = 2 * Math.PI * pitch * t / SPEECH_RATE * (1 + t / (8 * SPEECH_RATE));
      let x = 0;
      for (let k = 1; k <= 12; k++) x += Math.sin(k * phase) / k;
      return 0.2 * x * Math.sin(Math.PI * (2 + i) * t / SPEECH_RATE) ** 2;
    }),
  }));
}

/** Every 41st clip of the corpus in `folder`, by name: of RAVDESS one or two of each actor. */
export async function realClips(folder: string): Promise<Map<string, Audio>> {
  const { clips } = await openCorpus(folder);
  const chosen = clips.filter((_, i) => i % 41 === 0);
  const found = new Map<string, Audio>();
  for (const { id, path } of chosen) found.set(id, await readAudio(path));
  return found;
}

/** What a model's file answers to sounds, else to the examples: probabilities in the order of its labels. */
export async function answersTo(
  bytes: Uint8Array,
  sounds: Iterable<Audio> = exampleClips(),
): Promise<number[][]> {
  using device = await openDevice("cpu");
  using engine = await FeatureEngine.open();
  const { input, labels, classify } = await openClassifier(bytes, SHIPPED, device);
  const rows: Float32Array[] = [];
  for (const audio of sounds) rows.push(await engine.compute(input, audio));
  const { probabilities } = await classify(rows);
  const all = Array.from(probabilities);
  return rows.map((_, i) => all.slice(i * labels.length, (i + 1) * labels.length));
}

function rounded(rows: readonly (readonly number[])[]): number[][] {
  return rows.map((row) => row.map((p) => Number(p.toFixed(4))));
}

async function make(run: string, folder: string): Promise<void> {
  const all = await RunFolder.open(run);
  const [config, metrics] = [await all.readConfig(), await all.readMetrics()];
  if (config.protocol !== "all") throw new UserError(`${run}: it was not trained with --split all`);
  const bytes = halved(await readModel(all.modelPath), all.modelPath);
  const real = await realClips(config.data ?? RAVDESS_FOLDER);
  const { metadata, tensors } = decodeSafetensors(bytes, all.modelPath);
  const { labels, calibration, licence } = readFacts(metadata, all.modelPath);
  const facts: CardFacts = {
    ...{ labels, calibration, licence: licence ?? "none" },
    clips: config.corpus.clips.train,
    ...await judged(folder, config.system),
    robustness: await robustnessIn(folder),
    command: commandOf(config),
    ...{ device: metrics.device, seconds: metrics.seconds, version: configuration.version },
    parameters: [...tensors].filter(([name]) => isTrained(name))
      .reduce((sum, [, { shape }]) => sum + shape.reduce((a, b) => a * b, 1), 0),
    ...{ bytes: bytes.length, settings: config.settings },
    examples: rounded(await answersTo(bytes)),
    recordings: Object.fromEntries(
      rounded(await answersTo(bytes, real.values())).map((row, i) => [[...real.keys()][i], row]),
    ),
  };
  await makeFolder(FOLDER);
  await writeWhole(SHIPPED, bytes);
  await writeCard(facts);
}

/** Puts runs by actor of the shipped recipe on the card, in place of those of the same seed and fold. */
async function addRuns(folder: string): Promise<void> {
  const facts = JSON.parse(await readText(FACTS)) as CardFacts;
  const { folds } = await judged(folder, "timbre");
  await writeCard({ ...facts, folds: joined(facts.folds, folds) });
}

/** Both by seed and fold; where both have one, the newer. */
export function joined(
  old: readonly FoldFigures[],
  newer: readonly FoldFigures[],
): FoldFigures[] {
  const byRun = new Map([...old, ...newer].map((run) => [`${run.seed} ${run.fold}`, run]));
  return [...byRun.values()].sort(bySeedAndFold);
}

function bySeedAndFold(
  a: Pick<FoldFigures, "seed" | "fold">,
  b: Pick<FoldFigures, "seed" | "fold">,
): number {
  return a.seed - b.seed || a.fold - b.fold;
}

async function writeCard(facts: CardFacts): Promise<void> {
  await writeWhole(FACTS, prettyJson(facts));
  await writeWhole(join(FOLDER, "README.md"), modelCard(facts));
  console.log(`${FOLDER}: ${facts.bytes} bytes, ${facts.folds.length} runs by actor`);
}

/** Running statistics and the front end's are no parameters. */
function isTrained(name: string): boolean {
  return !/(^|\.)running_|^front_end\.|^normalization\./.test(name);
}

/** Runs by actor: those that trained on validation actors too are judged, or all where none did. */
async function judged(
  folder: string,
  system: string,
): Promise<{ folds: FoldFigures[]; calibrated: CalibrationMetrics[] }> {
  const runs: { metrics: RunMetrics; unvalidated: boolean }[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    const run = await RunFolder.open(join(folder, name)).catch(() => null);
    const metrics = await run?.readMetrics().catch(() => null);
    if (metrics?.system !== system || metrics.protocol !== "actors" || metrics.synthetic) continue;
    runs.push({ metrics, unvalidated: (await run!.readConfig()).unvalidated ?? false });
  }
  const full = runs.filter(({ unvalidated }) => unvalidated);
  const chosen = (full.length > 0 ? full : runs).map(({ metrics }) => metrics);
  if (chosen.length === 0) throw new UserError(`${folder}: it holds no finished run by actor`);
  const fitted = runs.flatMap(({ metrics: { calibration } }) => calibration ?? [])
    .filter(({ n }) => n > 0);
  return {
    folds: chosen.map(({ seed, fold, test: { n, confusion, uar } }) => ({
      ...{ seed, fold: fold!, n, uar: uar! },
      hits: confusion.reduce((sum, row, i) => sum + row[i], 0),
    })).sort(bySeedAndFold),
    calibrated: fitted,
  };
}

async function robustnessIn(folder: string): Promise<Robustness[][]> {
  const found: Robustness[][] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!/^robustness-.*\.json$/.test(name)) continue;
    const { robustness } = JSON.parse(await readText(join(folder, name)));
    if (robustness) found.push(robustness);
  }
  return found;
}

if (import.meta.main) {
  try {
    const [first, folder] = Deno.args;
    if (first === undefined) throw new UserError("usage: deno task pretrained [RUN] FOLDER");
    if (folder === undefined) await addRuns(first);
    else await make(first, folder);
  } catch (error) {
    const { line, code } = failureOf(error);
    console.error(`timbre: ${line}`);
    Deno.exit(code);
  }
}
