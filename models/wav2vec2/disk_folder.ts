/** A folder on disk as the engine's readers see one. Faults of the disk are one line each. */
import { join } from "node:path";
import { UserError } from "../../engine/error.ts";
import type { Folder, OpenFile } from "../../engine/io/byte_source.ts";

/** The folder at `path`; nothing is opened until it is asked for. */
export function diskFolder(path: string): Folder {
  return { path, open: (name) => openFile(join(path, name)) };
}

async function openFile(path: string): Promise<OpenFile | undefined> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (!isFile) throw new UserError(`cannot read ${path}: it is not a file`);
    return new DiskFile(path, await Deno.open(path), size);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw readError(error, path);
  }
}

/** Reads without awaiting, so that no second reader can move the file's one position in between. */
class DiskFile implements OpenFile {
  readonly size: number;
  readonly #path: string;
  readonly #file: Deno.FsFile;

  constructor(path: string, file: Deno.FsFile, size: number) {
    this.#path = path;
    this.#file = file;
    this.size = size;
  }

  read(offset: number, length: number, into?: Uint8Array<ArrayBuffer>): Uint8Array {
    const there = Math.max(0, Math.min(length, this.size - offset));
    const bytes = into?.subarray(0, there) ?? new Uint8Array(there);
    try {
      this.#file.seekSync(offset, Deno.SeekMode.Start);
      let filled = 0;
      while (filled < bytes.length) {
        const count = this.#file.readSync(bytes.subarray(filled));
        if (count === null) break; // the file became shorter
        filled += count;
      }
      return bytes.subarray(0, filled);
    } catch (error) {
      throw readError(error, this.#path);
    }
  }

  close(): void {
    this.#file.close();
  }
}

/** A fault of the disk as one line; anything else as it is. */
function readError(error: unknown, path: string): unknown {
  if (error instanceof Deno.errors.NotADirectory) {
    return new UserError(`cannot read ${path}: a part of the path is a file, not a folder`);
  }
  if (error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable) {
    return new UserError(`cannot read ${path}: permission denied`);
  }
  if (error instanceof Error && "code" in error) {
    return new UserError(`cannot read ${path}: ${error.code}`);
  }
  return error;
}
