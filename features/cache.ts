/**
 * Feature arrays on disk, keyed by what a file holds and what was made of it.
 * `<folder>/<kind>-v<version>/<SHA-256 of the file>.f32` is one array behind a checked head; `index.json`
 * maps a path with its size and time to that hash, so that a warm start opens no audio. Whatever is
 * damaged, truncated or old counts as absent, and every write goes to a temporary name first.
 */
import { join } from "node:path";
import { sizeOf } from "../engine/shape.ts";
import { type FeatureKind, FEATURES } from "./feature_engine.ts";

const MAGIC = 0x31464d54; // "TMF1"
const HEAD_BYTES = 16;
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
  readonly #entries: string;
  readonly #fits: (values: number) => boolean;

  /** @param folder made at the first write */
  constructor(folder: string, kind: FeatureKind) {
    const { shape, varies, version } = FEATURES[kind];
    const size = sizeOf(shape);
    this.#folder = folder;
    this.#entries = join(folder, `${kind}-v${version}`);
    this.#fits = (values) => varies ? values > 0 && values % size === 0 : values === size;
  }

  /** The array for content of that hash, or null. */
  async read(hash: string): Promise<Float32Array<ArrayBuffer> | null> {
    const bytes = await Deno.readFile(this.#path(hash)).catch(() => null);
    if (!bytes || bytes.length % 4 !== 0 || !this.#fits((bytes.length - HEAD_BYTES) / 4)) {
      return null;
    }
    const [magic, count, sum] = new Uint32Array(bytes.buffer, 0, 3);
    const values = new Float32Array(bytes.buffer, HEAD_BYTES);
    return magic === MAGIC && count === values.length && sum === checksum(values) ? values : null;
  }

  /** @throws the system's error where the folder cannot be written */
  async write(hash: string, values: Float32Array): Promise<void> {
    const bytes = new Uint8Array(HEAD_BYTES + values.byteLength);
    new Uint32Array(bytes.buffer, 0, 3).set([MAGIC, values.length, checksum(values)]);
    new Float32Array(bytes.buffer, HEAD_BYTES).set(values);
    await writeWhole(this.#path(hash), bytes);
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

  #path(hash: string): string {
    return join(this.#entries, `${hash}.f32`);
  }
}

/** SHA-256 in hexadecimal. */
export async function contentHash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID()}.tmp`;
  try {
    await Deno.writeFile(temporary, bytes).catch(async (error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      await Deno.mkdir(join(path, ".."), { recursive: true });
      await Deno.writeFile(temporary, bytes);
    });
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {});
    throw error;
  }
}

/** FNV-1a over 32-bit words: finds damage, not malice. */
function checksum(values: Float32Array): number {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let sum = 0x811c9dc5;
  for (let i = 0; i < words.length; i++) sum = Math.imul(sum ^ words[i], 0x01000193);
  return sum >>> 0;
}
