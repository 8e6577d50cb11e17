/** The model that comes with the program, for those who have trained none. */
import { fileURLToPath } from "node:url";
import { UserError } from "../../engine/error.ts";
import { RunFolder } from "../../report/run_folder.ts";
import { readModel } from "./model_file.ts";

/** Where it lies, whatever folder the program is called from. */
export const SHIPPED = fileURLToPath(
  new URL("../../models/pretrained/timbre.safetensors", import.meta.url),
);

/** Where runs go unless told otherwise. */
const RUNS = "runs";

export interface ModelBytes {
  /** As errors name it. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * A run's model; where none is named the shipped one, and in a copy without that the newest run.
 * Throws `UserError` where there is none at all.
 */
export async function readChosenModel(run: string | undefined): Promise<ModelBytes> {
  if (run === undefined) {
    const bytes = await Deno.readFile(SHIPPED).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return null;
      throw error;
    });
    if (bytes) return { path: SHIPPED, bytes };
  }
  const path = await RunFolder.findModel(run ?? await newestRun(RUNS));
  return { path, bytes: await readModel(path) };
}

/** The run whose model was written last. */
async function newestRun(root: string): Promise<string> {
  let newest: { path: string; time: number } | undefined;
  try {
    for await (const { name } of Deno.readDir(root)) {
      const path = `${root}/${name}`;
      const stat = await Deno.stat(`${path}/model.safetensors`).catch(() => null);
      const time = stat?.mtime?.getTime() ?? 0;
      if (stat?.isFile && time > (newest?.time ?? -1)) newest = { path, time };
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (newest) return newest.path;
  throw new UserError(
    "no trained model: give one with --run RUN, or train one with deno task train",
  );
}

/** Whether a word of `predict` names a run or a model file, and not a recording. */
export async function isModel(word: string): Promise<boolean> {
  if (word.endsWith(".safetensors")) return true;
  return await Deno.stat(word).then(({ isDirectory }) => isDirectory, () => false);
}
