/** What a checkpoint has heard before, as far as it can be told. */
import type { Wav2Vec2Checkpoint } from "./checkpoint.ts";

export interface Origin {
  /** What a reader of figures must know; null where nothing is known against it. */
  readonly caution: string | null;
}

/** The checkpoint of the paper's large model, which was fine-tuned on RAVDESS, split by clip. */
const SEEN = "wav2vec2-lg-xlsr-en-speech-emotion-recognition";
/** Its head, which transformers do not know. */
const HEAD = ["classifier.dense.weight", "classifier.output.weight"];

export const SEEN_RAVDESS =
  "This checkpoint has seen RAVDESS: it was fine-tuned on clips of all its speakers, so that no " +
  "figure with it says how new speech fares.";

/** @param folder where it lies; the name is looked at too */
export function originOf(folder: string, { config, weights }: Wav2Vec2Checkpoint): Origin {
  const entries = weights.entries();
  const seen = [folder, config.nameOrPath ?? ""].some((name) => name.includes(SEEN)) ||
    folder.includes("ehcalabres") || HEAD.every((name) => entries.has(name));
  return { caution: seen ? SEEN_RAVDESS : null };
}
