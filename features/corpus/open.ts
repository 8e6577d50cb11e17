/**
 * Opens a folder as a corpus: RAVDESS if most of its audio files are named so, else one folder
 * a class. The built-in corpus carries a marker file and RAVDESS names, and is flagged.
 */

import { basename, join, resolve } from "node:path";
import { UserError } from "../../engine/error.ts";
import type { Corpus } from "./clip.ts";
import { foldersCorpus } from "./folders.ts";
import { looksLikeRavdess, ravdessCorpus } from "./ravdess.ts";
import { AUDIO_EXTENSIONS, findAudio } from "./scan.ts";
import { readMarker } from "./synthetic.ts";

/**
 * @param dir the corpus folder; needs permission to read it
 * @throws UserError in one line, if there is no such folder, nothing to hear in it, or one class only
 */
export async function openCorpus(dir: string): Promise<Corpus> {
  const files = await findAudio(dir);
  if (files.length === 0) {
    throw new UserError(`no audio in ${dir}: expected files such as ${kinds()}`);
  }
  const marker = await readMarker(dir);
  if (marker !== null) {
    if (marker.complete !== true) {
      throw new UserError(
        `${dir} holds a synthetic corpus that was not finished; make it again or delete it`,
      );
    }
    return ravdessCorpus(files, { name: "synthetic", synthetic: true });
  }
  const ravdess = files.filter((file) => looksLikeRavdess(file.stem)).length;
  const name = basename(resolve(dir));
  if (2 * ravdess <= files.length) return foldersCorpus(files, { name });
  await requireActors(dir);
  const corpus = ravdessCorpus(files, { name: "RAVDESS" });
  if (corpus.clips.length === 0) {
    throw new UserError(
      `no speech in ${dir}: expected audio-only speech named 03-01-…, found ` +
        corpus.notes.join("; "),
    );
  }
  return corpus;
}

/** Throws for a folder `Actor_NN` without a clip: folds by actor would silently be other folds. */
async function requireActors(dir: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(dir)) {
    if (!isDirectory || !/^Actor_\d\d$/.test(name)) continue;
    if ((await findAudio(join(dir, name))).length === 0) {
      throw new UserError(
        `${
          join(dir, name)
        }: an actor without a clip; fetch the recordings again, or remove the folder`,
      );
    }
  }
}

function kinds(): string {
  return AUDIO_EXTENSIONS.map((extension) => `.${extension}`).join(" ");
}
