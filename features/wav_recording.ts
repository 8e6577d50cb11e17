/** A WAV file that stays on disk, and pieces of its samples made sound. */
import { UserError } from "../engine/error.ts";
import { checkRate } from "./audio.ts";
import { readAt, readerOf } from "./file_bytes.ts";
import type { Recording } from "./recording.ts";
import { type Audio, decodeWav, findData } from "./wav.ts";

/** Pieces of a WAV's samples to mono, each decoded as a file of its own with the same format chunk. */
export class PieceDecoder {
  readonly sampleRate: number;
  /** Bytes of one sample of all channels. */
  readonly frame: number;
  /** Container, format chunk and the data chunk's name, up to its size. */
  readonly #header: Uint8Array<ArrayBuffer>;
  readonly #little: boolean;
  /** Where pieces are put behind the header, over and over: hours of them would be much to collect. */
  #room = new Uint8Array(0);

  /** @throws UserError what is wrong with the format */
  constructor(format: Uint8Array, { bigEndian = false }: { readonly bigEndian?: boolean } = {}) {
    const fmt = format.subarray(0, format.length & ~1);
    this.#little = !bigEndian;
    this.#header = new Uint8Array(12 + 8 + fmt.length + 8);
    const view = new DataView(this.#header.buffer);
    const text = (at: number, id: string) =>
      this.#header.set([...id].map((c) => c.charCodeAt(0)), at);
    text(0, bigEndian ? "RIFX" : "RIFF");
    text(8, "WAVE");
    text(12, "fmt ");
    view.setUint32(16, fmt.length, this.#little);
    this.#header.set(fmt, 20);
    text(20 + fmt.length, "data");
    this.sampleRate = this.decode(new Uint8Array(0)).sampleRate;
    this.frame = view.getUint16(20 + 12, this.#little);
    checkRate(this.sampleRate);
  }

  /** Raw samples, little-endian and signed, of one channel. */
  static ofPcm16(sampleRate: number): PieceDecoder {
    const fmt = new DataView(new ArrayBuffer(16));
    [1, 1].forEach((value, i) => fmt.setUint16(2 * i, value, true)); // PCM, one channel
    [sampleRate, 2 * sampleRate].forEach((value, i) => fmt.setUint32(4 + 4 * i, value, true));
    [2, 16].forEach((value, i) => fmt.setUint16(12 + 2 * i, value, true));
    return new PieceDecoder(new Uint8Array(fmt.buffer));
  }

  decode(data: Uint8Array): Audio {
    return this.decodeFilled(data.length, (into) => into.set(data));
  }

  /** Of so many bytes, which `fill` puts where they are decoded. */
  decodeFilled(length: number, fill: (into: Uint8Array<ArrayBuffer>) => void): Audio {
    const head = this.#header.length;
    if (this.#room.length < head + length) {
      this.#room = new Uint8Array(head + length);
      this.#room.set(this.#header);
    }
    const bytes = this.#room.subarray(0, head + length);
    new DataView(bytes.buffer).setUint32(head - 4, length, this.#little);
    fill(bytes.subarray(head));
    return decodeWav(bytes);
  }
}

/** A WAV file on disk. */
export class WavRecording implements Recording {
  readonly length: number;
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #decoder: PieceDecoder;
  readonly #offset: number;

  /** Takes the file over, but closes it only when disposed of. */
  constructor(file: Deno.FsFile, path: string) {
    const { bigEndian, fmt, at, length } = findData(readerOf(file));
    this.#file = file;
    this.#path = path;
    this.#offset = at;
    this.#decoder = new PieceDecoder(fmt, { bigEndian });
    this.length = Math.floor(length / this.#decoder.frame);
    if (this.length === 0) throw new UserError("empty: it holds no samples");
  }

  get sampleRate(): number {
    return this.#decoder.sampleRate;
  }

  // deno-lint-ignore require-await
  async read(from: number, count: number): Promise<Float32Array<ArrayBuffer>> {
    const { frame } = this.#decoder;
    const first = Math.max(0, from);
    const frames = Math.max(0, Math.min(this.length, from + count) - first);
    const at = this.#offset + first * frame;
    try {
      return this.#decoder.decodeFilled(frames * frame, (into) => {
        if (readAt(this.#file, at, into) === into.length) return;
        throw new UserError("it became shorter while it was read");
      }).samples;
    } catch (error) {
      throw error instanceof UserError ? new UserError(`${this.#path}: ${error.message}`) : error;
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
