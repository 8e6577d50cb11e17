/**
 * Files out of a ZIP archive that a stranger may have made. All entries are looked at before one is
 * written: an archive with a path out of its folder, a name twice or more than fits is refused whole.
 * Only files that were asked for are written, and no more of each than the archive says there is.
 */
import { dirname, join } from "node:path";
import { type FileEntry, Reader, ZipReader } from "@zip.js/zip.js";
import { UserError } from "../../engine/error.ts";
import { fileError, makeFolder } from "../../report/files.ts";
import { count } from "../../report/words.ts";
import { lackingWords } from "./recordings.ts";

/** Bytes unpacked, of one file and of all, and entries: some ten times, twice and twice RAVDESS's. */
export const BOUNDS = { file: 16e6, all: 1.2e9, entries: 4000 };

export interface UnpackOptions {
  /** Names of entries, all of which must be there; others are left out. */
  readonly wanted: readonly string[];
  readonly bounds?: typeof BOUNDS;
  /** Told how many files are there. */
  report(files: number): void;
}

/**
 * Unpacks the entries that are wanted into `folder`, and says how many files were left out. Each has
 * the length and the checksum of its entry then. Throws one line where the archive is damaged,
 * incomplete or refused.
 */
export async function unpack(
  archive: string,
  folder: string,
  { wanted, bounds = BOUNDS, report }: UnpackOptions,
): Promise<number> {
  using file = await Deno.open(archive).catch((error) => {
    throw fileError(error, "read", archive);
  });
  const damaged = (error: unknown) =>
    error instanceof UserError
      ? error
      : new UserError(`${archive} is damaged (${messageOf(error)}); remove it and try again`);
  const zip = new ZipReader(new FileReader(file), {
    useWebWorkers: false,
    checkSignature: true,
    checkOverlappingEntry: true,
    filenameValidation: "tolerant", // names are judged below, whole archives by them
  });
  const entries: FileEntry[] = [];
  try {
    for await (const entry of zip.getEntriesGenerator()) {
      requireInside(entry.filename, archive);
      if (!entry.directory) entries.push(entry);
      if (entries.length > bounds.entries) {
        throw new UserError(`${archive}: more than ${count(bounds.entries)} entries; refused`);
      }
    }
  } catch (error) {
    throw damaged(error);
  }
  requireBounded(entries, bounds, archive);
  const chosen = new Set(wanted);
  const taken = entries.filter(({ filename }) => chosen.has(filename));
  const names = new Set(taken.map(({ filename }) => filename));
  const lacking = lackingWords(wanted, { missing: wanted.filter((name) => !names.has(name)) });
  if (lacking !== undefined) {
    throw new UserError(`${archive}: ${lacking}; nothing was unpacked`);
  }
  for (const [done, entry] of taken.entries()) {
    report(done);
    const path = join(folder, entry.filename);
    await makeFolder(dirname(path));
    await write(entry, path).catch((error) => {
      throw damaged(error);
    });
  }
  report(taken.length);
  return entries.length - taken.length;
}

/** An open file as zip.js reads it: a piece at a time, whatever the archive's size. */
class FileReader extends Reader<Deno.FsFile> {
  readonly #file: Deno.FsFile;

  constructor(file: Deno.FsFile) {
    super(file);
    this.#file = file;
    this.size = file.statSync().size;
  }

  override readUint8Array(index: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.max(0, Math.min(length, this.size - index)));
    this.#file.seekSync(index, Deno.SeekMode.Start);
    for (let done = 0; done < bytes.length;) {
      const read = this.#file.readSync(bytes.subarray(done));
      if (read === null) return Promise.reject(new Error("it ends early"));
      done += read;
    }
    return Promise.resolve(bytes);
  }
}

/** Writes a new file, of no more bytes than the entry says. */
async function write(entry: FileEntry, path: string): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true }).catch((error) => {
    throw fileError(error, "write", path);
  });
  let length = 0;
  let fault: unknown; // of the disk, not of the archive
  const sink = new WritableStream<Uint8Array>({
    write(bytes) {
      length += bytes.length;
      if (length > entry.uncompressedSize) throw new Error("a file is longer than it says");
      try {
        for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
      } catch (error) {
        fault = fileError(error, "write", path);
        throw error;
      }
    },
  });
  try {
    await entry.getData(sink);
  } catch (error) {
    throw fault ?? error;
  }
}

function requireInside(name: string, archive: string): void {
  const absolute = /^([/\\]|[A-Za-z]:)/.test(name);
  if (!absolute && !name.split(/[/\\]/).includes("..") && !name.includes("\0")) return;
  throw new UserError(
    `${archive}: ${
      JSON.stringify(name.slice(0, 80))
    } leads out of its folder; nothing was unpacked`,
  );
}

function requireBounded(
  entries: readonly FileEntry[],
  bounds: typeof BOUNDS,
  archive: string,
): void {
  const names = new Set<string>();
  let all = 0;
  for (const { filename, uncompressedSize, encrypted } of entries) {
    const refuse = (what: string) => new UserError(`${archive}: ${what}; nothing was unpacked`);
    if (encrypted) throw refuse(`${filename} is encrypted`);
    if (names.has(filename)) throw refuse(`${filename} is there twice`);
    names.add(filename);
    all += uncompressedSize;
    if (uncompressedSize > bounds.file) {
      throw refuse(`${filename} would be ${megabytes(uncompressedSize)}, a recording is smaller`);
    }
    if (all > bounds.all) throw refuse(`it would take more than ${megabytes(bounds.all)}`);
  }
}

function megabytes(bytes: number): string {
  return `${count(Math.ceil(bytes / 1e6))} MB`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
