/** Trained models opened for those who only ask, whether a network or a forest answers. */
import type { Device } from "../../engine/device.ts";
import { decodeSafetensors } from "../../engine/io/safetensors.ts";
import { SYSTEMS } from "../../models/systems.ts";
import { forest as forestSystem } from "../../models/forest.ts";
import { likeliest } from "../../models/forest/forest.ts";
import { answersOf, type Classifier } from "./answers.ts";
import { decodeForestModel } from "./forest_file.ts";
import { sourceOf } from "./inputs.ts";
import { decodeModel, readFacts } from "./model_file.ts";
import { normalizeRows } from "./normalization.ts";
import { readChosenModel } from "./shipped.ts";
import {
  isCheckpoint,
  networkFolder,
  openCheckpointClassifier,
  openWav2Vec2,
} from "./wav2vec2_classifier.ts";

/** The model that `readChosenModel` finds, or the checkpoint that a folder is. */
export async function openChosen(
  run: string | undefined,
  device: Device,
): Promise<{ readonly path: string; readonly classifier: Classifier }> {
  if (run !== undefined && await isCheckpoint(run)) {
    return { path: run, classifier: await openCheckpointClassifier(run, device) };
  }
  const { path, bytes } = await readChosenModel(run);
  return { path, classifier: await openClassifier(bytes, path, device) };
}

/** A model out of its file's bytes; throws one line that says what is wrong with it. */
export async function openClassifier(
  bytes: Uint8Array,
  file: string,
  device: Device,
): Promise<Classifier> {
  const { metadata } = decodeSafetensors(bytes, file);
  const { system, input, calibration, ...facts } = readFacts(metadata, file);
  const { labels } = facts;
  const { temperature, unsureBelow } = calibration;
  if (system === forestSystem.name) {
    const forest = decodeForestModel(bytes, file);
    const width = forest.names.length;
    return {
      ...{ ...facts, input, unsureBelow },
      classify(rows) {
        const x = new Float32Array(rows.length * width);
        rows.forEach((row, i) => x.set(row, i * width));
        const probabilities = forest.probabilities(x);
        const predictions = likeliest(probabilities, labels.length);
        return Promise.resolve({ predictions, probabilities });
      },
    };
  }
  if (SYSTEMS.get(system)?.wav2vec2) {
    const folder = networkFolder(file);
    const classify = await openWav2Vec2(folder, { labels, device, temperature });
    return { ...facts, input, unsureBelow, classify };
  }
  const { model, normalization, system: network } = decodeModel(bytes, file, device);
  return {
    ...{ ...facts, input, unsureBelow },
    async classify(rows) {
      const inputs = sourceOf(device, network, normalizeRows(normalization, rows));
      try {
        const { batch } = network.recipe;
        const hostLabels = new Int32Array(rows.length); // not known here, and not asked
        const asked = { inputs, hostLabels };
        const options = { labels, batch, temperature };
        const { predictions, probabilities } = await answersOf(model, asked, options);
        return { predictions, probabilities };
      } finally {
        inputs.dispose();
      }
    },
  };
}

/** What is to be said before any answer of a model. */
export function warningsOf(
  { synthetic, licence, caution = null }: Pick<Classifier, "synthetic" | "licence" | "caution">,
): string[] {
  return [
    ...(synthetic
      ? ["this model was trained on SYNTHETIC voices: its answers on people mean nothing"]
      : []),
    ...(licence === null ? [] : [`this model was ${licence}`]),
    ...(caution === null ? [] : [caution]),
  ];
}
