/** A fine-tuned network out of a Hugging Face folder, as those see it who only ask. */
import { dirname, join } from "node:path";
import type { Device } from "../engine/device.ts";
import { UserError } from "../engine/error.ts";
import { Random } from "../engine/random.ts";
import { openCheckpoint } from "../models/wav2vec2/checkpoint.ts";
import { receptiveField } from "../models/wav2vec2/feature_encoder.ts";
import { headOf, loadNetwork } from "../models/wav2vec2/load.ts";
import { waveformRows } from "../models/wav2vec2/waveforms.ts";
import { answersOf } from "./answers.ts";
import type { Classifier } from "./answers.ts";

/** Clips a step. */
const BATCH = 4;

/** Where the network of a run lies whose model file is `file`. */
export function networkFolder(file: string): string {
  return join(dirname(file), "huggingface");
}

/** Throws one line where the folder holds no network of just these labels. */
export async function openWav2Vec2(
  folder: string,
  { labels, device, temperature }: {
    readonly labels: readonly string[];
    readonly device: Device;
    readonly temperature: number;
  },
): Promise<Classifier["classify"]> {
  const checkpoint = await openCheckpoint(folder);
  const { config, preprocessor, weights } = checkpoint;
  const context = { device, random: Random.of(0, "weights") };
  const head = headOf(config);
  const { network, match } = await loadNetwork(context, checkpoint, { head, labels })
    .finally(() => weights.close());
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
