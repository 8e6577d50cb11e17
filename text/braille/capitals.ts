/**
 * Where capitals are indicated (The Rules of UEB, section 8): before a letter, a word, or a passage of
 * three words and more, and where the last two end.
 */
import { CAPITAL, CAPITAL_PASSAGE, CAPITAL_WORD } from "./signs.ts";

export interface Capitals {
  /** What stands before the character of that index. */
  readonly before: ReadonlyMap<number, string>;
  /** The characters after which capitals end. */
  readonly end: ReadonlySet<number>;
}

const isLetter = (c: string | undefined) => c !== undefined && /\p{L}/u.test(c);
const isCapital = (c: string | undefined) => c !== undefined && /\p{Lu}/u.test(c);
const isMark = (c: string) => /\p{M}/u.test(c);
const CLOSES = new Map([[")", "("], ["]", "["], ["}", "{"], ["”", "“"], ["’", "‘"], ["»", "«"]]);

/** @param line its characters, each a letter, a mark of the letter before it, or anything else */
export function planCapitals(line: readonly string[]): Capitals {
  const before = new Map<number, string>();
  const end = new Set<number>();
  let from = 0;
  for (const [first, last] of passages(line)) {
    planWords(line, { from, to: first, before, end });
    before.set(first, CAPITAL_PASSAGE);
    end.add(last);
    from = last + 1;
  }
  planWords(line, { from, to: line.length, before, end });
  return { before, end };
}

/** 8.5.2: three symbols-sequences and more in capitals alone, from first letter to the last one's end. */
function passages(line: readonly string[]): [first: number, last: number][] {
  const found: [number, number][] = [];
  let words: [first: number, last: number][] = []; // letters of consecutive words in capitals
  const finish = () => {
    if (words.length >= 3) {
      const first = words[0][0];
      found.push([first, withClosing(line, first, words[words.length - 1][1])]);
    }
    words = [];
  };
  for (let i = 0; i < line.length;) {
    if (line[i] === " ") {
      i++;
      continue;
    }
    let [first, last, small] = [-1, -1, false];
    for (; i < line.length && line[i] !== " "; i++) {
      if (isLetter(line[i])) {
        if (first < 0) first = i;
        last = i;
        small ||= !isCapital(line[i]);
      } else if (isMark(line[i]) && last === i - 1) {
        last = i;
      }
    }
    if (small) finish();
    else if (first >= 0) words.push([first, last]);
  }
  finish();
  return found;
}

/** 8.6: the terminator follows what belongs to the passage; pairs opened before it are closed after it. */
function withClosing(line: readonly string[], first: number, last: number): number {
  const open: string[] = [];
  for (let i = first; i <= last; i++) {
    if ("([{“‘«".includes(line[i])) open.push(line[i]);
    else if (open.at(-1) === CLOSES.get(line[i])) open.pop();
  }
  let end = last;
  while (end + 1 < line.length) {
    const next = line[end + 1];
    const pair = CLOSES.get(next);
    if (pair !== undefined && open.at(-1) === pair) open.pop();
    else if (!".,;:!?'%".includes(next)) break;
    end++;
  }
  return end;
}

interface Part {
  readonly from: number;
  readonly to: number;
  readonly before: Map<number, string>;
  readonly end: Set<number>;
}

/** 8.3, 8.4: one capital by itself, or two and more with where they end inside a word. */
function planWords(line: readonly string[], { from, to, before, end }: Part): void {
  for (let i = from; i < to;) {
    if (!isCapital(line[i])) {
      i++;
      continue;
    }
    const first = i;
    let letters = 0;
    for (; i < to && (isCapital(line[i]) || isMark(line[i])); i++) {
      if (isCapital(line[i])) letters++;
    }
    before.set(first, letters > 1 ? CAPITAL_WORD : CAPITAL);
    if (letters > 1 && i < to && isLetter(line[i])) end.add(i - 1);
  }
}
