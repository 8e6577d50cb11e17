/**
 * WAV bytes to mono samples.
 * `wavefile` reads the format chunk and expands A-law and µ-law; it never sees the rest of a stranger's
 * file, for it trusts counts in `cue ` and `smpl` chunks and rescans nested LIST chunks without bound.
 * So the chunk list is walked here, and a container of `fmt ` and `data` alone is handed over.
 */
import wavefile from "wavefile";
import { UserError } from "../engine/error.ts";
import type { ByteReader } from "./file_bytes.ts";
import { dataLength } from "./wav_size.ts";

/** One recording: the mean of its channels, full scale ±1. */
export interface Audio {
  samples: Float32Array<ArrayBuffer>;
  /** Hz */
  sampleRate: number;
}

interface Chunks {
  bigEndian: boolean;
  fmt: Uint8Array<ArrayBuffer>;
  data: Uint8Array<ArrayBuffer>;
}

interface Format {
  kind: "int" | "float" | "alaw" | "mulaw";
  channels: number;
  sampleRate: number;
  /** bytes a sample takes in the file, its container */
  bytes: number;
}

/** What `wavefile` calls its `fmt`, as far as it is read here. */
interface WaveFields {
  audioFormat: number;
  numChannels: number;
  sampleRate: number;
  blockAlign: number;
  bitsPerSample: number;
  subformat: number[];
}

const LOUDEST = 1e6; // far beyond any scale in use, and its fourth power still fits f32
const LONGEST_FORMAT = 40; // bytes; beyond them nothing is read
const EXTENSIBLE = 0xfffe;
const KINDS: Record<number, Format["kind"]> = { 1: "int", 3: "float", 6: "alaw", 7: "mulaw" };

/**
 * Decode a WAV file: RIFF, RIFX or RF64; 8 to 32-bit integers, 32 and 64-bit floats, A-law and µ-law, any
 * number of channels, any chunks around `fmt ` and `data`.
 *
 * @throws UserError what is wrong with the file, without its name
 */
export function decodeWav(bytes: Uint8Array<ArrayBuffer>): Audio {
  const chunks = findChunks(bytes);
  const format = readFormat(chunks);
  const { sampleRate } = format;
  if (format.kind !== "alaw" && format.kind !== "mulaw") {
    return { samples: toMono(chunks, format), sampleRate };
  }
  const data = expandLaw(chunks, format.kind);
  return { samples: toMono({ ...chunks, data }, { ...format, kind: "int", bytes: 2 }), sampleRate };
}

/**
 * Refuse samples that no feature survives: NaN, infinite, or absurdly far beyond full scale.
 * Only float formats can hold them.
 *
 * @throws UserError which sample it is
 */
export function checkFinite(samples: Float32Array): void {
  for (let i = 0; i < samples.length; i++) {
    if (!(Math.abs(samples[i]) <= LOUDEST)) {
      throw new UserError(`broken: sample ${i} is ${samples[i]}, where full scale is 1`);
    }
  }
}

export function joinedSamples(a: Float32Array, b: Float32Array): Float32Array<ArrayBuffer> {
  const all = new Float32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all;
}

export interface WavPlaces {
  readonly bigEndian: boolean;
  /** The beginning of the format chunk, all of it that is ever read. */
  readonly fmt: Uint8Array<ArrayBuffer>;
  /** Where the samples are, in bytes. */
  readonly at: number;
  readonly length: number;
}

/**
 * Walk the chunks of a WAV up to its samples.
 *
 * @throws UserError what is wrong with the container, without its name
 */
export function findData(file: ByteReader): WavPlaces {
  const head = file.read(0, 12);
  const container = fourcc(head, 0);
  if (!["RIFF", "RIFX", "RF64"].includes(container) || fourcc(head, 8) !== "WAVE") {
    throw new UserError("not a WAV file (it should begin with RIFF, a size and WAVE)");
  }
  const bigEndian = container === "RIFX";
  let fmt: Uint8Array<ArrayBuffer> | undefined;
  let dataSize64: number | undefined;
  let at = 12;
  while (at + 8 <= file.size) {
    const chunk = file.read(at, 8);
    const id = fourcc(chunk, 0);
    const size = viewOf(chunk).getUint32(4, !bigEndian);
    at += 8;
    if (id === "data") {
      if (!fmt) throw new UserError('broken WAV: no "fmt " chunk before "data"');
      const length = dataLength(file, { at, says: size, says64: dataSize64 });
      return { bigEndian, fmt, at, length };
    }
    const left = file.size - at;
    if (size > left) {
      throw new UserError(
        `truncated WAV: its ${printable(id)} chunk says ${size} bytes, ${left} are there`,
      );
    }
    if (id === "ds64" && size >= 16) {
      dataSize64 = Number(viewOf(file.read(at + 8, 8)).getBigUint64(0, true));
    }
    if (id === "fmt ") fmt ??= file.read(at, Math.min(size, LONGEST_FORMAT));
    at += size;
    // Chunks are padded to even places, but some writers forget: then an id begins in the pad's place.
    if (size % 2 === 1) {
      const next = file.read(at, 4);
      if (!(next[0] > 32 && /^[ -~]{4}$/.test(fourcc(next, 0)))) at++;
    }
  }
  throw new UserError('broken WAV: no "data" chunk');
}

function findChunks(bytes: Uint8Array<ArrayBuffer>): Chunks {
  const { bigEndian, fmt, at, length } = findData({
    size: bytes.length,
    read: (from, count) => bytes.subarray(from, from + count),
  });
  return { bigEndian, fmt, data: bytes.subarray(at, at + length) };
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

function readFormat({ bigEndian, fmt }: Chunks): Format {
  if (fmt.length < 16) {
    throw new UserError(`broken WAV: its "fmt " chunk has ${fmt.length} bytes, at least 16 needed`);
  }
  const fields = openClean(fmt, new Uint8Array(0), bigEndian).fmt as WaveFields;
  const extended = fields.audioFormat === EXTENSIBLE;
  const code = extended ? fields.subformat[0] ?? 0 : fields.audioFormat;
  const kind = KINDS[code];
  if (!kind) {
    throw new UserError(
      `WAV of compression ${code}, expected PCM, float, A-law or µ-law: convert it to 16-bit PCM`,
    );
  }
  const { numChannels: channels, sampleRate, bitsPerSample: bits, blockAlign } = fields;
  if (channels < 1) throw new UserError("broken WAV: it says it has no channels");
  const bytes = Math.ceil(bits / 8);
  const known = kind === "int"
    ? bytes >= 1 && bytes <= 4
    : kind === "float"
    ? bits === 32 || bits === 64
    : bits === 8;
  if (!known || blockAlign !== bytes * channels) {
    throw new UserError(
      `broken WAV: ${bits}-bit ${kind} samples, ${channels} channels, ${blockAlign} bytes a block`,
    );
  }
  return { kind, channels, sampleRate, bytes };
}

/** `wavefile` on a container that holds nothing but these two chunks. */
function openClean(fmt: Uint8Array, data: Uint8Array, bigEndian: boolean) {
  const kept = fmt.subarray(0, fmt.length & ~1);
  const bytes = new Uint8Array(28 + kept.length + data.length + (data.length & 1));
  const view = new DataView(bytes.buffer);
  const text = (at: number, id: string) => {
    for (let i = 0; i < 4; i++) bytes[at + i] = id.charCodeAt(i);
  };
  const chunk = (at: number, id: string, body: Uint8Array) => {
    text(at, id);
    view.setUint32(at + 4, body.length, !bigEndian);
    bytes.set(body, at + 8);
  };
  text(0, bigEndian ? "RIFX" : "RIFF");
  view.setUint32(4, bytes.length - 8, !bigEndian);
  text(8, "WAVE");
  chunk(12, "fmt ", kept);
  chunk(20 + kept.length, "data", data);
  const wave = new wavefile.WaveFile();
  try {
    wave.fromBuffer(bytes);
  } catch (error) {
    throw new UserError(`broken WAV: ${error instanceof Error ? error.message : error}`);
  }
  return wave;
}

/** A-law or µ-law bytes as the 16-bit integers they stand for, in the file's byte order. */
function expandLaw({ fmt, data, bigEndian }: Chunks, kind: "alaw" | "mulaw") {
  const wave = openClean(fmt, data, bigEndian);
  if (kind === "alaw") wave.fromALaw();
  else wave.fromMuLaw();
  const { samples } = wave.data as { samples: Uint8Array };
  return new Uint8Array(samples.subarray(0, 2 * data.length));
}

function toMono(chunks: Chunks, { kind, channels, bytes }: Format): Float32Array<ArrayBuffer> {
  const whole = chunks.data.length - chunks.data.length % (bytes * channels);
  let values = chunks.data.subarray(0, whole);
  // wide views need aligned bytes, and swapping a copy of its own
  if (values.byteOffset % bytes !== 0 || chunks.bigEndian) values = new Uint8Array(values);
  if (chunks.bigEndian) swapBytes(values, bytes);
  const { buffer, byteOffset } = values;
  const count = whole / bytes;
  if (kind === "float") {
    const Floats = bytes === 4 ? Float32Array : Float64Array;
    const mono = mixDown(new Floats(buffer, byteOffset, count), channels, 1);
    checkFinite(mono);
    return mono;
  }
  // Integers are left-justified in their containers, so the container's width alone gives the scale.
  if (bytes === 2) return mixDown(new Int16Array(buffer, byteOffset, count), channels, 2 ** -15);
  if (bytes === 4) return mixDown(new Int32Array(buffer, byteOffset, count), channels, 2 ** -31);
  if (bytes === 3) return mixDown(widen24(values), channels, 2 ** -31);
  return mixDown(Int8Array.from(values, (v) => v - 128), channels, 2 ** -7); // 8-bit WAV is unsigned
}

/** Mean over interleaved channels, times `scale`. */
function mixDown(
  interleaved: Int8Array | Int16Array | Int32Array | Float32Array | Float64Array,
  channels: number,
  scale: number,
): Float32Array<ArrayBuffer> {
  const mono = new Float32Array(interleaved.length / channels);
  if (channels === 1) {
    for (let i = 0; i < mono.length; i++) mono[i] = interleaved[i] * scale;
    return mono;
  }
  for (let i = 0, at = 0; i < mono.length; i++) {
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += interleaved[at++];
    mono[i] = (sum * scale) / channels;
  }
  return mono;
}

function widen24(bytes: Uint8Array): Int32Array {
  const wide = new Int32Array(bytes.length / 3);
  for (let i = 0, at = 0; i < wide.length; i++, at += 3) {
    wide[i] = (bytes[at] << 8) | (bytes[at + 1] << 16) | (bytes[at + 2] << 24);
  }
  return wide;
}

function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

function fourcc(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function printable(id: string): string {
  return /^[ -~]{4}$/.test(id) ? `"${id}"` : "unnamed";
}
