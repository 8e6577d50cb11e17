/**
 * `data`: RAVDESS's speech from Zenodo into the folder where `train` looks. The archive is fetched
 * beside it and checked, unpacked into a folder that gets its name when all recordings are there.
 */
import { dirname, join, resolve } from "node:path";
import { UserError } from "../engine/error.ts";
import { ravdessSpeechFiles } from "../features/corpus/ravdess.ts";
import { fileError, makeFolder } from "../report/files.ts";
import { createProgress, type Progress } from "../report/progress.ts";
import { counted } from "../report/words.ts";
import { RAVDESS_FOLDER } from "./sources/corpus.ts";
import { showingBytes } from "./sources/download.ts";
import type { DataOptions } from "./words/options.ts";
import { survey } from "./sources/recordings.ts";
import { unpack } from "./sources/unpack.ts";
import { address } from "./words/values.ts";
import { ZENODO, Zenodo, type ZenodoRecord } from "./sources/zenodo.ts";

const RECORD = 1188976;
const ARCHIVE = "Audio_Speech_Actors_01-24.zip";

/** Shown before anything is fetched. */
const LICENCE = [
  "RAVDESS, audio of speech: 24 actors, 1,440 recordings",
  "  licence   CC BY-NC-SA 4.0: not for commercial use; what is made of it keeps the licence",
  "            (https://creativecommons.org/licenses/by-nc-sa/4.0/)",
  "  cite      Livingstone SR, Russo FA (2018). The Ryerson Audio-Visual Database of Emotional",
  "            Speech and Song (RAVDESS). PLoS ONE 13(5): e0196391.",
  "            https://doi.org/10.1371/journal.pone.0196391",
  `  from      ${ZENODO}/records/${RECORD}`,
];

export async function data({ out = RAVDESS_FOLDER, keep }: DataOptions): Promise<void> {
  const endpoint = address("TIMBRE_ZENODO", ZENODO)(Deno.env.get("TIMBRE_ZENODO"));
  const progress = createProgress();
  const found = await fetchRavdess(out, { endpoint, keep, progress });
  const use = out === RAVDESS_FOLDER ? "deno task train finds it" : `use it with --data ${out}`;
  const recordings = counted(ravdessSpeechFiles().length, "recording");
  console.log(`${out}: ${recordings}${found ? ", all there already" : ""}; ${use}`);
}

export interface FetchOptions extends Omit<ZenodoRecord, "id" | "say"> {
  /** Leave the archive beside the folder. */
  readonly keep: boolean;
  readonly progress: Progress;
  /** Paths in the archive and in the folder (default: RAVDESS's 1,440). */
  readonly wanted?: readonly string[];
}

/**
 * Fetches the recordings into `folder`, and says true where they were there already.
 * Throws one line where that fails; `folder` is as it was then, and what was fetched is kept.
 */
export async function fetchRavdess(
  folder: string,
  { keep, progress, wanted = ravdessSpeechFiles(), ...server }: FetchOptions,
): Promise<boolean> {
  const before = await survey(folder, wanted);
  if (before.state === "whole") return true;
  if (before.state === "lacking") {
    throw new UserError(
      `${folder} is not empty: ${before.words}; move it away, or choose another folder with --out`,
    );
  }
  for (const line of LICENCE) progress.line(line);
  const place = await Deno.realPath(folder).catch(() => resolve(folder)); // it may be a link
  const archive = join(dirname(place), ARCHIVE);
  await makeFolder(dirname(place));
  const zenodo = new Zenodo({ ...server, id: RECORD, say: (line) => progress.line(line) });
  const file = await zenodo.file(ARCHIVE);
  const fetched = await showingBytes(
    progress,
    file,
    (report) => zenodo.download(file, archive, report),
  );
  await unpackWhole(archive, place, { progress, wanted });
  if (!fetched) progress.line(`${archive} was there before, and stays`);
  else if (!keep) await Deno.remove(archive);
  return false;
}

/** Unpacks into a folder beside, which takes its name when it is whole. */
async function unpackWhole(
  archive: string,
  folder: string,
  { progress, wanted }: Pick<FetchOptions, "progress"> & { readonly wanted: readonly string[] },
): Promise<void> {
  const temporary = `${folder}.unpacking`;
  await removeFolder(temporary); // of a run that was ended
  try {
    await makeFolder(temporary);
    progress.start("unpacking, files", wanted.length);
    const left = await unpack(archive, temporary, {
      wanted,
      report: (files) => progress.update(files),
    }).finally(() => progress.stop());
    if (left > 0) progress.line(`left out beside the recordings: ${counted(left, "file")}`);
    await Deno.remove(folder).catch(() => {}); // an empty one; where it is not, renaming says so
    await Deno.rename(temporary, folder);
  } catch (error) {
    await removeFolder(temporary);
    throw fileError(error, "write", folder);
  }
}

async function removeFolder(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw fileError(error, "write", path);
  }
}
