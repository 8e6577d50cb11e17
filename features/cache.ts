/**
 * Feature arrays on disk, keyed by what a file holds and what was made of it.
 * `<folder>/<kind>-v<version>/<SHA-256 of the file>.f32` is one array behind a checked head; `index.json`
 * maps a path with its size and time to that hash, so that a warm start opens no audio. Whatever is
 * damaged, truncated or old counts as absent, and every write goes to a temporary name first.
 */
import { join } from "node:path";
import { ArrayStore, writeWhole } from "./array_store.ts";
import { sizeOf } from "../engine/shape.ts";
import { type FeatureKind, FEATURES } from "./feature_engine.ts";

const INDEX_VERSION = 1;

/** A file as it was when its content was hashed. */
export interface FileStamp {
  size: number;
  /** milliseconds since 1970 */
  modified: number;
  hash: string;
}

export class FeatureCache {
  readonly #folder: string;
  readonly #arrays: ArrayStore;

  /** @param folder made at the first write */
  constructor(folder: string, kind: FeatureKind) {
    const { shape, varies, version } = FEATURES[kind];
    const size = sizeOf(shape);
    this.#folder = folder;
    this.#arrays = new ArrayStore(
      join(folder, `${kind}-v${version}`),
      (values) => varies ? values > 0 && values % size === 0 : values === size,
    );
  }

  /** The array for content of that hash, or null. */
  async read(hash: string): Promise<Float32Array<ArrayBuffer> | null> {
    return await this.#arrays.read(hash);
  }

  /** @throws the system's error where the folder cannot be written */
  async write(hash: string, values: Float32Array): Promise<void> {
    await this.#arrays.write(hash, values);
  }

  /** What is known of files by path; empty where there is no sound index. */
  async readIndex(): Promise<Map<string, FileStamp>> {
    try {
      const { version, files } = JSON.parse(await Deno.readTextFile(this.#indexPath));
      if (version !== INDEX_VERSION) return new Map();
      return new Map(
        Object.entries(files as Record<string, FileStamp>).filter(([, stamp]) =>
          /^[0-9a-f]{64}$/.test(stamp?.hash)
        ),
      );
    } catch {
      return new Map();
    }
  }

  /** @throws the system's error where the folder cannot be written */
  async writeIndex(files: Map<string, FileStamp>): Promise<void> {
    const text = JSON.stringify({ version: INDEX_VERSION, files: Object.fromEntries(files) });
    await writeWhole(this.#indexPath, new TextEncoder().encode(text));
  }

  get #indexPath(): string {
    return join(this.#folder, "index.json");
  }
}
