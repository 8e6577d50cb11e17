/**
 * Finds the audio files below a folder. Names that begin with a dot are passed over (hidden
 * files, the `._…` twins that macOS leaves, unfinished temporary files), links are followed,
 * and no file is listed twice however many links lead to it.
 */

import { join } from "node:path";
import { UserError } from "../../engine/error.ts";
import { byCodeUnit } from "./clip.ts";

/** Extensions that the decoders read, most faithful first (the order breaks ties). */
export const AUDIO_EXTENSIONS: readonly string[] = [
  ..."wav wave flac aif aiff ogg oga opus m4a aac mp3".split(" "),
];

export interface AudioFile {
  readonly path: string;
  /** Below the scanned folder, separated by `/` on every system. */
  readonly relative: string;
  /** The bare name without folder and extension. */
  readonly stem: string;
  /** In lower case, without the dot. */
  readonly extension: string;
}

/**
 * All audio files below `dir`, sorted by relative path.
 * @throws UserError if the folder is missing, is no folder or cannot be read
 */
export async function findAudio(dir: string): Promise<AudioFile[]> {
  const files: AudioFile[] = [];
  const seen = new Set<string>();
  await walk(dir, "", seen, files);
  return files.sort((a, b) => byCodeUnit(a.relative, b.relative));
}

async function walk(
  folder: string,
  relative: string,
  seen: Set<string>,
  files: AudioFile[],
): Promise<void> {
  for (const { name, isDirectory, isFile, isSymlink } of await entries(folder, seen)) {
    const path = join(folder, name);
    const below = relative === "" ? name : `${relative}/${name}`;
    const target = isSymlink ? await follow(path) : { isDirectory, isFile };
    if (target.isDirectory) {
      await walk(path, below, seen, files);
    } else if (target.isFile) {
      const dot = name.lastIndexOf(".");
      const extension = name.slice(dot + 1).toLowerCase();
      if (dot <= 0 || !AUDIO_EXTENSIONS.includes(extension)) continue;
      if (isSymlink && !addReal(await Deno.realPath(path), seen)) continue;
      files.push({ path, relative: below, stem: name.slice(0, dot), extension });
    }
  }
}

/** The visible entries of a folder, plain ones before links; none for a folder seen before. */
async function entries(folder: string, seen: Set<string>): Promise<Deno.DirEntry[]> {
  try {
    const real = await Deno.realPath(folder);
    if (!addReal(real, seen)) return [];
    const found: Deno.DirEntry[] = [];
    for await (const entry of Deno.readDir(folder)) {
      if (!entry.name.startsWith(".")) found.push(entry);
      if (entry.isFile) seen.add(join(real, entry.name));
    }
    return found.sort((a, b) =>
      Number(a.isSymlink) - Number(b.isSymlink) || byCodeUnit(a.name, b.name)
    );
  } catch (error) {
    throw folderError(folder, error);
  }
}

function addReal(real: string, seen: Set<string>): boolean {
  if (seen.has(real)) return false;
  seen.add(real);
  return true;
}

/** What a link leads to; a link that leads nowhere is passed over. */
async function follow(path: string): Promise<{ isDirectory: boolean; isFile: boolean }> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return { isDirectory: false, isFile: false };
    throw folderError(path, error);
  }
}

function folderError(folder: string, error: unknown): Error {
  if (error instanceof Deno.errors.NotFound) {
    return new UserError(`no such folder: ${folder}; check its path`);
  }
  if (error instanceof Deno.errors.NotADirectory) {
    return new UserError(`${folder} is a file; expected the folder that holds the corpus`);
  }
  if (
    error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable
  ) {
    return new UserError(
      `cannot read ${folder}: permission denied; make it readable and try again`,
    );
  }
  if (error instanceof Deno.errors.FilesystemLoop) {
    return new UserError(`cannot read ${folder}: its links lead in a circle`);
  }
  return error instanceof Error
    ? new UserError(`cannot read ${folder}: ${error.message}`)
    : new Error(String(error));
}
