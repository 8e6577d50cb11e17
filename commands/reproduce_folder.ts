/**
 * What lies in the folder of a reproduction: whether it is one of this version, and of each run
 * whether it is finished, begun or missing, and is the very run that its name says.
 */
import { join } from "node:path";
import { UserError } from "../engine/error.ts";
import { decodeSafetensors } from "../engine/io/safetensors.ts";
import type { Corpus } from "../features/corpus/clip.ts";
import { forest } from "../models/forest.ts";
import { SYSTEMS } from "../models/systems.ts";
import { fileError, readText } from "../report/files.ts";
import { type Reproduction, REPRODUCTION_VERSION } from "../report/reproduction.ts";
import { RunFolder } from "../report/run_folder.ts";
import { fields, flag, mapOf, text, whole } from "../report/shape.ts";
import type { RunConfig, RunMetrics } from "../report/types.ts";
import { readFacts, readModel } from "./model/model_file.ts";
import type { PlannedRun } from "./reproduce_rows.ts";
import { recipesOf } from "./run/run_config.ts";

export type RunState = "missing" | "begun" | "finished";

type Maker = Pick<Reproduction, "timbre" | "inputs" | "quick">;

const maker = fields<Maker & { readonly version: number }>({
  version: whole,
  timbre: text,
  inputs: mapOf(whole),
  quick: flag,
});

/** Throws `UserError` where `out` holds a reproduction whose figures do not belong beside these. */
export async function requireSameReproduction(out: string, ours: Maker): Promise<void> {
  const file = join(out, "reproduction.json");
  if (!await exists(file)) return;
  let value: unknown;
  try {
    value = JSON.parse(await readText(file));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`${file}: not JSON; remove it, or give another --out`);
  }
  const { version, ...theirs } = maker(value, file);
  const words = ({ timbre, inputs, quick }: Maker) =>
    `${quick ? "a --quick trial" : "a whole reproduction"} by version ${timbre} with features ${
      Object.entries(inputs).map(([kind, of]) => `${kind} ${of}`).sort().join(", ")
    }`;
  // Kinds of features that one of the two does not know have made none of its figures.
  const changed = Object.entries(theirs.inputs).some(([kind, of]) =>
    kind in ours.inputs && ours.inputs[kind] !== of
  );
  const same = theirs.timbre === ours.timbre && theirs.quick === ours.quick && !changed;
  if (version === REPRODUCTION_VERSION && same) return;
  throw new UserError(
    `${out}: holds ${words(theirs)} (form ${version}), and this is ${words(ours)} ` +
      `(form ${REPRODUCTION_VERSION}): they are not mixed; give another --out`,
  );
}

export interface Inspected {
  readonly state: RunState;
  /** Of a finished run. */
  readonly metrics: RunMetrics | null;
}

/** Throws `UserError` where the folder holds another run than its name says, or is damaged. */
export async function inspectRun(
  path: string,
  run: PlannedRun,
  { quick, corpus }: { readonly quick: boolean; readonly corpus: Corpus },
): Promise<Inspected> {
  if (!await exists(join(path, "config.json"))) return { state: "missing", metrics: null };
  const folder = await RunFolder.open(path);
  const other = difference(await folder.readConfig(), run, { quick, corpus });
  if (other !== null) {
    throw new UserError(`${path}: its ${other}; move it away, or give another --out`);
  }
  if (!await exists(folder.file("metrics.json"))) {
    const begun = await hasCheckpoint(folder.checkpointPath);
    return { state: begun ? "begun" : "missing", metrics: null };
  }
  // Models say for which version of the features they were made, and runs do not.
  const { metadata } = decodeSafetensors(await readModel(folder.modelPath), folder.modelPath);
  try {
    readFacts(metadata, folder.modelPath);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${error.message}: move ${path} away, or give another --out`);
  }
  return { state: "finished", metrics: await folder.readMetrics() };
}

/** The first thing in which a run is another than the planned one. */
function difference(
  config: RunConfig,
  { plan, row, grid }: PlannedRun,
  { quick, corpus }: { readonly quick: boolean; readonly corpus: Corpus },
): string | null {
  const clips = Object.values(config.corpus.clips).reduce((sum, n) => sum + n, 0);
  const system = SYSTEMS.get(plan.system);
  const recipes = system && recipesOf(system, plan, corpus);
  const values: [what: string, is: unknown, should: unknown][] = [
    ["system", config.system, plan.system],
    ["split", config.protocol, plan.split],
    ["seed", config.seed, plan.seed],
    ["fold", config.fold, plan.fold],
    ["validation", config.unvalidated ?? false, plan.unvalidated],
    ["augmentation", config.augment ?? null, plan.augment ?? null],
    ["corpus", config.synthetic ? "synthetic" : "real", corpus.synthetic ? "synthetic" : "real"],
    ["recipe", json(config.recipe), json(recipes?.recipe)],
    ["pretraining", json(config.pretrain), json(recipes?.pretrain)],
    ["grid", json(config.grid), json(system ? null : grid ?? forest.grid)],
  ];
  // With clips left out nobody knows how many before all have been opened.
  if (!plan.skipBroken && !config.skipBroken) {
    values.push(["number of clips", clips, corpus.clips.length]);
  }
  const found = values.find(([, is, should]) => is !== should);
  if (!found) return null;
  const [what, is, should] = found;
  const of = quick ? `a quick run of ${row.name}` : `a run of ${row.name}`;
  return `${what} is ${is ?? "none"}, and ${of} has ${should ?? "none"}`;
}

function json(value: unknown): string | null {
  return value === undefined || value === null ? null : JSON.stringify(value);
}

async function hasCheckpoint(folder: string): Promise<boolean> {
  try {
    const names = await Array.fromAsync(Deno.readDir(folder), ({ name }) => name);
    return names.some((name) => name.endsWith(".safetensors"));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw fileError(error, "read", folder);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw fileError(error, "read", path);
  }
}
