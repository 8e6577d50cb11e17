/** The words of `train` and `embed` that are about Wav2Vec2. */
import type { Command } from "commander";
import { UserError } from "../../engine/error.ts";
import { parsePart, PART_WORDS } from "../../models/wav2vec2/training_part.ts";
import { type DeviceChoice, type System, TRANSFERRED, WAV2VEC2 } from "./options.ts";
import { type Add, type Hooks, list, withDebug, withDevice } from "./parts.ts";
import { path, share, wholeNumber } from "./values.ts";

export interface FineTuningFlags {
  weights?: string;
  train?: string;
  warmup?: number;
  accumulate?: number;
  layerDecay?: number;
  checkpointLayers?: boolean;
}

/** What learns, as a word that `parsePart` knows. */
function part(text: string): string {
  if (parsePart(text)) return text;
  throw new UserError(`--train ${text}: not known; allowed are ${PART_WORDS}`);
}

export function withFineTuning(command: Command): Command {
  return command
    .option(
      "--weights <DIR>",
      `folder of a checkpoint, for ${list(TRANSFERRED)}`,
      path("--weights"),
    )
    .option(
      "--train <PART>",
      `what learns of wav2vec2: ${PART_WORDS} (default: the paper's)`,
      part,
    )
    .option(
      "--warmup <SHARE>",
      "of the steps, from 0 to 1: the rate rises, then falls to 0 (default: the recipe's)",
      share("--warmup"),
    )
    .option(
      "--accumulate <N>",
      "parts a batch is cut into, to save memory (default: 1)",
      wholeNumber("--accumulate", { from: 1 }),
    )
    .option(
      "--layer-decay <F>",
      "factor on the rate from a layer of wav2vec2 to the one below (default: 1)",
      share("--layer-decay"),
    )
    .option("--checkpoint-layers", "save memory: run wav2vec2's layers again for the gradient");
}

/** Throws where options and system do not go together. */
export function checkFineTuning(
  flags: FineTuningFlags & { readonly resume?: string },
  system: System,
): void {
  if (flags.resume !== undefined) return; // the run knows its system
  const networks: readonly System[] = WAV2VEC2;
  const begun: readonly System[] = TRANSFERRED;
  if (flags.weights !== undefined && !begun.includes(system)) {
    throw new UserError(`--weights goes with ${list(begun)}, not with ${system}`);
  }
  for (const [option, key] of OPTIONS) {
    if (flags[key] !== undefined && !networks.includes(system)) {
      throw new UserError(`${option} goes with ${list(networks)}, not with ${system}`);
    }
  }
  if (begun.includes(system) && flags.weights === undefined) {
    throw new UserError(
      `${system} needs --weights DIR, the folder of a checkpoint; deno task weights fetches one`,
    );
  }
}

const OPTIONS = [
  ["--train", "train"],
  ["--layer-decay", "layerDecay"],
  ["--checkpoint-layers", "checkpointLayers"],
] as const;

interface EmbedFlags {
  weights: string;
  layer?: number;
  frames: boolean;
  json: boolean;
  out?: string;
  device: DeviceChoice;
}

export function addEmbed(add: Add, { invoke }: Hooks): void {
  const command = add("embed", "Give a Wav2Vec2 checkpoint's hidden states of recordings.", [
    "deno task embed --weights DIR speech.wav",
    "deno task embed --weights DIR --layer 9 --out states.safetensors *.wav",
    "deno task embed --weights DIR --frames --json speech.wav",
  ])
    .usage("FILE… --weights DIR [options]")
    .argument("<FILE...>", "recordings: WAV, FLAC, MP3, Ogg, Opus, M4A and more")
    .requiredOption("--weights <DIR>", "folder of a checkpoint", path("--weights"))
    .option(
      "--layer <K>",
      "hidden state K: 0 is what the first layer takes (default: the network's output)",
      wholeNumber("--layer", { from: 0 }),
    )
    .option("--frames", "every frame (default: their average)", false)
    .option("--json", "print JSON", false)
    .option("--out <FILE>", "write a safetensors file, one tensor a recording", path("--out"));
  withDebug(withDevice(command)).action((files: string[]) => {
    const empty = files.indexOf("");
    if (empty >= 0) throw new UserError(`FILE ${empty + 1}: expected a path, got nothing`);
    const flags = command.opts<EmbedFlags>();
    if (flags.json && flags.out !== undefined) {
      throw new UserError("--json prints and --out writes a file: give one of them");
    }
    invoke({ command: "embed", options: { ...flags, files } });
  });
}
