/** The words of subtitles as plain text, for whoever reads them without the picture. */
import type { Subtitles } from "./cues.ts";
import { isDrawing, spokenText } from "./turns.ts";

/**
 * Cues in the file's order with an empty line between them. A cue's lines are joined, but a line that a
 * dash or arrows begin is another speaker's and stays one. Drawings and cues without words are left out.
 */
export function plainText(text: string, { format, cues }: Subtitles): string {
  return cues.map(({ from, to }) => text.slice(from, to))
    .filter((raw) => !isDrawing(raw, format))
    .map((raw) => {
      const lines = spokenText(raw, format).split("\n").map((line) => line.trim())
        .filter((line) => line !== "");
      return lines.map((line, i) =>
        i === 0 ? line : (/^(?:[-–—‐]|>>)/.test(line) ? "\n" : " ") + line
      )
        .join("");
    })
    .filter((words) => words !== "")
    .join("\n\n");
}
