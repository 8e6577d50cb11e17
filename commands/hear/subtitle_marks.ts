/**
 * Emotion marks into subtitles, given someone who hears: which stretches are to be judged, which answers
 * are sure enough, and the file's own bytes with the marks put in and nothing else changed.
 */
import { isUnmarked, vocabularyOf, wordFor } from "../../text/emotion_words.ts";
import type { Style } from "../../text/emotion_words.ts";
import { parseSubtitles } from "../../text/subtitles/cues.ts";
import { decodeText, encodeText } from "../../text/subtitles/encoding.ts";
import { type Turn, turnsOf } from "../../text/subtitles/turns.ts";
import type { Verdict } from "./judge.ts";
import { heardFor, type Stretch } from "./stretches.ts";

/** Under this many seconds nothing is judged: it is less than a syllable or two. */
const SHORTEST = 0.4;

export interface MarkOptions {
  /** What problems call the subtitles. */
  readonly file: string;
  /** Of the audio, in seconds. */
  readonly duration: number;
  readonly labels: readonly string[];
  readonly style: Style;
  readonly minConfidence: number;
  /** Verdicts on stretches of the audio, in order; none on what is silent. */
  readonly hear: (stretches: readonly Stretch[]) => Promise<readonly (Verdict | undefined)[]>;
}

/** What became of the turns; each is counted once. */
export interface MarkCounts {
  readonly cues: number;
  /** Turns that carry a mark now, by label. */
  readonly marked: ReadonlyMap<string, number>;
  readonly neutral: number;
  readonly unsure: number;
  readonly silent: number;
  readonly short: number;
  /** Cues that lie outside the audio or end before they begin; they are left as they were. */
  readonly outside: number;
  /** Cues in which nobody speaks. */
  readonly wordless: number;
  /** Marks that were there and are not any more. */
  readonly removed: number;
}

/**
 * Mark the subtitles. A mark of an earlier run is replaced, or removed where the answer is not sure now,
 * so that the result depends on the words and the audio alone and a second run changes nothing.
 *
 * @throws UserError when the file is no subtitles, or its encoding cannot hold the marks
 */
export async function markSubtitles(
  bytes: Uint8Array,
  { file, duration, labels, style, minConfidence, hear }: MarkOptions,
): Promise<{ readonly bytes: Uint8Array; readonly counts: MarkCounts }> {
  const decoded = decodeText(bytes, file);
  const { text } = decoded;
  const { format, cues } = parseSubtitles(text, file);
  const vocabulary = vocabularyOf(labels);
  const count = { neutral: 0, unsure: 0, silent: 0, short: 0, outside: 0, wordless: 0, removed: 0 };
  const marked = new Map<string, number>();
  // of each turn only what is needed later: there may be a hundred thousand
  const asked: (Pick<Turn, "at" | "end" | "mark" | "name"> & { readonly stretch: Stretch })[] = [];
  for (const cue of cues) {
    if (!(cue.end > cue.start) || cue.end <= 0 || cue.start >= duration) {
      count.outside++;
      continue;
    }
    const turns = turnsOf(text, cue, { format, vocabulary });
    if (turns.length === 0) count.wordless++;
    for (const { at, end, mark, name, share: [first, last] } of turns) {
      const from = Math.max(0, cue.start + first * (cue.end - cue.start));
      const to = Math.min(duration, cue.start + last * (cue.end - cue.start));
      asked.push({ at, end, mark, name, stretch: { from, to } });
    }
  }
  const long = ({ stretch: { from, to } }: { stretch: Stretch }) => to - from >= SHORTEST;
  const heard = await hear(heardFor(asked.filter(long).map(({ stretch }) => stretch), duration));
  let next = 0;
  const edits = asked.map((one) => {
    const verdict = long(one) ? heard[next++] : undefined;
    let word = "";
    if (!long(one)) count.short++;
    else if (verdict === undefined) count.silent++;
    else if (verdict.confidence < minConfidence) count.unsure++;
    else if (isUnmarked(verdict.label)) count.neutral++;
    else word = wordFor(verdict.label, style);
    if (word !== "") marked.set(verdict!.label, (marked.get(verdict!.label) ?? 0) + 1);
    else if (one.mark !== undefined) count.removed++;
    const mark = word === "" ? "" : `[${word}] `;
    return { at: one.at, end: one.end, insert: (one.name ?? "") + mark };
  }).sort((a, b) => a.at - b.at);
  const changed = edited(text, edits);
  return {
    bytes: changed === text ? bytes : encodeText(changed, decoded),
    counts: { cues: cues.length, marked, ...count },
  };
}

interface Edit {
  /** What stands from `at` to `end` goes. */
  readonly at: number;
  readonly end: number;
  readonly insert: string;
}

function edited(text: string, edits: readonly Edit[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const { at, end, insert } of edits) {
    parts.push(text.slice(from, at), insert);
    from = end;
  }
  parts.push(text.slice(from));
  return parts.join("");
}
