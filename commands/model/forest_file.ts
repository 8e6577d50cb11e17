/** A forest's `model.safetensors`: what `models/forest/file.ts` keeps, and what answering needs besides. */
import { UserError } from "../../engine/error.ts";
import { FEATURES } from "../../features/feature_engine.ts";
import { forest as system } from "../../models/forest.ts";
import { decodeForest, encodeForest } from "../../models/forest/file.ts";
import type { RandomForest } from "../../models/forest/forest.ts";
import type { RunConfig } from "../../report/types.ts";
import { VECTOR_NAMES } from "../../features/vector.ts";
import { FORMAT } from "./model_file.ts";

/** The file's bytes. */
export function encodeForestModel(
  forest: RandomForest,
  { synthetic }: Pick<RunConfig, "synthetic">,
): Uint8Array<ArrayBuffer> {
  return encodeForest(forest, {
    format: FORMAT,
    system: system.name,
    labels: JSON.stringify(forest.classes),
    input: system.input,
    inputVersion: String(FEATURES[system.input].version),
    synthetic: String(synthetic),
  });
}

/** Throws one line that says what is wrong with the file. */
export function decodeForestModel(bytes: Uint8Array, file: string): RandomForest {
  const forest = decodeForest(bytes, file);
  if (forest.names.join() !== VECTOR_NAMES.join()) {
    throw new UserError(`${file}: its features are not those of this program; train it again`);
  }
  return forest;
}
