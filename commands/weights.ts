/**
 * `weights`: a Wav2Vec2 checkpoint from the Hugging Face Hub, into a folder that `train` takes: both
 * configurations, then the weights, safetensors where there are any. What is there and sound is not
 * fetched again.
 */
import { basename, join } from "node:path";
import { UserError } from "../engine/error.ts";
import { WEIGHT_FILES } from "../engine/io/open_weights.ts";
import { parseIndex } from "../engine/io/sharded.ts";
import { CONFIG_FILE, openCheckpoint, PREPROCESSOR_FILE } from "../models/wav2vec2/checkpoint.ts";
import { parseConfig } from "../models/wav2vec2/config.ts";
import { makeFolder, readText } from "../report/files.ts";
import { createProgress, type Progress } from "../report/progress.ts";
import { count } from "../report/words.ts";
import { showingBytes } from "./sources/download.ts";
import { Hub, type HubRepository } from "./sources/hub.ts";
import type { WeightsOptions } from "./words/options.ts";
import type { WantedFile } from "./sources/partial_file.ts";
import { address } from "./words/values.ts";

const HUB = "https://huggingface.co";
const MEGABYTE = 1e6;

export async function weights({ name, revision, out }: WeightsOptions): Promise<void> {
  const folder = out ?? join("weights", ...name.split("/"));
  const token = readToken(Deno.env.get("HF_TOKEN"));
  const repository = {
    name,
    revision,
    endpoint: readEndpoint(Deno.env.get("HF_ENDPOINT")),
    ...(token !== undefined && { token }),
  };
  const fetched = await fetchCheckpoint(repository, { folder, progress: createProgress() });
  const { config, weights } = await openCheckpoint(folder);
  weights.close();
  const bytes = fetched.reduce((sum, { size }) => sum + size, 0);
  const tensors = weights.entries().size;
  console.log(
    `${folder}: ${fetched.length} files, ${count(Math.round(bytes / MEGABYTE))} MB; ` +
      `${basename(weights.file)} holds ${tensors} tensors, the encoder has ` +
      `${config.numHiddenLayers} layers of width ${config.hiddenSize}`,
  );
}

/**
 * Fetches a checkpoint's files into `folder`, which is made.
 * Throws one line where the repository cannot be read, or holds no Wav2Vec2 that is built here.
 */
export async function fetchCheckpoint(
  repository: HubRepository,
  { folder, progress }: { readonly folder: string; readonly progress: Progress },
): Promise<WantedFile[]> {
  const hub = new Hub(repository);
  const listed = await hub.files();
  const fetched: WantedFile[] = [];
  const pathOf = (name: string) => join(folder, name);
  const get = async (name: string) => {
    const file = listed.get(name);
    if (file === undefined) {
      throw new UserError(
        `${repository.name}: revision ${repository.revision} has no ${name}; expected a Wav2Vec2 ` +
          "model in the layout of transformers",
      );
    }
    await showingBytes(
      progress,
      file,
      (report) => hub.download(file, pathOf(name), report),
    );
    fetched.push(file);
  };
  await makeFolder(folder);
  await get(CONFIG_FILE);
  parseConfig(await readText(pathOf(CONFIG_FILE)), `${repository.name}: ${CONFIG_FILE}`);
  await get(PREPROCESSOR_FILE);
  const { single, index, torch } = WEIGHT_FILES;
  const chosen = [single, index].find((name) => listed.has(name)) ?? torch;
  await refuseOtherWeights(folder, chosen);
  await get(chosen);
  if (chosen === index) {
    const shardOf = parseIndex(await readText(pathOf(index)), pathOf(index));
    for (const shard of [...new Set(shardOf.values())].sort()) await get(shard);
  }
  return fetched;
}

/** Weights that a reader would find before those that are fetched, and take for them. */
async function refuseOtherWeights(folder: string, chosen: string): Promise<void> {
  for (const name of Object.values(WEIGHT_FILES)) {
    if (name === chosen) return;
    if (await Deno.stat(join(folder, name)).catch(() => null)) {
      throw new UserError(
        `${folder} holds ${name}, which would be read in place of ${chosen}; remove it, or choose ` +
          "another --out",
      );
    }
  }
}

/** The hub's address without a slash at its end. */
export function readEndpoint(text?: string): string {
  return address("HF_ENDPOINT", HUB)(text);
}

/** The token, or undefined where none is set. It is never shown. */
export function readToken(text = ""): string | undefined {
  const token = text.trim();
  if (token === "") return undefined;
  if (/^hf_\w+$/.test(token)) return token;
  throw new UserError("HF_TOKEN is no token of the Hugging Face Hub: they begin with hf_");
}
