/** The model that comes with the program, for those who have trained none. */
import { fileURLToPath } from "node:url";
import { UserError } from "../engine/error.ts";
import { RunFolder } from "../report/run_folder.ts";
import { readModel } from "./model_file.ts";

/** Where it lies, whatever folder the program is called from. */
export const SHIPPED = fileURLToPath(
  new URL("../models/pretrained/timbre.safetensors", import.meta.url),
);

export interface ModelBytes {
  /** As errors name it. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A run's model, or the shipped one where none is named. */
export async function readChosenModel(run: string | undefined): Promise<ModelBytes> {
  if (run !== undefined) {
    const path = await RunFolder.findModel(run);
    return { path, bytes: await readModel(path) };
  }
  const bytes = await Deno.readFile(SHIPPED).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UserError(
      "this copy of the program comes without a trained model; name a run of your own with --run",
    );
  });
  return { path: SHIPPED, bytes };
}

/** Whether a word of `predict` names a run or a model file, and not a recording. */
export async function isModel(word: string): Promise<boolean> {
  if (word.endsWith(".safetensors")) return true;
  return await Deno.stat(word).then(({ isDirectory }) => isDirectory, () => false);
}
