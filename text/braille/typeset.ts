/**
 * Print brought to one spelling before it is put into Braille: what UEB writes alike is made alike, and
 * quotation marks get the side that their place gives them.
 */

/** Characters without a printed form: joiners, direction marks, variation selectors, soft hyphens. */
const UNSEEN = /[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe0e\ufe0f\ufeff]/g;

const ALIKE: readonly (readonly [RegExp, string])[] = [
  [/[\p{Zs}\t]+/gu, " "], // 7.1.2: one blank cell, however wide the print's space
  [/…/g, "..."], // 7.3
  [/[–―]/g, "—"], // 7.2: en dash and em dash are one dash, unless a text tells them apart
  [/[‐‑]/g, "-"],
  [/[〈⟨]/g, "<"],
  [/[〉⟩]/g, ">"],
  [/[`´ʼ]/g, "'"],
  [/[„‟]/g, "“"],
  [/[‚‛]/g, "‘"],
  [/µ/g, "μ"],
  [/ς/g, "σ"],
  [/″/g, "′′"],
];

/** Lines of a text with one character for each sign of Braille. Every line is trimmed. */
export function typeset(text: string): string {
  let same = text.normalize("NFC").replace(UNSEEN, "");
  for (const [pattern, character] of ALIKE) same = same.replace(pattern, character);
  return same.split(/\r\n|[\n\r\v\f\u0085]/).map((line) => quotes(line.trim())).join("\n");
}

/**
 * Whether a mark between these two opens (`undefined` is the line's end): what closes or goes on
 * never follows a space, a dash or an opening bracket.
 */
export function opens(before: string | undefined): boolean {
  return before === undefined || /[\s\-—([{<“‘«¿¡]/.test(before);
}

/**
 * 7.6: straight double marks are written as what they stand for, except where nothing tells the side.
 * A ’ that closes no ‘ is an apostrophe.
 */
function quotes(line: string): string {
  let opened = 0;
  let done = "";
  for (let i = 0; i < line.length; i++) {
    const before = done.at(-1);
    const after = line[i + 1];
    let character = line[i];
    if (character === '"') {
      const lonely = opens(before) && (after === undefined || after === " ");
      if (!lonely) character = opens(before) ? "“" : "”";
    } else if (character === "‘") {
      opened++;
    } else if (character === "’") {
      const inside = before !== undefined && after !== undefined && /\p{L}/u.test(before) &&
        /\p{L}/u.test(after);
      if (opened > 0 && !inside && !opens(before)) opened--;
      else character = "'";
    }
    done += character;
  }
  return done;
}
