/**
 * An audio file to checked mono samples: what it is goes by its bytes, never by its name.
 * WAV is read here; anything compressed goes to the CompressedDecoder that the caller chose. What comes
 * out is finite, not silent, and at a rate that features can be made of.
 */
import { UserError } from "../engine/error.ts";
import { type CompressedDecoder, WorkerDecoder } from "./decoder.ts";
import { detectFormat } from "./format.ts";
import { type Audio, decodeWav } from "./wav.ts";

export type { Audio } from "./wav.ts";

const SILENCE = 10 ** (-90 / 20);
const RATES = [2_000, 384_000];

/**
 * Read an audio file.
 *
 * @param path any WAV or compressed file of a format that `format.ts` tells
 * @param decoder for compressed files; default: a Worker of this process for this file alone
 * @throws UserError one line, `path: what is wrong`: unreadable, not audio, broken, truncated, empty, silent
 */
export async function readAudio(path: string, decoder?: CompressedDecoder): Promise<Audio> {
  const bytes = readBytes(path);
  if (decoder) return await decodeAudio(bytes, path, decoder);
  using own = new WorkerDecoder();
  return await decodeAudio(bytes, path, own);
}

/**
 * The bytes of a file.
 *
 * @throws UserError `path: cannot be read (why)`
 */
export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  try {
    return Deno.readFileSync(path); // a third of the time of its asynchronous sister
  } catch (error) {
    throw new UserError(`${path}: cannot be read (${ioReason(error)})`);
  }
}

/**
 * Decode the bytes of an audio file and check what came out.
 *
 * @param path stands before every problem, nothing is read from it
 * @throws UserError as readAudio
 */
export async function decodeAudio(
  bytes: Uint8Array<ArrayBuffer>,
  path: string,
  decoder: CompressedDecoder,
): Promise<Audio> {
  try {
    const format = detectFormat(bytes);
    const audio = format === "wav" ? decodeWav(bytes) : await decoder.decode(bytes, format);
    checkAudio(audio);
    return audio;
  } catch (error) {
    if (error instanceof DecoderUnavailable || !(error instanceof UserError)) throw error;
    throw new UserError(`${path}: ${error.message}`);
  }
}

/** No decoder could be started: no fault of any file, so it stops the whole run. */
export class DecoderUnavailable extends UserError {}

/**
 * Refuse what no feature can be made of.
 *
 * @throws UserError empty, silent (below −90 dB of full scale throughout), an absurd rate
 */
export function checkAudio({ samples, sampleRate }: Audio): void {
  if (samples.length === 0) throw new UserError("empty: it holds no samples");
  checkRate(sampleRate);
  for (let i = 0; i < samples.length; i++) if (Math.abs(samples[i]) >= SILENCE) return;
  throw new UserError("silent: no sample reaches −90 dB of full scale");
}

/** @throws UserError a sample rate that no features can be made at */
export function checkRate(sampleRate: number): void {
  if (sampleRate >= RATES[0] && sampleRate <= RATES[1]) return;
  throw new UserError(`sample rate ${sampleRate} Hz, expected ${RATES[0]} to ${RATES[1]} Hz`);
}

/** The system's reason for a failed read or write, in a few words. */
export function ioReason(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error instanceof Error ? error.message.split("\n")[0] : String(error);
}
