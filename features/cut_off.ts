/**
 * Whether a compressed file ends before it says it does, where its decoder would not say: what is there of
 * an MP3, an Ogg, an AIFF or an AVI sounds the same. Some programs write whole files like that, so it is
 * said, and the file is heard.
 */
import { afterTag, type CompressedFormat } from "./format.ts";
import type { ByteReader } from "./file_bytes.ts";

/** Bytes of the longest page of an Ogg. */
const LONGEST_PAGE = 65_307;

export function seemsCut(format: CompressedFormat, file: ByteReader): boolean {
  switch (format) {
    case "mp3":
      return endOfMp3(file) > file.size;
    case "ogg":
    case "opus":
      return !endsWithPage(file);
    case "aiff":
      return containerEnd(file, false) > file.size;
    case "avi":
      return containerEnd(file, true) > file.size;
    default:
      return false;
  }
}

/** By the frame without sound that encoders put first (Xing's); 0 where there is none. */
function endOfMp3(file: ByteReader): number {
  const start = afterTag(file.read(0, 10));
  const view = viewOf(file.read(start, 64), 64);
  const newest = (view.getUint8(1) & 8) !== 0; // MPEG 1
  const mono = view.getUint8(3) >> 6 === 3;
  const at = 4 + (newest ? mono ? 17 : 32 : mono ? 9 : 17);
  const flags = view.getUint32(at + 4);
  if (!/^(Xing|Info)$/.test(textAt(view, at)) || (flags & 2) === 0) return 0;
  return start + view.getUint32(at + 8 + (flags & 1 ? 4 : 0));
}

/** Whether its last page is whole, and said to be the last. */
function endsWithPage(file: ByteReader): boolean {
  const from = Math.max(0, file.size - LONGEST_PAGE);
  const bytes = file.read(from, LONGEST_PAGE);
  const view = viewOf(bytes, bytes.length);
  for (let at = bytes.length - 27; at >= 0; at--) {
    if (textAt(view, at) !== "OggS") continue;
    const sizes = bytes.subarray(at + 27, at + 27 + bytes[at + 26]);
    const end = at + 27 + bytes[at + 26] + sizes.reduce((sum, size) => sum + size, 0);
    return end <= bytes.length && (bytes[at + 5] & 4) !== 0;
  }
  return false;
}

/** Of IFF and RIFF; 0 where a program that streamed wrote no size. */
function containerEnd(file: ByteReader, littleEndian: boolean): number {
  const size = viewOf(file.read(0, 8), 8).getUint32(4, littleEndian);
  return size === 0 || size === 0xffffffff ? 0 : 8 + size;
}

/** Nought where the file has no more. */
function viewOf(bytes: Uint8Array, length: number): DataView {
  const padded = new Uint8Array(length);
  padded.set(bytes.subarray(0, length));
  return new DataView(padded.buffer);
}

function textAt(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
}
