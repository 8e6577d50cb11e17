/** Which recordings a command works on: the folder it was given, RAVDESS where it is found, or the built-in voices. */
import { UserError } from "../../engine/error.ts";
import { openCorpus } from "../../features/corpus/open.ts";
import { makeSyntheticCorpus } from "../../features/corpus/synthetic.ts";
import { byCodeUnit, type Corpus } from "../../features/corpus/clip.ts";
import {
  isFeatureTable,
  parseFeatureTable,
  type TableCorpus,
} from "../../features/feature_table.ts";
import { readText } from "../../report/files.ts";
import type { Progress } from "../../report/progress.ts";
import type { RunConfig } from "../../report/types.ts";

/** Where `train` looks for RAVDESS when no `--data` is given. */
export const RAVDESS_FOLDER = "data/ravdess";
export const SYNTHETIC_FOLDER = "synthetic";
const SYNTHETIC_SEED = 1;

/**
 * Opens `data`, else `data/ravdess`, else makes the synthetic corpus; says which and why. A run that
 * began on synthetic voices gets them again, wherever RAVDESS has been put since.
 */
export async function chooseCorpus(
  data: string | undefined,
  progress: Progress,
  begun?: RunConfig,
): Promise<Corpus | TableCorpus> {
  if (data !== undefined) return await openData(data);
  if (!begun?.synthetic && await isFolder(RAVDESS_FOLDER)) {
    progress.line(`data: ${RAVDESS_FOLDER}`);
    return await openCorpus(RAVDESS_FOLDER);
  }
  progress.line(
    begun?.synthetic
      ? "data: the built-in SYNTHETIC voices, as the run began"
      : `data: no RAVDESS in ${RAVDESS_FOLDER} (deno task data fetches it) and no --data DIR, so the ` +
        "built-in SYNTHETIC voices are used",
  );
  let started = false;
  await makeSyntheticCorpus(SYNTHETIC_FOLDER, {
    seed: SYNTHETIC_SEED,
    onProgress(done, total) {
      if (!started) progress.start("voices", total);
      started = true;
      progress.update(done);
    },
  });
  progress.stop();
  return await openCorpus(SYNTHETIC_FOLDER);
}

/** The folder, or the table of features, that `--data` names. */
export async function openData(data: string): Promise<Corpus | TableCorpus> {
  return isFeatureTable(data)
    ? parseFeatureTable(await readText(data), data)
    : await openCorpus(data);
}

/** The same clips with labels numbered as `labels` has them; throws where one is not among those. */
export function withLabels<C extends Corpus>(corpus: C, labels: readonly string[]): C {
  const index = corpus.labels.map((l) => labels.indexOf(l));
  const stranger = corpus.labels.find((_, i) => index[i] < 0);
  if (stranger !== undefined) {
    throw new UserError(
      `${corpus.name}: class "${stranger}" is unknown to the model, which knows ${
        labels.join(", ")
      }`,
    );
  }
  const clips = corpus.clips.map((c) => ({ ...c, label: index[c.label] }));
  return { ...corpus, labels, clips };
}

/** The same clips with labels numbered in alphabetical order, as scikit-learn's LabelEncoder does. */
export function alphabetical<C extends Corpus>(corpus: C): C {
  return withLabels(corpus, corpus.labels.toSorted(byCodeUnit));
}

/** Throws where there is nothing to tell apart: a folder of one emotion's clips, however named. */
export function requireClasses({ name, labels, clips }: Corpus): void {
  const heard = new Set(clips.map((clip) => clip.label));
  if (heard.size > 1) return;
  const which = [...heard].map((label) => `only '${labels[label]}'`)[0] ?? "no clip";
  throw new UserError(`${name}: expected clips of two classes at least, and found ${which}`);
}

/**
 * Throws unless a run's clips are what they were when it began: else clips that it was trained on
 * would be tested, and its normalisation would be another's.
 */
export function requireSameCorpus(
  { name, labels }: Corpus,
  clips: RunConfig["corpus"]["clips"],
  { corpus: then }: RunConfig,
): void {
  const said = (ours: readonly string[], { train, validation, test }: typeof clips) =>
    `${train}, ${validation} and ${test} clips of ${ours.join(", ")}`;
  const now = said(labels, clips);
  const before = said(then.labels, then.clips);
  if (now !== before) {
    throw new UserError(
      `${name}: it now has ${now} to train, validate and test; the run began with ${before}. ` +
        "Give the same recordings with --data, or train anew",
    );
  }
}

/** What binds a model that was trained on RAVDESS. */
export const RAVDESS_LICENCE =
  "trained on RAVDESS (CC BY-NC-SA 4.0): for non-commercial use, under the same licence";

/** What binds a model that was trained on it; null where nothing is known to. */
export function licenceOf({ kind, synthetic }: Corpus): string | null {
  return synthetic || kind !== "ravdess" ? null : RAVDESS_LICENCE;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
