/**
 * Opens a recording of any length, read piece by piece, so that hours of it take no more memory than some
 * minutes: WAV stays on disk (`wav_recording.ts`), and what is compressed is decoded as it is read
 * (`compressed_recording.ts`).
 */
import { UserError } from "../engine/error.ts";
import { ioReason } from "./audio.ts";
import { openCompressed } from "./compressed_recording.ts";
import { seemsCut } from "./cut_off.ts";
import type { WorkerDecoder } from "./decoder.ts";
import { type ByteReader, readerOf } from "./file_bytes.ts";
import { afterTag, type AudioFormat, detectFormat, FORMAT_HEAD } from "./format.ts";
import type { Recording } from "./recording.ts";
import { WavRecording } from "./wav_recording.ts";

/**
 * Open a recording.
 *
 * @param decoder for what is compressed; it serves this recording until that is disposed of
 * @throws UserError `path: what is wrong`: unreadable, no audio that is read, truncated
 */
export async function openRecording(path: string, decoder: WorkerDecoder): Promise<Recording> {
  const file = open(path);
  try {
    const bytes = readerOf(file);
    const format = formatOf(bytes);
    if (format === "wav") return new WavRecording(file, path);
    const cut = seemsCut(format, bytes);
    return Object.assign(await openCompressed(file, { path, format, decoder }), { cut });
  } catch (error) {
    file.close();
    throw error instanceof UserError ? new UserError(`${path}: ${error.message}`) : error;
  }
}

/** By the first bytes, and those behind a tag. */
function formatOf({ size, read }: ByteReader): AudioFormat {
  const head = read(0, FORMAT_HEAD);
  const start = afterTag(head);
  if (start > 0 && start >= size) throw new UserError("no audio after its ID3 tag");
  return detectFormat(start === 0 ? head : read(start, FORMAT_HEAD));
}

function open(path: string): Deno.FsFile {
  try {
    const file = Deno.openSync(path);
    if (file.statSync().isDirectory) {
      file.close();
      throw new UserError("it is a folder");
    }
    return file;
  } catch (error) {
    throw new UserError(`${path}: cannot be read (${ioReason(error)})`);
  }
}
