/**
 * A file on its way to disk: `NAME.OID.part` beside its place holds what has come, and takes the name
 * when all has come and the checksum is right. The checksum goes along, so that nothing is read twice
 * but what an earlier run had left.
 */
import { createHash, type Hash } from "node:crypto";
import { UserError } from "../../engine/error.ts";
import { fileError } from "../../report/files.ts";

const BLOCK = 2 ** 20;

/** A file as a server lists it. */
export interface WantedFile {
  readonly path: string;
  readonly size: number;
  /** Of the content, or of git's blob. */
  readonly checksum: { readonly kind: "sha256" | "md5" | "git"; readonly hex: string };
  /** Whose words these are, for errors: `the hub`. */
  readonly lister: string;
}

export class PartialFile {
  readonly #path: string;
  readonly #part: string;
  readonly #wanted: WantedFile;
  readonly #file: Deno.FsFile;
  #hash: Hash;
  #length = 0;
  #open = true;

  private constructor(path: string, part: string, wanted: WantedFile, file: Deno.FsFile) {
    this.#path = path;
    this.#part = part;
    this.#wanted = wanted;
    this.#file = file;
    this.#hash = hashFor(wanted);
  }

  /** Whether `path` holds what is wanted, to the last bit. */
  static async isWhole(path: string, wanted: WantedFile): Promise<boolean> {
    const stat = await Deno.stat(path).catch(() => null);
    if (stat?.size !== wanted.size || !stat.isFile) return false;
    using file = await Deno.open(path).catch((error) => {
      throw fileError(error, "read", path);
    });
    const hash = hashFor(wanted);
    readInto(hash, file);
    return hash.digest("hex") === wanted.checksum.hex;
  }

  /** Takes up what an earlier run left of this very content. */
  static async open(path: string, wanted: WantedFile): Promise<PartialFile> {
    const part = `${path}.${wanted.checksum.hex.slice(0, 12)}.part`;
    try {
      const file = await Deno.open(part, { read: true, write: true, create: true });
      const partial = new PartialFile(path, part, wanted, file);
      partial.#length = readInto(partial.#hash, file);
      if (partial.#length > wanted.size) partial.restart();
      return partial;
    } catch (error) {
      throw fileError(error, "write", part);
    }
  }

  /** Bytes that are there. */
  get length(): number {
    return this.#length;
  }

  append(bytes: Uint8Array): void {
    const { path, size, lister } = this.#wanted;
    if (this.#length + bytes.length > size) {
      this.#discard();
      throw new UserError(
        `${path}: more than the ${size} bytes that ${lister} lists came; try again`,
      );
    }
    try {
      for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    } catch (error) {
      throw fileError(error, "write", this.#part);
    }
    this.#hash.update(bytes);
    this.#length += bytes.length;
  }

  /** Forgets what has come. */
  restart(): void {
    this.#file.truncateSync(0);
    this.#file.seekSync(0, Deno.SeekMode.Start);
    this.#hash = hashFor(this.#wanted);
    this.#length = 0;
  }

  /** Gives the file its name. Throws `UserError`, and forgets it, where it is not what was listed. */
  async finish(): Promise<void> {
    const { path, checksum, lister } = this.#wanted;
    const hex = this.#hash.digest("hex");
    if (hex !== checksum.hex) {
      this.#discard();
      throw new UserError(
        `${path}: its checksum is ${hex.slice(0, 12)}…, ${lister} lists ${
          checksum.hex.slice(0, 12)
        }…; what came was thrown away, try again`,
      );
    }
    this[Symbol.dispose]();
    try {
      await Deno.rename(this.#part, this.#path);
    } catch (error) {
      throw fileError(error, "write", this.#path);
    }
  }

  [Symbol.dispose](): void {
    if (this.#open) this.#file.close();
    this.#open = false;
  }

  #discard(): void {
    this[Symbol.dispose]();
    Deno.removeSync(this.#part);
  }
}

/** Of the content, or git's name for it: SHA-1 of a head with the size, then the content. */
function hashFor({ checksum, size }: WantedFile): Hash {
  return checksum.kind === "git"
    ? createHash("sha1").update(`blob ${size}\0`)
    : createHash(checksum.kind);
}

/** Adds a whole file to `hash`, which leaves its position at the end; gives its length. */
function readInto(hash: Hash, file: Deno.FsFile): number {
  const block = new Uint8Array(BLOCK);
  let length = 0;
  for (;;) {
    const count = file.readSync(block);
    if (count === null) return length;
    hash.update(block.subarray(0, count));
    length += count;
  }
}
