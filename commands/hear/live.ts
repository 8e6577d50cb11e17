/**
 * Sound as it comes in: bytes to samples, and the last seconds of them kept. Raw samples or WAV, whose
 * header is found at the stream's beginning and whose sizes mean nothing there.
 */
import { UserError } from "../../engine/error.ts";
import { joinedBytes } from "../../features/file_bytes.ts";
import { PieceDecoder } from "../../features/wav_recording.ts";
import { joinedSamples } from "../../features/wav.ts";
import { otherFormat } from "./stream_kind.ts";

const LONGEST_HEADER = 1 << 20;

/** Bytes of a stream to mono samples, however they are cut. */
export class StreamDecoder {
  readonly #rate: number;
  #decoder: PieceDecoder | undefined;
  #rest = new Uint8Array(0);

  /** @param rate of raw samples, in Hz; a WAV says its own */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Known once the first samples came. */
  get sampleRate(): number {
    return this.#decoder?.sampleRate ?? this.#rate;
  }

  /** @throws UserError a WAV that cannot be read, or what is neither WAV nor samples */
  decode(bytes: Uint8Array): Float32Array<ArrayBuffer> {
    let all = joinedBytes(this.#rest, bytes);
    if (!this.#decoder) {
      const body = this.#open(all);
      if (body === undefined) {
        this.#rest = all;
        return new Float32Array(0);
      }
      all = all.slice(body);
    }
    const decoder = this.#decoder!;
    const whole = all.length - all.length % decoder.frame;
    this.#rest = all.slice(whole);
    return decoder.decode(all.subarray(0, whole)).samples;
  }

  /** Where the samples begin; undefined while too little is known. */
  #open(all: Uint8Array): number | undefined {
    if (all.length < 12) return undefined;
    const text = (at: number, length = 4) => String.fromCharCode(...all.subarray(at, at + length));
    const container = text(0);
    if (!["RIFF", "RIFX", "RF64"].includes(container) || text(8) !== "WAVE") {
      const other = otherFormat(all);
      if (other === undefined) return undefined;
      if (other !== null) {
        throw new UserError(
          `standard input is ${other}, and only WAV and raw samples are heard as they come: ` +
            "ffmpeg -i FILE -ac 1 -f wav - | deno task listen",
        );
      }
      this.#decoder = PieceDecoder.ofPcm16(this.#rate);
      return 0;
    }
    const bigEndian = container === "RIFX";
    const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
    let fmt: Uint8Array | undefined;
    for (let at = 12; at + 8 <= all.length;) {
      const size = view.getUint32(at + 4, !bigEndian);
      if (text(at) === "data") {
        if (!fmt) throw new UserError('broken WAV: no "fmt " chunk before "data"');
        this.#decoder = new PieceDecoder(fmt, { bigEndian });
        return at + 8;
      }
      if (text(at) === "fmt ") {
        if (at + 8 + size > all.length) break;
        fmt = all.slice(at + 8, at + 8 + (Math.min(size, 40)));
      }
      at += 8 + size + size % 2;
      if (at > LONGEST_HEADER) break;
    }
    if (all.length > LONGEST_HEADER) throw new UserError('broken WAV: no "data" chunk');
    return undefined;
  }
}

/** The newest samples of a stream, so many at most. */
export class Window {
  #samples = new Float32Array(0);
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  push(samples: Float32Array): void {
    const kept = this.#samples.subarray(
      Math.max(0, this.#samples.length + samples.length - this.#size),
    );
    const joined = joinedSamples(kept, samples);
    this.#samples = joined.slice(Math.max(0, joined.length - this.#size));
  }

  get samples(): Float32Array<ArrayBuffer> {
    return this.#samples;
  }
}
