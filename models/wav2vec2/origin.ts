/** What a checkpoint has heard before, as far as it can be told. */
import type { Wav2Vec2Checkpoint } from "./checkpoint.ts";
import type { Heard } from "./config.ts";

export interface Origin {
  /** What a reader of figures must know; null where nothing is known against it. */
  readonly caution: string | null;
  readonly heard: readonly Heard[];
}

/** The checkpoint of the paper's large model, which was fine-tuned on RAVDESS, split by clip. */
const SEEN = "wav2vec2-lg-xlsr-en-speech-emotion-recognition";
/** Its head, which transformers do not know. */
const HEAD = ["classifier.dense.weight", "classifier.output.weight"];

export const SEEN_RAVDESS =
  "This checkpoint has seen RAVDESS: it was fine-tuned on clips of all its speakers, so that no " +
  "figure with it says how new speech fares.";
const FINE_TUNED =
  "This checkpoint has seen RAVDESS: it was fine-tuned on clips of it, so that figures on RAVDESS " +
  "do not say how new speech fares.";

/** @param folder where it lies; the name is looked at too */
export function originOf(folder: string, { config, weights }: Wav2Vec2Checkpoint): Origin {
  const { heard = [], nameOrPath = "" } = config;
  const entries = weights.entries();
  const seen = [folder, nameOrPath].some((name) => name.includes(SEEN)) ||
    folder.includes("ehcalabres") || HEAD.every((name) => entries.has(name));
  if (seen) return { caution: SEEN_RAVDESS, heard: [...new Set<Heard>([...heard, "ravdess"])] };
  return { caution: heard.includes("ravdess") ? FINE_TUNED : null, heard };
}
