/**
 * Text to uncontracted Unified English Braille, line by line, in Unicode Braille.
 * What has no sign is written as a transcriber's note of its name or its code point, and listed.
 */
import { SPOKEN } from "../emotion_words.ts";
import { planCapitals } from "./capitals.ts";
import {
  BLANK,
  CAPITAL_END,
  CAPITAL_PASSAGE,
  DIGITS,
  FRACTION_LINE,
  FRACTIONS,
  GRADE_1,
  GREEK,
  LETTERS,
  LIGATURE,
  LIGATURES,
  MODIFIERS,
  NAMES,
  NOTE_CLOSE,
  NOTE_OPEN,
  NUMERIC,
  ONE_CELL_QUOTES,
  QUESTION,
  type Quote,
  SIGNS,
  STRUCK,
  TWO_CELL_QUOTES,
} from "./signs.ts";
import { opens, typeset } from "./typeset.ts";

export interface Braille {
  /** Lines of cells, one a line of the text. */
  readonly cells: string;
  /** Characters without a sign, and how often each came. */
  readonly unknown: ReadonlyMap<string, number>;
}

export interface BrailleOptions {
  /** What between square brackets is an emotion mark, and how it is said. Default: `SPOKEN`. */
  readonly marks?: ReadonlyMap<string, string>;
}

/** Put a text into Braille. */
export function encode(text: string, { marks = SPOKEN }: BrailleOptions = {}): Braille {
  const unknown = new Map<string, number>();
  const print = typeset(text);
  const context = { marks, unknown, singleOutside: singleQuotesPrevail(print) };
  const cells = print.split("\n").map((line) => new Line(line, context).encode()).join("\n");
  return { cells, unknown };
}

/** 7.6: British print has single marks outside and double ones within. */
function singleQuotesPrevail(text: string): boolean {
  return text.split("‘").length > text.split("“").length;
}

interface Context {
  readonly marks: ReadonlyMap<string, string>;
  readonly unknown: Map<string, number>;
  readonly singleOutside: boolean;
}

const SMALL_A_TO_J = new Set([...DIGITS.values()]);

/** One line on its way: what was written, and whether numeric mode is on. */
class Line {
  readonly #context: Context;
  readonly #line: readonly string[];
  #cells = "";
  /** 6.3: digits, `,` and `.` go on with it; anything else ends it. */
  #numeric = false;

  constructor(line: string, context: Context) {
    this.#context = context;
    this.#line = [...decomposed(line)];
  }

  encode(): string {
    const line = this.#line;
    const { before, end } = planCapitals(line.map((c, i) => hasSign(c, line[i + 1]) ? c : "*"));
    let passage = false;
    for (let i = 0; i < line.length; i++) {
      const mark = line[i] === "[" ? this.#markAt(i) : undefined;
      if (mark) {
        this.#note(mark.spoken);
        i += mark.length - 1;
        continue;
      }
      const capital = before.get(i) ?? "";
      passage ||= capital === CAPITAL_PASSAGE;
      let last = i;
      while (last + 1 < line.length && MODIFIERS.has(line[last + 1])) last++;
      this.#put(i, { capital, modifiers: line.slice(i + 1, last + 1), passage });
      i = last;
      if (end.has(i)) {
        this.#sign(CAPITAL_END);
        passage = false;
      }
    }
    return this.#cells;
  }

  #put(
    i: number,
    { capital, modifiers, passage }: {
      capital: string;
      modifiers: readonly string[];
      passage: boolean;
    },
  ): void {
    const character = this.#line[i];
    const small = character.toLowerCase();
    const digit = DIGITS.get(character);
    const fraction = FRACTIONS.get(character);
    if (modifiers.length > 0 && !LETTERS.has(small)) {
      this.#unknown(character);
      for (const mark of modifiers) this.#unknown(mark);
    } else if (LETTERS.has(small)) {
      const signs = modifiers.map((m) => MODIFIERS.get(m)).join("");
      this.#letter(capital + signs, LETTERS.get(small)!);
    } else if (LIGATURES.has(small)) {
      const [a, b] = LIGATURES.get(small)!.map((letter) => LETTERS.get(letter)!);
      this.#letter(capital, a);
      // 8.2: each letter that a single capital makes has its own, before the ligature's sign
      const alone = capital === "⠠" && !passage;
      this.#sign((alone ? capital : "") + LIGATURE + b);
    } else if (STRUCK.has(small)) {
      const [stroke, letter] = STRUCK.get(small)!;
      this.#letter(capital + MODIFIERS.get(stroke), LETTERS.get(letter)!);
    } else if (GREEK.has(small)) {
      this.#sign(capital + GREEK.get(small));
    } else if (digit !== undefined) {
      const afterFraction = FRACTIONS.has(this.#line[i - 1]);
      this.#cells += this.#numeric && !afterFraction ? digit : NUMERIC + digit;
      this.#numeric = true;
    } else if (fraction !== undefined) {
      const [over, under] = fraction.map((d) => DIGITS.get(d));
      this.#cells += NUMERIC + over + FRACTION_LINE + under;
      this.#numeric = true;
    } else if (character === "." || character === ",") {
      this.#point(i);
    } else if (character === " ") {
      this.#sign(BLANK);
    } else if (character === "?") {
      this.#sign(opens(this.#line[i - 1]) ? GRADE_1 + QUESTION : QUESTION);
    } else if (character in TWO_CELL_QUOTES) {
      this.#sign(this.#quote(character as Quote, i));
    } else if (SIGNS.has(character)) {
      this.#sign(SIGNS.get(character)!);
    } else {
      this.#unknown(character);
    }
  }

  /** 6.5: after a number, a small letter a to j would be read as a digit. */
  #letter(prefix: string, letter: string): void {
    const digitLike = this.#numeric && prefix === "" && SMALL_A_TO_J.has(letter);
    this.#sign((digitLike ? GRADE_1 : prefix) + letter);
  }

  /** 6.2, 6.3: a decimal point may begin a number, and points and commas do not end one. */
  #point(i: number): void {
    const begins = this.#line[i] === "." && !this.#numeric && opens(this.#line[i - 1]) &&
      DIGITS.has(this.#line[i + 1]);
    this.#cells += (begins ? NUMERIC : "") + SIGNS.get(this.#line[i]);
    this.#numeric ||= begins;
  }

  /** 7.6.4: one cell only where it cannot be taken for a question mark. */
  #quote(quote: Quote, i: number): string {
    const outside = this.#context.singleOutside ? ["‘", "’"] : ["“", "”"];
    if (quote === outside[0] && opens(this.#line[i - 1])) return ONE_CELL_QUOTES.open;
    if (quote === outside[1]) return ONE_CELL_QUOTES.close;
    return TWO_CELL_QUOTES[quote];
  }

  #sign(sign: string): void {
    this.#cells += sign;
    this.#numeric = false;
  }

  #unknown(character: string): void {
    const { unknown } = this.#context;
    unknown.set(character, (unknown.get(character) ?? 0) + 1);
    const code = character.codePointAt(0)!.toString(16).padStart(4, "0");
    this.#note(SPOKEN.get(character) ?? NAMES.get(character) ?? `u+${code}`);
  }

  /** 3.27 */
  #note(words: string): void {
    const inside = new Line(words, { ...this.#context, marks: new Map() }).encode();
    this.#sign(NOTE_OPEN + inside + NOTE_CLOSE);
  }

  /** The emotion mark that begins here, if one does. */
  #markAt(i: number): { spoken: string; length: number } | undefined {
    const close = this.#line.indexOf("]", i);
    if (close < 0 || close - i > 60) return undefined;
    const spoken = this.#context.marks.get(this.#line.slice(i + 1, close).join(""));
    return spoken === undefined ? undefined : { spoken, length: close - i + 1 };
  }
}

/** Whether a character is no letter, or one that is written as a letter. */
function hasSign(character: string, next: string | undefined): boolean {
  const small = character.toLowerCase();
  if (LETTERS.has(small) || !/\p{L}/u.test(character)) return true;
  return [LIGATURES, STRUCK, GREEK].some((m) => m.has(small)) && !MODIFIERS.has(next ?? "");
}

/** Letters taken apart from the modifiers that UEB has; all else as it is. */
function decomposed(line: string): string {
  return line.replace(/\p{L}/gu, (letter) => {
    const [base, ...marks] = letter.normalize("NFD");
    return LETTERS.has(base.toLowerCase()) && marks.every((mark) => MODIFIERS.has(mark))
      ? base + marks.join("")
      : letter;
  });
}
