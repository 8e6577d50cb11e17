/**
 * Everything but WAV to mono samples, through `audio-decode`: FLAC, MP3, Ogg Vorbis, Opus, AAC, WMA, AIFF,
 * CAF, and the sound of MP4, Matroska and AVI.
 * Its decoders are other people's WebAssembly run over strangers' files: they are called only inside
 * decode_worker.ts, where a hang can be ended, and never in a process without bounds checks.
 */
import decode from "audio-decode";
import { UserError } from "../engine/error.ts";
import { joinedBytes } from "./file_bytes.ts";
import { type CompressedFormat, convert } from "./format.ts";
import { checkFlacLength, FLAC_HEAD, headerSafeCut } from "./flac.ts";
import { type Audio, checkFinite, joinedSamples } from "./wav.ts";

const DECODERS = {
  flac: decode.flac,
  mp3: decode.mp3,
  ogg: decode.oga,
  opus: decode.opus,
  m4a: decode.m4a,
  aac: decode.aac,
  aiff: decode.aiff,
  caf: decode.caf,
  wma: decode.wma,
  webm: decode.webm,
  mkv: decode.webm,
  avi: (decode as unknown as { avi: typeof decode.webm }).avi, // its types forget it
} satisfies Record<CompressedFormat, unknown>;

/**
 * Decode a whole compressed file.
 *
 * @throws UserError what is wrong with the file, without its name
 */
export async function decodeCompressed(
  bytes: Uint8Array<ArrayBuffer>,
  format: CompressedFormat,
): Promise<Audio> {
  const stream = await CompressedStream.open(format);
  const [body, rest] = [await stream.feed(bytes), await stream.end()];
  return { samples: joinedSamples(body.samples, rest.samples), sampleRate: stream.sampleRate };
}

type Decoder = Awaited<ReturnType<typeof DECODERS["mp3"]>>;

/** A compressed file decoded as its bytes come. */
export class CompressedStream {
  readonly #format: CompressedFormat;
  readonly #decoder: Decoder;
  /** The file's first bytes. */
  #head = new Uint8Array(0);
  /** Those that wait for the next piece. */
  #held = new Uint8Array(0);
  #count = 0;
  #sampleRate = 0;

  private constructor(format: CompressedFormat, decoder: Decoder) {
    this.#format = format;
    this.#decoder = decoder;
  }

  static async open(format: CompressedFormat): Promise<CompressedStream> {
    return new CompressedStream(format, await DECODERS[format]());
  }

  /** 0 until the first sound. */
  get sampleRate(): number {
    return this.#sampleRate;
  }

  /**
   * The sound that these bytes complete; it may be none.
   *
   * @throws UserError what is wrong with the file, without its name
   */
  async feed(bytes: Uint8Array<ArrayBuffer>): Promise<Audio> {
    if (this.#format !== "flac") return await this.#take(() => this.#decoder(bytes));
    const missing = FLAC_HEAD - this.#head.length;
    if (missing > 0) this.#head = joinedBytes(this.#head, bytes.subarray(0, missing));
    const all = joinedBytes(this.#held, bytes);
    const cut = headerSafeCut(all);
    this.#held = all.slice(cut);
    return await this.#take(() => this.#decoder(all.subarray(0, cut)));
  }

  /**
   * The last of the sound. Nothing can be fed any more.
   *
   * @throws UserError there was none, or less than the file says
   */
  async end(): Promise<Audio> {
    const waited = this.#held.length > 0
      ? (await this.#take(() => this.#decoder(this.#held))).samples
      : new Float32Array(0);
    const { samples } = await this.#take(() => this.#decoder());
    if (this.#count === 0) throw this.#broken("no sound in it");
    if (this.#format === "flac") checkFlacLength(this.#head, this.#count);
    return { samples: joinedSamples(waited, samples), sampleRate: this.#sampleRate };
  }

  async #take(
    decode: () => Promise<{ channelData: Float32Array[]; sampleRate: number }>,
  ): Promise<Audio> {
    let piece;
    try {
      piece = await decode();
    } catch (error) {
      this.#decoder.free();
      throw this.#broken(reason(error));
    }
    const samples = mixDown(piece.channelData);
    checkFinite(samples);
    if (samples.length > 0) this.#sampleRate ||= piece.sampleRate;
    this.#count += samples.length;
    return { samples, sampleRate: this.#sampleRate };
  }

  #broken(what: string): UserError {
    if (/unsupported|not supported/i.test(what)) {
      return new UserError(`its sound is not read (${what}): ${convert}`);
    }
    return new UserError(`broken ${this.#format.toUpperCase()}: ${what}`);
  }
}

/** Mean over channels. */
function mixDown(channels: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const mono = new Float32Array(channels[0]?.length ?? 0);
  for (let i = 0; i < mono.length; i++) {
    let sum = 0;
    for (const channel of channels) sum += channel[i];
    mono[i] = sum / channels.length;
  }
  return mono;
}

function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n")[0].slice(0, 120) || "its decoder failed";
}
