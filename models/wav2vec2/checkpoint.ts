/**
 * A Wav2Vec2 checkpoint in Hugging Face's layout: a folder of `config.json`,
 * `preprocessor_config.json` and weights in one of three forms.
 */
import { fail, type Folder, readSmallText } from "../../engine/io/byte_source.ts";
import type { Checkpoint } from "../../engine/io/checkpoint.ts";
import { openWeights } from "../../engine/io/open_weights.ts";
import { checkSizes } from "./check_sizes.ts";
import { parseConfig, type Wav2Vec2Config } from "./config.ts";
import { diskFolder } from "./disk_folder.ts";
import { parsePreprocessor, type Preprocessor } from "./preprocessor.ts";

const LARGEST_CONFIG = 4 * 2 ** 20;

export const CONFIG_FILE = "config.json";
export const PREPROCESSOR_FILE = "preprocessor_config.json";

export interface Wav2Vec2Checkpoint {
  readonly config: Wav2Vec2Config;
  readonly preprocessor: Preprocessor;
  /** Which says what file it reads, and must be closed. */
  readonly weights: Checkpoint;
}

/**
 * Opens the checkpoint in a folder: configurations first, then the weights' names and shapes, which are
 * held against them; no tensor is read yet.
 * Throws `UserError` for whatever is missing, unsound, or of a network that is not built here.
 */
export async function openCheckpoint(dir: string): Promise<Wav2Vec2Checkpoint> {
  return await openCheckpointIn(diskFolder(dir));
}

/** The same for a folder that need not be on disk. */
export async function openCheckpointIn(folder: Folder): Promise<Wav2Vec2Checkpoint> {
  const config = parseConfig(await text(folder, CONFIG_FILE), `${folder.path}/${CONFIG_FILE}`);
  const preprocessor = parsePreprocessor(
    await text(folder, PREPROCESSOR_FILE),
    `${folder.path}/${PREPROCESSOR_FILE}`,
  );
  const weights = await openWeights(folder);
  try {
    checkSizes(config, weights);
  } catch (error) {
    weights.close();
    throw error;
  }
  return { config, preprocessor, weights };
}

async function text(folder: Folder, name: string): Promise<string> {
  const found = await readSmallText(folder, { name, limit: LARGEST_CONFIG });
  if (found === undefined) {
    fail(
      folder.path,
      `${name} is missing; expected a checkpoint's folder, as deno task weights fetches one`,
    );
  }
  return found;
}
