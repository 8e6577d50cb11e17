/**
 * A compressed recording: decoded once to learn how long it is, and kept where it is short. A longer one
 * is decoded again as it is read, with the last minute kept; whoever goes further back than that makes
 * it begin anew.
 */
import { UserError } from "../engine/error.ts";
import { checkRate } from "./audio.ts";
import type { CompressedFormat } from "./format.ts";
import type { WorkerDecoder } from "./decoder.ts";
import { type ByteReader, readerOf } from "./file_bytes.ts";
import { type Fed, indexFirst } from "./m4a.ts";
import type { Recording } from "./recording.ts";
import type { Audio } from "./wav.ts";

/** Bytes that are decoded at a time: a second or two of sound, since more leaves more to collect. */
const CHUNK = 2 ** 14;
/** Samples that are kept of a whole recording: 16 MB, a minute and a half at 48 kHz. */
const KEPT = 2 ** 22;
/** Of a WMA, with pictures. */
const MOST_HEAD = 2 ** 24;
/** Seconds before what was last read that are kept of a longer one. */
const BEHIND = 60;

export interface Compressed {
  readonly path: string;
  readonly format: CompressedFormat;
  readonly decoder: WorkerDecoder;
}

/**
 * Opens a compressed file, and takes it over.
 *
 * @param sizes for tests: samples up to which it is held in memory, and bytes decoded at a time
 * @throws UserError what is wrong with the file, without its name
 */
export async function openCompressed(
  file: Deno.FsFile,
  compressed: Compressed,
  { kept = KEPT, chunk = CHUNK }: {
    readonly kept?: number;
    readonly chunk?: number;
  } = {},
): Promise<Recording> {
  const pieces: Float32Array<ArrayBuffer>[] = [];
  let length = 0;
  let sampleRate = 0;
  const plain = readerOf(file);
  const bytes = compressed.format === "m4a"
    ? indexFirst(plain)
    : { ...plain, head: compressed.format === "wma" ? wmaHead(plain) : 0 };
  const source = { ...compressed, bytes, chunk };
  const sound = new Sound(source);
  for (let piece = await sound.next(); piece; piece = await sound.next()) {
    length += piece.samples.length;
    sampleRate = piece.sampleRate;
    pieces.push(piece.samples);
    if (length > kept) { for (const samples of pieces.splice(0)) free(samples); }
  }
  checkRate(sampleRate);
  if (length > kept) {
    return new StreamedRecording(file, { ...source, length, sampleRate });
  }
  const samples = new Float32Array(length);
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  file.close();
  return new DecodedRecording({ samples, sampleRate });
}

/** Bytes of a WMA before its sound, which its decoder must have at once: they say themselves how many. */
function wmaHead({ size, read }: ByteReader): number {
  const told = new DataView(read(0, 24).buffer).getBigUint64(16, true);
  return Math.min(size, MOST_HEAD, Number(told) + 64);
}

/** A recording that is in memory. */
export class DecodedRecording implements Recording {
  readonly sampleRate: number;
  readonly #samples: Float32Array<ArrayBuffer>;

  constructor({ samples, sampleRate }: Audio) {
    this.sampleRate = sampleRate;
    this.#samples = samples;
  }

  get length(): number {
    return this.#samples.length;
  }

  read(from: number, count: number): Promise<Float32Array<ArrayBuffer>> {
    return Promise.resolve(this.#samples.slice(Math.max(0, from), from + count));
  }

  [Symbol.dispose](): void {}
}

/** Gives samples' memory back now: collected when V8 sees fit, an hour's pieces come to 100 MB and more. */
function free(samples: Float32Array<ArrayBuffer>): void {
  samples.buffer.transfer(0);
}

interface Source extends Compressed {
  readonly bytes: Fed;
  /** Bytes that are decoded at a time. */
  readonly chunk: number;
}

/** A file's sound from its beginning to its end. */
class Sound {
  readonly #source: Source;
  #at = 0;
  #ended = false;

  constructor(source: Source) {
    this.#source = source;
  }

  /** The next piece that holds any; undefined after the last. */
  async next(): Promise<Audio | undefined> {
    const { chunk, decoder, format } = this.#source;
    const { read, head } = this.#source.bytes;
    while (!this.#ended) {
      const bytes = read(this.#at, Math.max(chunk, this.#at === 0 ? head : 0));
      const piece = bytes.length === 0 ? "last" : this.#at === 0 ? "first" : "next";
      this.#at += bytes.length;
      this.#ended = piece === "last";
      const audio = await decoder.decodePiece({ bytes, format, piece });
      if (audio.samples.length > 0) return audio;
    }
    return undefined;
  }
}

class StreamedRecording implements Recording {
  readonly length: number;
  readonly sampleRate: number;
  readonly #file: Deno.FsFile;
  readonly #source: Source;
  #sound: Sound;
  /** Pieces side by side, up to `#end`. */
  readonly #pieces: { readonly at: number; readonly samples: Float32Array<ArrayBuffer> }[] = [];
  #end = 0;

  constructor(
    file: Deno.FsFile,
    { length, sampleRate, ...source }: Source & Pick<Recording, "length" | "sampleRate">,
  ) {
    this.length = length;
    this.sampleRate = sampleRate;
    this.#file = file;
    this.#source = source;
    this.#sound = new Sound(source);
  }

  async read(from: number, count: number): Promise<Float32Array<ArrayBuffer>> {
    const first = Math.max(0, Math.min(from, this.length));
    const last = Math.max(first, Math.min(this.length, from + count));
    if (first < (this.#pieces[0]?.at ?? this.#end)) this.#rewind();
    await this.#decodeUpTo(last, first);
    const out = new Float32Array(last - first);
    for (const { at, samples } of this.#pieces) {
      const part = samples.subarray(Math.max(0, first - at), Math.max(0, last - at));
      if (part.length > 0) out.set(part, Math.max(0, at - first));
    }
    return out;
  }

  /** Keeps what is not long before `first`. */
  async #decodeUpTo(last: number, first: number): Promise<void> {
    const { path } = this.#source;
    const oldest = first - BEHIND * this.sampleRate;
    while (this.#end < last) {
      const piece = await this.#sound.next().catch((error) => {
        throw error instanceof UserError ? new UserError(`${path}: ${error.message}`) : error;
      });
      if (!piece) throw new UserError(`${path}: it became shorter while it was read`);
      this.#pieces.push({ at: this.#end, samples: piece.samples });
      this.#end += piece.samples.length;
      const kept = this.#pieces.findIndex(({ at, samples }) => at + samples.length > oldest);
      for (const { samples } of this.#pieces.splice(0, kept)) free(samples);
    }
  }

  #rewind(): void {
    this.#sound = new Sound(this.#source);
    for (const { samples } of this.#pieces.splice(0)) free(samples);
    this.#end = 0;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
