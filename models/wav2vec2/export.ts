/**
 * Writes a network as a folder that transformers load: `config.json`, `preprocessor_config.json` and
 * `model.safetensors` in F32 under transformers' names, one tensor in memory at a time. Each file is
 * written under a temporary name and renamed, the weights last: a folder that holds them is complete.
 */
import { join } from "node:path";
import { bytesOf, layOutSafetensors } from "../../engine/io/safetensors.ts";
import { WEIGHT_FILES } from "../../engine/io/open_weights.ts";
import { CONFIG_FILE, PREPROCESSOR_FILE } from "./checkpoint.ts";
import { fileName } from "./checkpoint_names.ts";
import { encodeConfig, type Wav2Vec2Config } from "./config.ts";
import { encodePreprocessor, type Preprocessor } from "./preprocessor.ts";

/** A tensor to be written; `data` is called once, when its turn comes. The engine's tensors are such. */
export interface ExportedTensor {
  readonly shape: readonly number[];
  data(): ArrayBufferView | Promise<ArrayBufferView>;
}

export interface ExportedModel {
  /** By the network's names. */
  readonly tensors: ReadonlyMap<string, ExportedTensor>;
  readonly config: Wav2Vec2Config;
  readonly preprocessor: Preprocessor;
  /** The class of transformers that loads it (default: Wav2Vec2ForSequenceClassification). */
  readonly architecture?: string;
  /** Python that goes with it, where that class is none of transformers' own. */
  readonly code?: ExportedCode;
}

/** A module that holds the architecture's class, and the class of transformers that finds it. */
export interface ExportedCode {
  readonly module: string;
  readonly text: string;
  readonly auto: string;
}

/** Files of the folder `dir`, which is made where it is missing. Throws the system's own errors. */
export async function exportCheckpoint(dir: string, model: ExportedModel): Promise<void> {
  const { tensors, config, preprocessor, architecture, code } = model;
  await Deno.mkdir(dir, { recursive: true });
  const encoder = new TextEncoder();
  const more = code && { auto_map: { [code.auto]: `${code.module}.${architecture}` } };
  const json = encodeConfig(config, architecture, more);
  await writeParts(join(dir, CONFIG_FILE), [encoder.encode(json)]);
  if (code) await writeParts(join(dir, `${code.module}.py`), [encoder.encode(code.text)]);
  await writeParts(join(dir, PREPROCESSOR_FILE), [
    encoder.encode(encodePreprocessor(preprocessor)),
  ]);
  await writeParts(join(dir, WEIGHT_FILES.single), safetensorsOf(tensors));
}

/** The file in parts: its head, then each tensor. */
async function* safetensorsOf(
  tensors: ReadonlyMap<string, ExportedTensor>,
): AsyncGenerator<Uint8Array> {
  const named = new Map([...tensors].map(([name, tensor]) => [fileName(name), tensor]));
  const plan = new Map(
    [...named].map(([name, { shape }]) => [name, { dtype: "F32" as const, shape }]),
  );
  // transformers refuse a file that does not say from which framework it is.
  const { head, order } = layOutSafetensors(plan, { format: "pt" });
  yield head;
  for (const name of order) {
    const tensor = named.get(name)!;
    yield bytesOf(name, { dtype: "F32", shape: tensor.shape, data: await tensor.data() });
  }
}

async function writeParts(
  path: string,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true });
      for await (const part of parts) {
        for (let done = 0; done < part.length;) done += await file.write(part.subarray(done));
      }
    }
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // it may never have come to be
    throw error;
  }
}
