/**
 * `braille`: a text or the words of subtitles in uncontracted Unified English Braille, as Unicode Braille
 * or as a BRF file. Characters without a sign are listed on standard error.
 */
import { readBytes } from "../features/audio.ts";
import { toBrf } from "../text/braille/brf.ts";
import { encode } from "../text/braille/encode.ts";
import { detectSubtitles, parseSubtitles } from "../text/subtitles/cues.ts";
import { decodeText } from "../text/subtitles/encoding.ts";
import { plainText } from "../text/subtitles/plain.ts";
import type { Answer } from "./confined_answer.ts";
import type { BrailleOptions } from "./words/options.ts";

export function braille({ file, brf, pageNumbers }: BrailleOptions): Answer {
  const { text } = decodeText(readBytes(file), file);
  const words = detectSubtitles(text) === undefined
    ? text
    : plainText(text, parseSubtitles(text, file));
  const { cells, unknown } = encode(words);
  return {
    content: brf ? toBrf(cells, { pageNumbers }) : cells.replace(/\n*$/, "\n"),
    ...(unknown.size > 0 && { said: `${file}: ${missing(unknown)}` }),
  };
}

/** Lists what UEB has no sign for, the most frequent first. */
export function missing(unknown: ReadonlyMap<string, number>): string {
  const rows = [...unknown].sort(([, a], [, b]) => b - a).map(([character, n]) => {
    const code = character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    const shown = /[\p{C}\p{M}]/u.test(character) ? "" : `${character} `;
    return `${shown}(U+${code})${n > 1 ? ` ×${n}` : ""}`;
  });
  return `no Braille sign for ${rows.join(", ")}: a transcriber's note stands in its place`;
}
