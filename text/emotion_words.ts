/**
 * How an emotion is written before what was said: `[angrily]`, `[anger]` or `[😠]`. The eight classes
 * of RAVDESS have words of their own; a class of any other corpus is written as it is named.
 * A mark is known again by its words, so the words of all styles stay reserved.
 */

export const STYLES = ["adverb", "noun", "emoji"] as const;
export type Style = typeof STYLES[number];

/** Whether a class is the absence of the others, which nobody marks. */
export function isUnmarked(label: string): boolean {
  return label.toLowerCase() === "neutral";
}

const WORDS: ReadonlyMap<string, Readonly<Record<Style, string>>> = new Map(Object.entries({
  calm: { adverb: "calmly", noun: "calmness", emoji: "😌" },
  happy: { adverb: "happily", noun: "happiness", emoji: "😊" },
  sad: { adverb: "sadly", noun: "sadness", emoji: "😢" },
  angry: { adverb: "angrily", noun: "anger", emoji: "😠" },
  fearful: { adverb: "fearfully", noun: "fear", emoji: "😨" },
  disgust: { adverb: "disgustedly", noun: "disgust", emoji: "🤢" },
  surprised: { adverb: "surprisedly", noun: "surprise", emoji: "😲" },
}));

/** What stands between the brackets for a class. */
export function wordFor(label: string, style: Style): string {
  return WORDS.get(label)?.[style] ?? bare(label);
}

/** A mark's words as they are spoken: an emoji's adverb, anything else itself. */
export const SPOKEN: ReadonlyMap<string, string> = new Map(
  [...WORDS.values()].flatMap(({ adverb, noun, emoji }) => [
    [adverb, adverb],
    [noun, noun],
    [emoji, adverb],
  ]),
);

/** All that may stand between the brackets of a mark of these classes, or of the eight, in any style. */
export function vocabularyOf(labels: readonly string[]): Set<string> {
  const own = labels.filter((label) => !isUnmarked(label)).map(bare).filter((word) => word !== "");
  return new Set([...SPOKEN.keys(), ...own]);
}

/** A class's name may be a folder's: nothing of it may end a mark, a line, a tag or an entity. */
function bare(label: string): string {
  return label.replace(/[\p{Cc}\u2028\u2029[\]{}<>&\\]/gu, " ").replace(/\s+/g, " ").trim();
}
