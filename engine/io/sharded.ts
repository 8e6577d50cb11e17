/**
 * Safetensors as a checkpoint: one file, or several under `model.safetensors.index.json`, which names
 * the file of each tensor. Of several, one is open at a time; shard names are plain names of files
 * beside the index, and what the index says of a tensor must be so.
 */
import { fail, type Folder, type OpenFile, readSmallText, shown } from "./byte_source.ts";
import type { Checkpoint, TakeFloat32, TensorInfo } from "./checkpoint.ts";
import { parseJsonObject } from "./json_object.ts";
import { SafetensorsReader } from "./safetensors.ts";

/** An index of ten thousand tensors has about a megabyte. */
const LARGEST_INDEX = 16 * 2 ** 20;
const MOST_SHARDS = 1000;

/** One file. Throws `UserError` where it is not sound. */
export class SafetensorsCheckpoint implements Checkpoint {
  readonly file: string;
  readonly #source: OpenFile;
  readonly #reader: SafetensorsReader;

  private constructor(file: string, source: OpenFile, reader: SafetensorsReader) {
    this.file = file;
    this.#source = source;
    this.#reader = reader;
  }

  /** Takes `source` over: it is closed with the checkpoint, or now when the file is refused. */
  static async open(source: OpenFile, file: string): Promise<SafetensorsCheckpoint> {
    try {
      return new SafetensorsCheckpoint(file, source, await SafetensorsReader.open(source, file));
    } catch (error) {
      source.close();
      throw error;
    }
  }

  entries(): ReadonlyMap<string, TensorInfo> {
    return this.#reader.tensors;
  }

  async readFloat32(name: string): Promise<Float32Array> {
    return await this.#reader.readFloat32(name);
  }

  async eachFloat32(name: string, take: TakeFloat32): Promise<void> {
    await this.#reader.eachFloat32(name, take);
  }

  close(): void {
    this.#source.close();
  }
}

/** Several files with an index. */
export class ShardedCheckpoint implements Checkpoint {
  readonly file: string;
  readonly #folder: Folder;
  readonly #shardOf: ReadonlyMap<string, string>;
  readonly #entries: ReadonlyMap<string, TensorInfo>;
  /** The shard that was read last. */
  #open: { readonly shard: string; readonly checkpoint: SafetensorsCheckpoint } | undefined;

  private constructor(
    folder: Folder,
    { file, shardOf, entries }: {
      file: string;
      shardOf: ReadonlyMap<string, string>;
      entries: ReadonlyMap<string, TensorInfo>;
    },
  ) {
    this.#folder = folder;
    this.file = file;
    this.#shardOf = shardOf;
    this.#entries = entries;
  }

  /** Reads the index and the head of every shard; undefined where there is no index. */
  static async open(folder: Folder, index: string): Promise<ShardedCheckpoint | undefined> {
    const text = await readSmallText(folder, { name: index, limit: LARGEST_INDEX });
    if (text === undefined) return undefined;
    const file = `${folder.path}/${index}`;
    const shardOf = parseIndex(text, file);
    const entries = new Map<string, TensorInfo>();
    for (const shard of new Set(shardOf.values())) {
      const checkpoint = await openShard(folder, shard);
      for (const [name, { dtype, shape }] of checkpoint.entries()) {
        if (shardOf.get(name) === shard) entries.set(name, { dtype, shape });
      }
      checkpoint.close();
    }
    for (const [name, shard] of shardOf) {
      if (!entries.has(name)) fail(file, `tensor ${shown(name)} is not in ${shard}`);
    }
    return new ShardedCheckpoint(folder, { file, shardOf, entries });
  }

  entries(): ReadonlyMap<string, TensorInfo> {
    return this.#entries;
  }

  async readFloat32(name: string): Promise<Float32Array> {
    return await (await this.#shardWith(name)).readFloat32(name);
  }

  async eachFloat32(name: string, take: TakeFloat32): Promise<void> {
    await (await this.#shardWith(name)).eachFloat32(name, take);
  }

  async #shardWith(name: string): Promise<SafetensorsCheckpoint> {
    const shard = this.#shardOf.get(name);
    if (shard === undefined) fail(this.file, `there is no tensor ${shown(name)}`);
    if (this.#open?.shard !== shard) {
      this.close();
      this.#open = { shard, checkpoint: await openShard(this.#folder, shard) };
    }
    return this.#open.checkpoint;
  }

  close(): void {
    this.#open?.checkpoint.close();
    this.#open = undefined;
  }
}

/** The file of each tensor. */
export function parseIndex(text: string, file: string): Map<string, string> {
  const { weight_map: map } = parseJsonObject(text, file);
  if (typeof map !== "object" || map === null || Array.isArray(map)) {
    fail(file, "weight_map is no list of tensors with their files");
  }
  const shardOf = new Map<string, string>();
  for (const [name, shard] of Object.entries(map)) {
    if (typeof shard !== "string" || !/^[\w-][\w.-]*\.safetensors$/.test(shard)) {
      fail(file, `tensor ${shown(name)} lies in ${shown(shard)}, which is no NAME.safetensors`);
    }
    shardOf.set(name, shard);
  }
  const shards = new Set(shardOf.values()).size;
  if (shards === 0) fail(file, "weight_map names no tensor");
  if (shards > MOST_SHARDS) fail(file, `it names ${shards} files; at most ${MOST_SHARDS} are read`);
  return shardOf;
}

async function openShard(folder: Folder, shard: string): Promise<SafetensorsCheckpoint> {
  const file = `${folder.path}/${shard}`;
  const source = await folder.open(shard);
  if (source === undefined) fail(file, "the index names this file, and it is missing");
  return await SafetensorsCheckpoint.open(source, file);
}
