/**
 * Makes the built-in corpus: synthetic voices on all cores, laid out and named as RAVDESS.
 * A marker file tells that a folder is ours, what made it and whether it was finished, so that a
 * finished one is used again, an unfinished or older one is remade, and nobody's own is touched.
 */

import { join } from "node:path";
import { UserError } from "../../engine/error.ts";
import { decodeRavdessName } from "./ravdess.ts";
import {
  actorFolder,
  type Batch,
  type BatchResult,
  clipFile,
  clipPlan,
  type CorpusSize,
  MARKER_NAME,
  SPEAKERS,
  SYNTHETIC_VERSION,
} from "./synthetic_plan.ts";
import type { ClipSpec } from "./voice/synthesize.ts";

export interface SyntheticOptions extends Partial<CorpusSize> {
  /** An integer; the same seed gives the same bytes. */
  readonly seed: number;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
  /** Workers at most; by default one a core. */
  readonly workers?: number;
}

/** What is written into the marker file. */
export interface Marker {
  readonly version: number;
  readonly seed: number;
  readonly speakers: number;
  readonly clipsPerActor: number;
  readonly complete: boolean;
}

const BATCH = 8;

/**
 * Makes the corpus in `dir`, or finds it made: 24 speakers of 32 clips if not told
 * otherwise, 16-bit WAV at 22,050 Hz. Needs permission to read and write `dir`.
 * @returns whether a finished corpus of the same seed and size was there already
 * @throws UserError if the folder holds something else or cannot be written
 * @throws the signal's reason when aborted; what was written stays and is not taken for finished
 */
export async function makeSyntheticCorpus(
  dir: string,
  options: SyntheticOptions,
): Promise<{ reused: boolean }> {
  const { seed, speakers = SPEAKERS, clipsPerActor = 32, signal } = options;
  if (!Number.isInteger(seed) || !(speakers >= 1 && speakers <= SPEAKERS)) {
    throw new RangeError(
      `makeSyntheticCorpus: expected an integer seed and 1 to ${SPEAKERS} speakers, ` +
        `got ${seed} and ${speakers}`,
    );
  }
  const marker = { version: SYNTHETIC_VERSION, seed, speakers, clipsPerActor };
  const plan = clipPlan({ speakers, clipsPerActor });
  try {
    const found = await readMarker(dir);
    if (found !== null && sameMaker(found, marker) && await allThere(dir, plan)) {
      return { reused: true };
    }
    if (found === null && !await isEmptyOrMissing(dir)) {
      throw new UserError(
        `${dir} holds other files; give an empty or new folder for the synthetic corpus`,
      );
    }
    await Deno.mkdir(dir, { recursive: true });
    await writeMarker(dir, { ...marker, complete: false });
    for (let actor = 1; actor <= speakers; actor++) {
      await Deno.mkdir(join(dir, actorFolder(actor)), { recursive: true });
    }
    await removeStrays(dir, plan);
    signal?.throwIfAborted();
    await makeClips(dir, plan, options);
    await writeMarker(dir, { ...marker, complete: true });
  } catch (error) {
    if (error instanceof UserError || signal?.aborted || !isSystemError(error)) throw error;
    throw new UserError(
      `cannot make the synthetic corpus in ${dir}: ${error.message}; free space or give another folder`,
    );
  }
  return { reused: false };
}

/** The marker of a synthetic corpus, or null if `dir` is none; a garbled one reads as unfinished. */
export async function readMarker(dir: string): Promise<Marker | null> {
  let text: string;
  try {
    text = await Deno.readTextFile(join(dir, MARKER_NAME));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
  const unfinished = { version: 0, seed: 0, speakers: 0, clipsPerActor: 0, complete: false };
  try {
    return { ...unfinished, ...JSON.parse(text) };
  } catch {
    return unfinished;
  }
}

function sameMaker(found: Marker, wanted: Omit<Marker, "complete">): boolean {
  return found.complete === true && found.version === wanted.version &&
    found.seed === wanted.seed && found.speakers === wanted.speakers &&
    found.clipsPerActor === wanted.clipsPerActor;
}

async function writeMarker(dir: string, marker: Marker): Promise<void> {
  const temporary = join(dir, `.${MARKER_NAME}.part`);
  await Deno.writeTextFile(temporary, JSON.stringify(marker) + "\n");
  await Deno.rename(temporary, join(dir, MARKER_NAME));
}

async function isEmptyOrMissing(dir: string): Promise<boolean> {
  try {
    for await (const _ of Deno.readDir(dir)) return false;
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw error;
  }
}

async function allThere(dir: string, plan: readonly ClipSpec[]): Promise<boolean> {
  const there = new Set((await filesIn(dir)).map(({ name }) => name));
  return plan.every((clip) => there.has(clipFile(clip)));
}

/** Removes clips of another size and unfinished files, and nothing that we would not have named so. */
async function removeStrays(dir: string, plan: readonly ClipSpec[]): Promise<void> {
  const wanted = new Set(plan.map(clipFile));
  for (const { folder, name } of await filesIn(dir)) {
    const stem = name.replace(/^\.(.*)\.part$/, "$1").replace(/\.wav$/, "");
    if (!wanted.has(name) && decodeRavdessName(stem) !== null) {
      await Deno.remove(join(folder, name));
    }
  }
}

async function filesIn(dir: string): Promise<{ folder: string; name: string }[]> {
  const files: { folder: string; name: string }[] = [];
  for (let actor = 1; actor <= SPEAKERS; actor++) {
    const folder = join(dir, actorFolder(actor));
    try {
      for await (const { name, isFile } of Deno.readDir(folder)) {
        if (isFile) files.push({ folder, name });
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return files;
}

/** Hands the plan to Workers in batches, each taking the next as it finishes one. */
async function makeClips(
  dir: string,
  plan: readonly ClipSpec[],
  options: SyntheticOptions,
): Promise<void> {
  const { seed, onProgress, signal } = options;
  const batches = Array.from(
    { length: Math.ceil(plan.length / BATCH) },
    (_, i): Batch => ({ dir, seed, clips: plan.slice(i * BATCH, (i + 1) * BATCH) }),
  );
  const size = Math.min(options.workers ?? navigator.hardwareConcurrency, batches.length);
  const workers = Array.from(
    { length: Math.max(1, size) },
    () => new Worker(new URL("./synthetic_worker.ts", import.meta.url), { type: "module" }),
  );
  const { promise: aborted, reject: abort } = Promise.withResolvers<never>();
  const onAbort = () => abort(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  let next = 0;
  let done = 0;
  const drive = async (worker: Worker) => {
    for (let batch = batches[next++]; batch !== undefined; batch = batches[next++]) {
      const result = await ask(worker, batch);
      if ("failed" in result) {
        throw new UserError(
          `cannot write the synthetic corpus: ${result.failed}; free space or give another folder`,
        );
      }
      done += result.made;
      onProgress?.(done, plan.length);
    }
  };
  try {
    await Promise.race([Promise.all(workers.map(drive)), aborted]);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    for (const worker of workers) worker.terminate();
  }
}

function ask(worker: Worker, batch: Batch): Promise<BatchResult> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<BatchResult>) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`a Worker of the synthetic corpus failed: ${event.message}`));
    };
    worker.postMessage(batch);
  });
}

/** An error of the file system, which the person can mend, rather than of the program. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error &&
    ("code" in error || error instanceof Deno.errors.NotCapable);
}
