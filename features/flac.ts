/**
 * What is known of FLAC beside its decoder (RFC 9639): how many samples a file says it holds, and where a
 * piece of one may be cut.
 */
import { UserError } from "../engine/error.ts";

/** Bytes at a file's beginning that tell its length. */
export const FLAC_HEAD = 26;
/** The most bytes a frame's header has (9.1). */
const LONGEST_HEADER = 16;

/**
 * Where to cut a piece so that no frame's header is: `bytes.length` but where one may begin near the end.
 * The decoder takes a header that is cut for sound, and loses its frame.
 */
export function headerSafeCut(bytes: Uint8Array): number {
  for (let at = Math.max(0, bytes.length - LONGEST_HEADER + 1); at < bytes.length; at++) {
    const second = bytes[at + 1]; // of the sync code
    if (bytes[at] === 0xff && (second === undefined || (second & 0xfe) === 0xf8)) return at;
  }
  return bytes.length;
}

/**
 * @param head a file's first bytes
 * @param got samples that were decoded
 * @throws UserError there are fewer than the first block says (8.2); 0 is "unknown"
 */
export function checkFlacLength(head: Uint8Array, got: number): void {
  if (head.length < FLAC_HEAD || String.fromCharCode(...head.subarray(0, 4)) !== "fLaC") return;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const promised = (head[21] & 15) * 2 ** 32 + view.getUint32(22);
  if (promised > 0 && got < promised) {
    throw new UserError(`truncated FLAC: it says ${promised} samples, ${got} are there`);
  }
}
