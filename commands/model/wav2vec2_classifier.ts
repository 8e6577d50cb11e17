/** A fine-tuned network out of a Hugging Face folder, as those see it who only ask. */
import { dirname, join } from "node:path";
import type { Device } from "../../engine/device.ts";
import { UserError } from "../../engine/error.ts";
import { Random } from "../../engine/random.ts";
import {
  openCheckpoint,
  PREPROCESSOR_FILE,
  type Wav2Vec2Checkpoint,
} from "../../models/wav2vec2/checkpoint.ts";
import { receptiveField } from "../../models/wav2vec2/feature_encoder.ts";
import { headOf, loadNetwork } from "../../models/wav2vec2/load.ts";
import { originOf } from "../../models/wav2vec2/origin.ts";
import { waveformRows } from "../../models/wav2vec2/waveforms.ts";
import { answersOf } from "./answers.ts";
import type { Classifier } from "./answers.ts";
import { RAVDESS_LICENCE } from "../sources/corpus.ts";

/** Clips a step. */
const BATCH = 4;

/** Where the network of a run lies whose model file is `file`. */
export function networkFolder(file: string): string {
  return join(dirname(file), "huggingface");
}

/** Whether a folder is a checkpoint's, and not a run's or a model's. */
export async function isCheckpoint(folder: string): Promise<boolean> {
  return await Deno.stat(join(folder, PREPROCESSOR_FILE)).then((s) => s.isFile, () => false);
}

/**
 * A checkpoint that names classes, whoever trained it: what transformers' audio classification takes.
 * Throws one line where it has no head for the labels that its configuration names.
 */
export async function openCheckpointClassifier(
  folder: string,
  device: Device,
): Promise<Classifier> {
  const checkpoint = await openCheckpoint(folder);
  try {
    const { labels, heard } = checkpoint.config;
    if (labels === null) {
      throw new UserError(
        `${folder}: its config.json names no labels; give a checkpoint that was trained to tell classes apart`,
      );
    }
    const { caution } = originOf(folder, checkpoint);
    const classify = await classifierOf(checkpoint, { labels, device, temperature: 1 });
    const synthetic = heard?.includes("synthetic") ?? false;
    // Of checkpoints from elsewhere their authors say what binds them.
    const licence = heard?.includes("ravdess") ? RAVDESS_LICENCE : null;
    return { input: "waveform", labels, synthetic, licence, caution, unsureBelow: 0, classify };
  } finally {
    checkpoint.weights.close();
  }
}

export interface AskedFor {
  readonly labels: readonly string[];
  readonly device: Device;
  readonly temperature: number;
}

/** Throws one line where the folder holds no network of just these labels. */
export async function openWav2Vec2(
  folder: string,
  options: AskedFor,
): Promise<Classifier["classify"]> {
  const checkpoint = await openCheckpoint(folder);
  return await classifierOf(checkpoint, options).finally(() => checkpoint.weights.close());
}

async function classifierOf(
  checkpoint: Wav2Vec2Checkpoint,
  { labels, device, temperature }: AskedFor,
): Promise<Classifier["classify"]> {
  const { config, preprocessor, weights } = checkpoint;
  const context = { device, random: Random.of(0, "weights") };
  const head = headOf(checkpoint);
  const { network, match } = await loadNetwork(context, checkpoint, { head, labels });
  if (match.head !== "loaded") {
    throw new UserError(
      `${weights.file}: expected a head for ${labels.join(", ")}, and found none`,
    );
  }
  network.freeze();
  const options = { doNormalize: preprocessor.doNormalize, least: receptiveField(config) };
  return async (rows) => {
    const inputs = waveformRows(device, rows, options);
    const hostLabels = new Int32Array(rows.length); // not known here, and not asked
    const { predictions, probabilities } = await answersOf(network, { inputs, hostLabels }, {
      ...{ labels, temperature },
      batch: BATCH,
    });
    return { predictions, probabilities };
  };
}
