/**
 * How many bytes of samples a WAV has. Its data chunk says so, but not where the header was written
 * before the sound and never mended: by a program whose output was a pipe, or one that was stopped.
 */
import { UserError } from "../engine/error.ts";
import type { ByteReader } from "./file_bytes.ts";

/** What streaming programs write for "unknown" lies from here (sox, arecord) to 0xffffffff (ffmpeg). */
const LEAST_UNKNOWN = 0x7ff00000;
/** Bytes that may stand behind the samples without a chunk around them: tags, the rest of a block. */
const MOST_TAIL = 1 << 16;

/**
 * The length of a data chunk.
 *
 * @param at where its samples begin
 * @param says its own size
 * @param says64 its size by a ds64 chunk, where there is one
 * @throws UserError it is longer than the file, or leaves most of the sound out
 */
export function dataLength(
  file: ByteReader,
  { at, says, says64 }: {
    readonly at: number;
    readonly says: number;
    readonly says64?: number;
  },
): number {
  const left = file.size - at;
  const size = says === 0xffffffff ? says64 || left : says;
  if (size >= LEAST_UNKNOWN && size > left && !says64) return left;
  if (size > left) {
    throw new UserError(`truncated WAV: its "data" chunk says ${size} bytes, ${left} are there`);
  }
  const end = at + size;
  const behind = left - size;
  if (behind <= Math.min(size, MOST_TAIL) || isChunk(file, end) || isChunk(file, end + 1)) {
    return size;
  }
  if (size > 0 && isTagOrPadding(file, end)) return size;
  if (size === 0) return left;
  throw new UserError(
    `broken WAV: its "data" chunk says ${size} bytes, and ${behind} that are no chunk follow; ` +
      "if they are sound: ffmpeg -ignore_length 1 -i FILE whole.wav",
  );
}

/** Whether something that is named and sized like a chunk stands here. */
function isChunk(file: ByteReader, at: number): boolean {
  if (at + 8 > file.size) return false;
  const head = file.read(at, 8);
  const view = new DataView(head.buffer, head.byteOffset, 8);
  const named = head.subarray(0, 4).every((c) => c >= 32 && c < 127) && head[0] > 32;
  const room = file.size - at - 8;
  return named && (view.getUint32(4, true) <= room || view.getUint32(4) <= room); // or RIFX's order
}

/** Whether ID3 or zeros follow, of which there may be many. */
function isTagOrPadding(file: ByteReader, at: number): boolean {
  const [a, b, c] = file.read(at, 3);
  return (a === 0x49 && b === 0x44 && c === 0x33) || file.read(at, 4096).every((x) => x === 0);
}
