/**
 * A trained model as those see it who only ask: features in, classes and probabilities out, whether
 * a network or a forest answers.
 */
import type { Device } from "../engine/device.ts";
import { decodeSafetensors } from "../engine/io/safetensors.ts";
import { sizeOf } from "../engine/shape.ts";
import { type FeatureKind, FEATURES } from "../features/feature_engine.ts";
import { forest as forestSystem } from "../models/forest.ts";
import { likeliest } from "../models/forest/forest.ts";
import type { Answers } from "../report/metrics.ts";
import { answersOf } from "./answers.ts";
import { decodeForestModel } from "./forest_file.ts";
import { rowsToDevice } from "./inputs.ts";
import { decodeModel, readFacts } from "./model_file.ts";

export interface Classifier {
  readonly input: FeatureKind;
  readonly labels: readonly string[];
  /** It only ever heard synthetic voices. */
  readonly synthetic: boolean;
  /**
   * @param values [n, …] features as `FEATURES[input]` makes them
   * @param rows those to be answered
   */
  readonly classify: (
    values: Float32Array,
    rows: readonly number[],
  ) => Promise<Pick<Answers, "predictions" | "probabilities">>;
}

/** A model out of its file's bytes; throws one line that says what is wrong with it. */
export function openClassifier(bytes: Uint8Array, file: string, device: Device): Classifier {
  const { metadata } = decodeSafetensors(bytes, file);
  const { system, input, labels, synthetic } = readFacts(metadata, file);
  if (system === forestSystem.name) {
    const forest = decodeForestModel(bytes, file);
    const width = forest.names.length;
    return {
      ...{ input, labels, synthetic },
      classify(values, rows) {
        const x = new Float32Array(rows.length * width);
        rows.forEach((r, i) => x.set(values.subarray(r * width, (r + 1) * width), i * width));
        const probabilities = forest.probabilities(x);
        const predictions = likeliest(probabilities, labels.length);
        return Promise.resolve({ predictions, probabilities });
      },
    };
  }
  const { model, normalization, system: network } = decodeModel(bytes, file, device);
  const { shape } = FEATURES[input];
  return {
    ...{ input, labels, synthetic },
    async classify(values, rows) {
      const inputs = { values, size: sizeOf(shape), shape };
      using loaded = rowsToDevice(device, inputs, normalization, rows);
      const { batch } = network.recipe;
      const hostLabels = new Int32Array(rows.length); // not known here, and not asked
      const asked = { inputs: loaded, hostLabels };
      const { predictions, probabilities } = await answersOf(model, asked, { labels, batch });
      return { predictions, probabilities };
    },
  };
}
