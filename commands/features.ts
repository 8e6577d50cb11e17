/**
 * `features`: a corpus as a table, one row a clip: what its name tells, then the 121 numbers that the forest
 * and the MLP take. As CSV (RFC 4180) or as JSON records, which spreadsheets and pandas read as they are.
 */
import { relative } from "node:path";
import { openCorpus } from "../features/corpus/open.ts";
import type { Corpus } from "../features/corpus/clip.ts";
import { VECTOR_NAMES } from "../features/vector.ts";
import { type Cell, csvOf } from "../report/csv.ts";
import { tryWriting, writeWhole } from "../report/files.ts";
import { createProgress } from "../report/progress.ts";
import { loadInputs } from "./model/inputs.ts";
import type { FeaturesOptions } from "./words/options.ts";

/** What a file's name tells, in the order of the columns. */
export const METADATA = [
  "file",
  "emotion",
  "intensity",
  "statement",
  "repetition",
  "actor",
  "sex",
  "synthetic",
] as const;

/** A row of the table; null where a name does not tell. */
export type FeatureRow = Record<string, Cell>;

export async function features({ dir, out, json, skipBroken }: FeaturesOptions): Promise<void> {
  const progress = createProgress();
  const found = await openCorpus(dir);
  await tryWriting(out, found.clips.map(({ path }) => path));
  const { corpus, rows: vectors } = await loadInputs(found, "vector", {
    skipBroken,
    progress,
  });
  for (const note of corpus.notes) progress.line(`note: ${note}`);
  const rows = tableOf(corpus, vectors, dir);
  await writeWhole(out, json ? `${JSON.stringify(rows, null, 1)}\n` : toCsv(rows));
  console.log(
    `${out}: ${rows.length} clips${corpus.synthetic ? " of SYNTHETIC voices" : ""}, ` +
      `${METADATA.length} columns of metadata and ${VECTOR_NAMES.length} features`,
  );
}

/**
 * One row a clip, all with the same keys: METADATA, then VECTOR_NAMES.
 *
 * @param vectors one a clip
 * @param dir the folder that files are named from
 */
export function tableOf(
  corpus: Corpus,
  vectors: readonly Float32Array[],
  dir: string,
): FeatureRow[] {
  return corpus.clips.map((clip, row) => ({
    file: relative(dir, clip.path),
    emotion: corpus.labels[clip.label],
    intensity: clip.intensity === undefined ? null : ["normal", "strong"][clip.intensity - 1],
    statement: clip.statement ?? null,
    repetition: clip.repetition ?? null,
    actor: clip.actor ?? null,
    sex: clip.sex ?? null,
    synthetic: corpus.synthetic ? "yes" : "no",
    ...Object.fromEntries(VECTOR_NAMES.map((name, i) => [name, shortest(vectors[row][i])])),
  }));
}

/** The keys of the first row on top. */
export function toCsv(rows: readonly FeatureRow[]): string {
  const names = Object.keys(rows[0]);
  return csvOf([names, ...rows.map((row) => names.map((name) => row[name]))]);
}

/** The number of fewest digits that is the same in f32. */
function shortest(x: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(x.toPrecision(digits));
    if (Math.fround(rounded) === x) return rounded;
  }
  return Number(x.toPrecision(9));
}
