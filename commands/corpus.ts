/** Which recordings a command works on: the folder it was given, RAVDESS where it is found, or the built-in voices. */
import { openCorpus } from "../features/corpus/open.ts";
import { makeSyntheticCorpus } from "../features/corpus/synthetic.ts";
import type { Corpus } from "../features/corpus/clip.ts";
import type { Progress } from "../report/progress.ts";

/** Where `train` looks for RAVDESS when no `--data` is given. */
export const RAVDESS_FOLDER = "data/ravdess";
export const SYNTHETIC_FOLDER = "synthetic";
const SYNTHETIC_SEED = 1;

/** Opens `data`, else `data/ravdess`, else makes the synthetic corpus; says which and why. */
export async function chooseCorpus(data: string | undefined, progress: Progress): Promise<Corpus> {
  if (data !== undefined) return await openCorpus(data);
  if (await isFolder(RAVDESS_FOLDER)) {
    progress.line(`data: ${RAVDESS_FOLDER}`);
    return await openCorpus(RAVDESS_FOLDER);
  }
  progress.line(
    `data: no RAVDESS in ${RAVDESS_FOLDER} and no --data DIR, so the built-in SYNTHETIC voices are used`,
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

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
