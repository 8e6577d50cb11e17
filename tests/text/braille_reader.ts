/**
 * Reads uncontracted UEB back into print, cell by cell as a reader's fingers do: written apart from the
 * encoder, with nothing of it but the table of signs, so that each can catch the other's mistakes.
 */
import {
  BLANK,
  CAPITAL_END,
  DIGITS,
  FRACTIONS,
  GREEK,
  LETTERS,
  LIGATURES,
  MODIFIERS,
  NOTE_CLOSE,
  NOTE_OPEN,
  SIGNS,
  STRUCK,
} from "../../text/braille/signs.ts";

const inverse = (map: ReadonlyMap<string, string>) => new Map([...map].map(([a, b]) => [b, a]));
const letters = inverse(LETTERS);
const digits = inverse(DIGITS);
const greek = inverse(GREEK);
const modifiers = inverse(MODIFIERS);
const signs = inverse(SIGNS);
const ligatures = new Map([...LIGATURES].map(([one, two]) => [two.join(""), one]));
const struck = new Map([...STRUCK].map(([one, [stroke, letter]]) => [letter + stroke, one]));
const fractions = new Map([...FRACTIONS].map(([one, pair]) => [pair.join("/"), one]));
const quotes = new Map([["⠘⠦", "“"], ["⠘⠴", "”"], ["⠠⠦", "‘"], ["⠠⠴", "’"], ["⠠⠶", '"']]);

type Capitals = "none" | "letter" | "word" | "passage";

export function readBraille(
  cells: string,
  { singleOutside = false }: { singleOutside?: boolean } = {},
): string {
  const outside = singleOutside ? ["‘", "’"] : ["“", "”"];
  return cells.split("\n").map((line) => readLine(line, outside)).join("\n");
}

function readLine(line: string, [open, close]: string[]): string {
  let print = "";
  let numeric = false;
  let capitals = "none" as Capitals; // changed by functions below, out of the checker's sight
  let at = 0;
  const take = (text: string) => line.startsWith(text, at) && (at += text.length) > 0;
  /** The longest entry of a table that begins here. */
  const find = (table: ReadonlyMap<string, string>) => {
    for (const length of [3, 2, 1]) {
      const found = table.get(line.slice(at, at + length));
      if (found !== undefined) return { found, length };
    }
  };
  /** What is no letter ends a word in capitals. */
  const put = (text: string, goesOn = false) => {
    print += text;
    numeric = goesOn;
    if (capitals === "word") capitals = "none";
  };
  const letter = (text: string) => {
    print += capitals === "none" ? text : text.toUpperCase();
    numeric = false;
    if (capitals === "letter") capitals = "none";
  };
  const begin = (mode: Capitals) => {
    capitals = mode;
    numeric = false;
  };
  while (at < line.length) {
    const rest = line.slice(at);
    if (numeric && digits.has(line[at])) put(digits.get(line[at++])!, true);
    else if (take(CAPITAL_END)) capitals = "none";
    else if (take(NOTE_OPEN)) put("[");
    else if (take(NOTE_CLOSE)) put("]");
    else if (/^⠼⠲?[⠁-⠿]/.test(rest) && !find(signs)) {
      at++;
      const fraction = /^(.)⠌(.)/.exec(line.slice(at));
      const known = fraction &&
        fractions.get(`${digits.get(fraction[1])}/${digits.get(fraction[2])}`);
      if (known) {
        at += 3;
        put(known, true);
      } else {
        numeric = true;
      }
    } else if (take("⠰⠦")) put("?");
    else if (line[at] === "⠰" && digits.has(line[at + 1])) {
      at++;
      letter(letters.get(line[at++])!);
    } else if (find(quotes)) {
      const { found, length } = find(quotes)!;
      at += length;
      put(found);
    } else if (rest.startsWith("⠦")) {
      at++;
      put(print === "" || /[\s\-—([{<“‘«¿¡]$/.test(print) ? open : "?");
    } else if (take("⠴")) put(close);
    else if (take(BLANK)) {
      put(" ");
    } else if (/^⠠?⠘⠖/.test(rest) && /[ao]$/i.test(print) && /^⠠?⠘⠖⠑/.test(rest)) {
      at += rest.indexOf("⠖") + 2;
      const one = ligatures.get(`${print.at(-1)!.toLowerCase()}e`)!;
      print = print.slice(0, -1) + (/[AO]$/.test(print) ? one.toUpperCase() : one);
      numeric = false;
    } else if (letters.has(line[at])) letter(letters.get(line[at++])!);
    else if (find(modifiers) && letters.has(rest.replace(/^(?:[⠘⠈].)+/, "")[0])) {
      let marks = "";
      while (!letters.has(line[at])) {
        const { found, length } = find(modifiers)!;
        marks += found;
        at += length;
      }
      const base = letters.get(line[at++])!;
      letter(struck.get(base + marks) ?? (base + marks).normalize("NFC"));
    } else if (find(greek)) {
      const { found, length } = find(greek)!;
      at += length;
      letter(found);
    } else if (find(signs)) {
      const { found, length } = find(signs)!;
      at += length;
      put(found, numeric && (found === "." || found === ","));
    } else if (take("⠠⠠⠠")) begin("passage");
    else if (take("⠠⠠")) begin("word");
    else if (take("⠠")) begin("letter");
    else throw new Error(`no sign begins with ${rest.slice(0, 3)} in ${line}`);
  }
  return print;
}
