/**
 * What an audio file is, by its first bytes, never by its name; and what those are that people have and
 * that are not read, so that they hear what to do with them.
 */
import { UserError } from "../engine/error.ts";

/** What is read beside WAV, by other people's decoders. */
export const COMPRESSED_FORMATS = [
  ...["flac", "mp3", "ogg", "opus", "m4a", "aac"] as const,
  ...["aiff", "caf", "wma", "webm", "mkv", "avi"] as const,
];
export type CompressedFormat = typeof COMPRESSED_FORMATS[number];
export type AudioFormat = "wav" | CompressedFormat;

/** Bytes that tell every format. */
export const FORMAT_HEAD = 512;
/** A packet of an MPEG transport stream, which begins with "G". */
const PACKET = 188;

/** How formats that are not read begin, at a place. */
const UNREAD: readonly [start: string, at: number, name: string][] = [
  ["\0\0\x01\xba", 0, "an MPEG film"],
  ["FLV", 0, "a Flash film"],
  ["Speex   ", 28, "Speex"],
  ["\x80theora", 28, "an Ogg film"],
  ["#!AMR", 0, "AMR"],
  [".snd", 0, "Sun audio (AU)"],
  ["wvpk", 0, "WavPack"],
  ["MAC ", 0, "Monkey's Audio"],
  ["\x0bw", 0, "Dolby AC-3"],
  ["MThd", 0, "MIDI, notes without sound"],
];

/**
 * Tell a format by the first bytes, `FORMAT_HEAD` of them or all there are.
 *
 * @throws UserError when the bytes are of no format that is read
 */
export function detectFormat(bytes: Uint8Array): AudioFormat {
  if (bytes.length === 0) throw new UserError("empty file (0 bytes)");
  const start = afterTag(bytes);
  if (start > 0 && start >= bytes.length) throw new UserError("no audio after its ID3 tag");
  const text = (at: number, length: number) => textAt(bytes, start + at, length);
  const unread = UNREAD.find(([begins, at]) => text(at, begins.length) === begins)?.[2] ??
    ([0, 1, 2].every((i) => bytes[start + i * PACKET] === 0x47) ? "an MPEG transport stream" : "");
  if (unread) throw new UserError(`${unread}, which is not read: ${convert}`);
  switch (text(0, 4)) {
    case "RIFF":
      return text(8, 4) === "AVI " ? "avi" : "wav";
    case "RIFX":
    case "RF64":
      return "wav";
    case "fLaC":
      return "flac";
    case "OggS": {
      const codec = text(28, 8);
      if (codec === "OpusHead") return "opus";
      return codec.startsWith("\x7fFLAC") ? "flac" : "ogg";
    }
    case "FORM":
      if (text(8, 3) === "AIF") return "aiff";
      break;
    case "caff":
      if (/^[au]law$/.test(text(28, 4))) { // its decoder makes them softer than they are
        throw new UserError(`CAF of A-law or µ-law, which is not read: ${convert}`);
      }
      return "caf";
    case "\x1aE\xdf\xa3":
      return text(0, 64).includes("webm") ? "webm" : "mkv";
    case "0&\xb2u":
      return "wma";
  }
  // QuickTime's own files may begin with any of these
  if (["ftyp", "moov", "mdat", "wide"].includes(text(4, 4))) return "m4a";
  if (bytes[start] === 0xff && (bytes[start + 1] & 0xe0) === 0xe0) {
    return (bytes[start + 1] & 6) === 0 ? "aac" : "mp3"; // layer 0 is ADTS
  }
  throw new UserError(
    "not an audio file that is read (WAV, FLAC, MP3, Ogg, Opus, M4A, AAC, AIFF, CAF, WMA; sound of MP4, " +
      "MOV, WebM, MKV, AVI)",
  );
}

/** What to do with a file that is not read. */
export const convert = "ffmpeg -i FILE -vn -ac 1 audio.wav";

/** Where a file's sound begins by its first ten bytes: behind an ID3 tag, else at 0. */
export function afterTag(bytes: Uint8Array): number {
  if (textAt(bytes, 0, 3) !== "ID3") return 0;
  const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + (bytes[at] & 127), 0);
  return 10 + size + (bytes[5] & 16 ? 10 : 0);
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
