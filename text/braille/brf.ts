/**
 * Braille for embossers: North American ASCII Braille in pages of 40 cells by 25 lines.
 * Words go to the next line whole; only one longer than a line is broken, and then not inside a sign.
 */
import { BLANK, DIGITS, NUMERIC } from "./signs.ts";

/** The character of each pattern, from no dots to all six, dot 1 counting least. */
const ASCII = " A1B'K2L@CIF/MSP\"E3H9O6R^DJG>NTQ,*5<-U8V.%[$+X!&;:4\\0Z7(_?W]#Y)=";
/** Cells that mean nothing without the next one: of dots 4, 5 and 6 alone, and the numeric indicator. */
const PREFIXES = /[⠈⠐⠘⠠⠨⠰⠸⠼]/;

export interface PageOptions {
  /** Cells a line and lines a page. */
  readonly width?: number;
  readonly height?: number;
  /** A number at the right of every page's last line, which then holds nothing else. */
  readonly pageNumbers?: boolean;
}

/** Unicode Braille as the lines and pages of a BRF file: CR LF after lines, a form feed after pages. */
export function toBrf(
  cells: string,
  { width = 40, height = 25, pageNumbers = false }: PageOptions = {},
): string {
  const room = pageNumbers ? height - 1 : height;
  const pages: string[][] = [[]];
  for (const line of cells.split("\n").flatMap((paragraph) => wrapCells(paragraph, width))) {
    if (pages[pages.length - 1].length === room) pages.push([]);
    const page = pages[pages.length - 1];
    if (line !== "" || page.length > 0) page.push(line); // no page begins with an empty line
  }
  if (pages[pages.length - 1].length === 0) pages.pop();
  return pages.map((page, p) => {
    const lines = pageNumbers
      ? [...page, ...Array(room - page.length).fill(""), pageNumber(p + 1).padStart(width, BLANK)]
      : page;
    return lines.map((line) => `${toAscii(line)}\r\n`).join("") + "\f";
  }).join("");
}

/** One paragraph as lines of at most `width` cells; blanks at a line's end go. */
export function wrapCells(paragraph: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (let word of paragraph.split(BLANK).filter((word) => word !== "")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = "";
    }
    while (word.length > width) {
      const at = breakOf(word, width);
      lines.push(word.slice(0, at));
      word = word.slice(at);
    }
    line += (line === "" ? "" : BLANK) + word;
  }
  return [...lines, line];
}

/** After a hyphen or a slash where there is one, else between two signs. */
function breakOf(word: string, width: number): number {
  for (let at = width; at > width / 2; at--) {
    if (/[⠤⠌]/.test(word[at - 1])) return at;
  }
  let at = width;
  while (at > 1 && PREFIXES.test(word[at - 1])) at--;
  return at;
}

function toAscii(line: string): string {
  return line.replace(/[\u2800-\u283f]/g, (cell) => ASCII[cell.charCodeAt(0) - 0x2800]);
}

function pageNumber(n: number): string {
  return NUMERIC + [...String(n)].map((digit) => DIGITS.get(digit)).join("");
}
