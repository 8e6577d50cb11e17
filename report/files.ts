/**
 * Writing files whole or not at all, and saying in one line why one could not be written or read.
 * A file is written under a temporary name beside its own and renamed, so that a reader, a crash or
 * a full disk never meets half of it.
 */
import { dirname, sep } from "node:path";
import { UserError } from "../engine/error.ts";

/**
 * Writes `content` to `path`, replacing what was there in one step; what comes in parts is never held as
 * a whole. Needs write permission for the folder.
 * Throws `UserError` when the disk is full, the folder is missing or may not be written.
 */
export async function writeWhole(
  path: string,
  content: string | Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    if (typeof content === "string") await Deno.writeTextFile(temporary, content);
    else if (content instanceof Uint8Array) await Deno.writeFile(temporary, content);
    else await writeParts(temporary, content);
    await Deno.rename(temporary, path);
  } catch (error) {
    await Deno.remove(temporary).catch(() => {}); // it may never have come to be
    throw fileError(error, "write", path);
  }
}

async function writeParts(path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  using file = await Deno.open(path, { write: true, createNew: true });
  for await (const part of parts) {
    for (let done = 0; done < part.length;) done += await file.write(part.subarray(done));
  }
}

/** As `writeWhole`; a file that was there keeps its mode. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const mode = (await Deno.stat(path).catch(() => null))?.mode ?? null;
  await writeWhole(path, content);
  if (mode !== null) await Deno.chmod(path, mode & 0o777);
}

/**
 * Throws what `writeWhole` would, before the work that makes the content.
 *
 * @param read files and folders that the content is made from: none of them is written over
 */
export async function tryWriting(path: string, read: readonly string[] = []): Promise<void> {
  const known = await Deno.stat(path).catch(() => null);
  if (known?.isDirectory) throw new UserError(`cannot write ${path}: it is a folder, not a file`);
  if (known) await refuseOver(path, known, read);
  const temporary = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    await Deno.writeTextFile(temporary, "");
  } catch (error) {
    throw fileError(error, "write", path);
  }
  await Deno.remove(temporary);
}

/** A file goes by many names: links, other cases, ways around. */
async function refuseOver(
  path: string,
  known: Deno.FileInfo,
  read: readonly string[],
): Promise<void> {
  const place = await Deno.realPath(path);
  for (const input of read) {
    const [stat, from] = await Promise.all([Deno.stat(input), Deno.realPath(input)])
      .catch(() => [null, ""] as const); // whoever reads it will tell
    const same = place === from ||
      known.ino !== null && known.ino === stat?.ino && known.dev === stat.dev;
    if (!same && !(stat?.isDirectory && place.startsWith(from + sep))) continue;
    const what = same ? "it is" : "it is a file of";
    throw new UserError(`cannot write ${path}: ${what} ${input}, which is read; name another file`);
  }
}

/** Reads a text file. Throws `UserError` when there is none or it may not be read. */
export async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw fileError(error, "read", path);
  }
}

/** Makes a folder and those above it. Throws `UserError` where that is not possible. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    throw fileError(error, "make", path);
  }
}

/** A file system's error as a `UserError` of one line; anything else as it is. */
export function fileError(error: unknown, verb: "read" | "write" | "make", path: string): unknown {
  const reason = reasonOf(error, path);
  return reason === undefined ? error : new UserError(`cannot ${verb} ${path}: ${reason}`);
}

function reasonOf(error: unknown, path: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof Deno.errors.NotFound) return "there is no such file or folder";
  if (error instanceof Deno.errors.NotCapable) {
    return `Deno was not given the permission; add ${
      dirname(path)
    } to --allow-read and --allow-write`;
  }
  switch ((error as Error & { code?: string }).code) {
    case "EACCES":
    case "EPERM":
      return "permission denied; choose another place or change its owner";
    case "EROFS":
      return "the file system is read-only; choose another place";
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full; free some space or choose another place";
    case "ENOTDIR":
      return "a part of the path is a file, not a folder";
    case "EISDIR":
      return "it is a folder, not a file";
    case "EEXIST":
      return "a file of that name is in the way";
    case "ENAMETOOLONG":
      return "the name is too long";
    case "EIO":
      return "the disk reports an error";
    default:
      return undefined;
  }
}
