/**
 * Arrays on disk by the hash of what they were made from: each a file behind a checked head, written
 * under a temporary name first. Whatever is damaged, truncated or of another size counts as absent.
 */
import { join } from "node:path";

const MAGIC = 0x31464d54; // "TMF1"
const HEAD_BYTES = 16;

export class ArrayStore {
  readonly #folder: string;
  readonly #fits: (values: number) => boolean;

  /**
   * @param folder made at the first write
   * @param fits whether an array of so many values may be one of these
   */
  constructor(folder: string, fits: (values: number) => boolean) {
    this.#folder = folder;
    this.#fits = fits;
  }

  /** The array of that hash, or null. */
  async read(hash: string): Promise<Float32Array<ArrayBuffer> | null> {
    return this.#valuesIn(await Deno.readFile(this.#path(hash)).catch(() => null));
  }

  /** The same without waiting, for batches that are made while nothing else can run. */
  readSync(hash: string): Float32Array<ArrayBuffer> | null {
    try {
      return this.#valuesIn(Deno.readFileSync(this.#path(hash)));
    } catch {
      return null;
    }
  }

  /** @throws the system's error where the folder cannot be written */
  async write(hash: string, values: Float32Array): Promise<void> {
    const bytes = new Uint8Array(HEAD_BYTES + values.byteLength);
    new Uint32Array(bytes.buffer, 0, 3).set([MAGIC, values.length, checksum(values)]);
    new Float32Array(bytes.buffer, HEAD_BYTES).set(values);
    await writeWhole(this.#path(hash), bytes);
  }

  #valuesIn(bytes: Uint8Array<ArrayBuffer> | null): Float32Array<ArrayBuffer> | null {
    if (!bytes || bytes.length % 4 !== 0 || !this.#fits((bytes.length - HEAD_BYTES) / 4)) {
      return null;
    }
    const [magic, count, sum] = new Uint32Array(bytes.buffer, 0, 3);
    const values = new Float32Array(bytes.buffer, HEAD_BYTES);
    return magic === MAGIC && count === values.length && sum === checksum(values) ? values : null;
  }

  #path(hash: string): string {
    return join(this.#folder, `${hash}.f32`);
  }
}

/** SHA-256 in hexadecimal. */
export async function contentHash(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** @throws the system's error */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
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
