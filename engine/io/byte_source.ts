/**
 * Files as the readers here see them: bytes at an offset, in a folder of named files. Who opens them
 * (a disk, a page, a test) is not the engine's matter. With it, how a reader asks and complains.
 */
import { UserError } from "../error.ts";

/**
 * Random access to a file's bytes. `read` gives `length` bytes from `offset`, fewer only past the end; it
 * may put them into `into`, which has room for them, rather than into new memory.
 */
export interface ByteSource {
  readonly size: number;
  read(
    offset: number,
    length: number,
    into?: Uint8Array<ArrayBuffer>,
  ): Uint8Array | Promise<Uint8Array>;
}

/** A file that somebody opened and must close. */
export interface OpenFile extends ByteSource {
  close(): void;
}

/** The files of one folder by their plain names. */
export interface Folder {
  /** What error messages call it. */
  readonly path: string;
  /** Undefined where there is no such file. */
  open(name: string): Promise<OpenFile | undefined>;
}

/** A stretch of a file, and what messages call the file. */
export interface Stretch {
  readonly offset: number;
  readonly length: number;
  readonly file: string;
}

/** Exactly `length` bytes; throws `UserError` when the file has fewer than it had. */
export async function readExactly(
  source: ByteSource,
  { offset, length, file }: Stretch,
  into?: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const bytes = await source.read(offset, length, into);
  if (bytes.length !== length) {
    fail(file, `${length} bytes were expected at byte ${offset}, ${bytes.length} came`);
  }
  return bytes;
}

/** Bytes of a piece: whole elements of any dtype. */
const PIECE = 2 ** 20;

/**
 * Reads long stretches piece by piece through one buffer: large files leave no more behind for the
 * garbage collector than small ones.
 */
export class PieceReader {
  readonly #source: ByteSource;
  readonly #buffer = new Uint8Array(PIECE);

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** `take` gets each piece and the bytes before it; the next piece overwrites it. */
  async read(
    { offset, length, file }: Stretch,
    take: (piece: Uint8Array, before: number) => void,
  ): Promise<void> {
    for (let done = 0; done < length; done += PIECE) {
      const at = { offset: offset + done, length: Math.min(PIECE, length - done), file };
      take(await readExactly(this.#source, at, this.#buffer), done);
    }
  }
}

/** A small text file whole; undefined where there is none. Throws `UserError` past `limit` bytes. */
export async function readSmallText(
  folder: Folder,
  { name, limit }: { readonly name: string; readonly limit: number },
): Promise<string | undefined> {
  const source = await folder.open(name);
  if (source === undefined) return undefined;
  const file = `${folder.path}/${name}`;
  try {
    if (source.size > limit) fail(file, `it has ${source.size} bytes; at most ${limit} are read`);
    const bytes = await readExactly(source, { offset: 0, length: source.size, file });
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) fail(file, "it is not UTF-8 text");
    throw error;
  } finally {
    source.close();
  }
}

/** What a clone without git-lfs leaves in place of a large file begins so. */
const LFS_POINTER = [..."version "].map((letter) => letter.charCodeAt(0));

/** Throws `UserError` where a file is only git-lfs's note of where the real one lies. */
export function refuseLfsPointer(first: Uint8Array, file: string): void {
  if (!LFS_POINTER.every((byte, i) => first[i] === byte)) return;
  fail(file, "a git-lfs pointer stands in place of the weights; fetch them with git lfs pull");
}

/** Anything out of a file, as one short line. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

export function shownShape(shape: readonly number[]): string {
  return `[${shape.length > 8 ? `${shape.slice(0, 8).join("×")}×…` : shape.join("×")}]`;
}

export function fail(file: string, message: string): never {
  throw new UserError(`${file}: ${message}`);
}
