/**
 * What a stream is by its first bytes, where it is neither raw samples nor WAV: taken for samples,
 * compressed sound would be answered like any noise.
 */

/** How far a second frame of MPEG may lie behind the first: the longest has 1,441 bytes. */
const NEXT_FRAME = 2_000;

const NAMES: readonly [at: number, magic: string, name: string][] = [
  [0, "fLaC", "FLAC"],
  [0, "OggS", "Ogg"],
  [0, "ID3", "MP3"],
  [4, "ftyp", "MP4 or M4A"],
  [0, "\x1aE\xdf\xa3", "Matroska or WebM"],
  [0, "FORM", "AIFF"],
  [8, "AVI ", "AVI"],
];

/**
 * The name of a format that is not heard as it comes, null for what may be samples, undefined while
 * too little is known.
 */
export function otherFormat(bytes: Uint8Array): string | null | undefined {
  if (bytes.length < 12) return undefined;
  for (const [at, magic, name] of NAMES) {
    if ([...magic].every((c, i) => bytes[at + i] === c.charCodeAt(0))) return name;
  }
  if (!beginsFrame(bytes, 0)) return null;
  // a sample may look like one frame's beginning: two in step are no accident
  for (let at = 16; at + 4 <= Math.min(bytes.length, NEXT_FRAME); at++) {
    if (bytes[at + 1] === bytes[1] && (bytes[at + 2] & 12) === (bytes[2] & 12)) {
      if (beginsFrame(bytes, at)) return (bytes[1] & 6) === 0 ? "AAC" : "MP3";
    }
  }
  return bytes.length < NEXT_FRAME ? undefined : null;
}

/** Whether a frame of MPEG audio may begin here: layers II and III, or AAC's ADTS. */
function beginsFrame(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 0xff || (bytes[at + 1] & 0xe0) !== 0xe0) return false;
  const [version, layer] = [bytes[at + 1] >> 3 & 3, bytes[at + 1] >> 1 & 3];
  if (layer === 0) return version >= 2 && (bytes[at + 2] >> 2 & 15) < 13; // a rate of the table
  const [bits, rate] = [bytes[at + 2] >> 4, bytes[at + 2] >> 2 & 3];
  return layer !== 3 && version !== 1 && bits > 0 && bits < 15 && rate < 3;
}
