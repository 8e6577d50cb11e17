/**
 * Who speaks in a cue, and where a mark before their words belongs: after styling tags, after the voice's
 * name in WebVTT, after the dash or the arrows (`>>`) that begin a speaker's turn, after their name in
 * capitals. A cue of two speakers has two turns, and each has its share of the cue's time by the
 * letters it says.
 */
import type { Cue, SubtitleFormat } from "./cues.ts";

export interface Turn {
  /** A mark belongs at `at`; one that is there already reaches to `end`, else they are equal. */
  readonly at: number;
  readonly end: number;
  /** The words of the mark that is there. */
  readonly mark?: string;
  /** A speaker's name between `at` and `end`, where a mark stands before it: it stays, and leads. */
  readonly name?: string;
  /** Letters and digits that are said. */
  readonly letters: number;
  /** When, of the cue's time: 0 to 1. */
  readonly share: readonly [from: number, to: number];
}

const TAGS: Readonly<Record<SubtitleFormat, string>> = {
  srt: "</?[A-Za-z][^<>]*>|\\{\\\\[^{}]*\\}",
  vtt: "</?[A-Za-z][^<>]*>|<[\\d:.]+>",
  ass: "\\{[^{}]*\\}", // overrides and comments
};
/** What begins a speaker's turn. */
const LEAD = /(?:[-–—‐](?![-–—‐>\d])|(?:>|&gt;){2,3})[ \t]*/y;
const SPACE = /(?:[ \t\u00a0]|\\h)+/y;
/** A second speaker on the same line: a sentence ends, then arrows, or a dash and a capital. */
const INNER = /[.!?…]["”’')\]]*[ \t]+(?=[-–—‐][ \t]?[\p{Lu}<{[]|(?:>|&gt;){2})/gu;
/** `JOHN:`, `MR. SMITH (on phone):`. */
const NAME =
  /\p{Lu}[\p{Lu}\p{M}\d.'’-]{1,24}(?: [\p{Lu}\d#][\p{Lu}\p{M}\d.'’-]{0,24}){0,2}(?: \([^()<>{}\r\n]{1,24}\))?:/uy;

/**
 * The turns in which something is spoken: not those of signs and sounds in brackets, of music, or of
 * drawings. Shares are of all spoken turns.
 *
 * @param vocabulary what between brackets is a mark
 */
export function turnsOf(
  text: string,
  { from, to }: Cue,
  { format, vocabulary }: { format: SubtitleFormat; vocabulary: ReadonlySet<string> },
): Turn[] {
  if (isDrawing(text.slice(from, to), format)) return [];
  const starts = startsOf(text, { from, to, format });
  const turns = starts.map((start, i) => {
    const last = starts[i + 1]?.line ?? to;
    const before = existingMark(text, start.at, last, vocabulary);
    const words = afterName(text, [before.end, last], format) ?? before.end;
    const { end, mark = before.mark } = existingMark(text, words, last, vocabulary);
    const place = before.mark === undefined ? { at: words } : {
      at: before.at,
      ...(words > before.end && { name: text.slice(before.end, words) }),
    };
    const letters = lettersIn(text.slice(end, last), format);
    return { ...place, end, ...(mark !== undefined && { mark }), letters };
  }).filter(({ letters }) => letters > 0);
  const all = turns.reduce((sum, { letters }) => sum + letters, 0);
  let said = 0;
  return turns.map((turn) => {
    const before = said;
    said += turn.letters;
    return { ...turn, share: [before / all, said / all] };
  });
}

interface Start {
  /** Where the turn's line, or its part of one, begins. */
  readonly line: number;
  /** Where its words begin. */
  readonly at: number;
}

function startsOf(
  text: string,
  { from, to, format }: { from: number; to: number; format: SubtitleFormat },
): Start[] {
  const starts: Start[] = [];
  const tag = new RegExp(TAGS[format], "y");
  let voice = "";
  for (const [begin, finish] of lines(text, { from, to, format })) {
    const lead = skipTags(text, [begin, finish], tag);
    const named = format === "vtt"
      ? /<v[.\s][^<>]*>/.exec(text.slice(begin, lead))?.[0]
      : undefined;
    const afterLead = match(LEAD, text, lead);
    const speaks = afterLead !== undefined && afterLead <= finish;
    const at = speaks ? skipTags(text, [afterLead, finish], tag) : lead;
    const other = named !== undefined && named !== voice ||
      afterName(text, [lead, finish], format) !== undefined;
    if (starts.length === 0 || speaks || other) {
      starts.push({ line: begin, at });
    }
    voice = named ?? voice;
    for (const inner of text.slice(at, finish).matchAll(INNER)) {
      const line = at + inner.index + inner[0].length;
      if (!speaks && !/[>&]/.test(text[line])) continue; // a dash alone may stand for a pause
      const words = match(LEAD, text, line);
      if (words !== undefined) starts.push({ line, at: skipTags(text, [words, finish], tag) });
    }
  }
  return starts;
}

/** Lines of a cue; in ASS they are parted by `\N` and `\n`. */
function* lines(
  text: string,
  { from, to, format }: { from: number; to: number; format: SubtitleFormat },
): Generator<[from: number, to: number]> {
  const end = format === "ass" ? /\\[Nn]/g : /\r\n|\n|\r/g;
  const body = text.slice(from, to);
  let begin = 0;
  for (const { index, 0: found } of body.matchAll(end)) {
    yield [from + begin, from + index];
    begin = index + found.length;
  }
  yield [from + begin, to];
}

function skipTags(text: string, [from, to]: readonly [number, number], tag: RegExp): number {
  let at = from;
  for (;;) {
    const next = match(SPACE, text, at) ?? match(tag, text, at);
    if (next === undefined || next > to) return at;
    at = next;
  }
}

/**
 * Where the words behind a speaker's name begin, if one stands here. Where all is in capitals several
 * words before a colon may be part of what is said.
 */
function afterName(
  text: string,
  [at, to]: readonly [number, number],
  format: SubtitleFormat,
): number | undefined {
  const colon = match(NAME, text, at);
  if (colon === undefined || colon >= to) return undefined;
  const words = skipTags(text, [colon, to], new RegExp(TAGS[format], "y"));
  const said = text.slice(words, to);
  if (words === colon || words >= to || /^(?:[\r\n]|\\[Nn])/.test(said)) return undefined;
  const several = text.slice(at, colon).includes(" ");
  return several && !/\p{Ll}/u.test(withoutBrackets(said, format)) ? undefined : words;
}

function existingMark(
  text: string,
  at: number,
  to: number,
  vocabulary: ReadonlySet<string>,
): Pick<Turn, "at" | "end" | "mark"> {
  if (text[at] !== "[") return { at, end: at };
  const close = text.indexOf("]", at);
  if (close < 0 || close >= to) return { at, end: at };
  const mark = text.slice(at + 1, close);
  if (!vocabulary.has(mark)) return { at, end: at };
  return { at, end: text[close + 1] === " " ? close + 2 : close + 1, mark };
}

/** Where a sticky pattern that begins at `at` ends. */
function match(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

/** Whether a cue of ASS is a picture: its text is then the strokes of a pen. */
export function isDrawing(raw: string, format: SubtitleFormat): boolean {
  return format === "ass" && /\{[^{}]*\\p[1-9]/.test(raw);
}

/** Sung lines and what stands in brackets is not speech. */
function lettersIn(words: string, format: SubtitleFormat): number {
  const said = withoutBrackets(words, format).trim();
  if (/^[♪♫♬#*]/.test(said)) return 0;
  return said.match(/[\p{L}\p{N}]/gu)?.length ?? 0;
}

function withoutBrackets(words: string, format: SubtitleFormat): string {
  return spokenText(words, format).replace(/\[[^[\]]*\]|\([^()]*\)/g, "");
}

/** A cue's text without tags, overrides and escapes; its lines parted by line feeds. */
export function spokenText(raw: string, format: SubtitleFormat): string {
  const plain = raw.replace(new RegExp(TAGS[format], "g"), "");
  if (format === "ass") return plain.replace(/\\[Nn]/g, "\n").replaceAll("\\h", " ");
  const lines = plain.replace(/\r\n?/g, "\n");
  return format === "vtt" ? lines.replace(/&(\w+|#\d+);/g, entity) : lines;
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  nbsp: " ",
  quot: '"',
  lrm: "",
  rlm: "",
};

function entity(whole: string, name: string): string {
  return ENTITIES[name] ?? whole;
}
