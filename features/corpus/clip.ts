/**
 * What a corpus is to the rest of the program: a list of clips, each a file with a class, and
 * whatever else its name told about it (who speaks, which sentence, how strongly).
 * Clips stand in one fixed order (by id), so that a seed picks the same ones on every machine.
 */

/** One recording. Fields that the file's name does not tell are absent, never guessed. */
export interface Clip {
  /** Unique within the corpus: the bare name in RAVDESS, the path below the corpus elsewhere. */
  readonly id: string;
  readonly path: string;
  /** Index into the corpus's `labels`. */
  readonly label: number;
  readonly actor?: string | number;
  /** 1 or 2: which of the two sentences is spoken. */
  readonly statement?: number;
  /** 1 normal, 2 strong. */
  readonly intensity?: number;
  /** 1 or 2: which take. */
  readonly repetition?: number;
  readonly sex?: "male" | "female";
}

export interface Corpus {
  readonly name: string;
  readonly kind: "ravdess" | "folders";
  /** The classes; a clip's `label` is an index into them. */
  readonly labels: readonly string[];
  readonly clips: readonly Clip[];
  /** True for the built-in corpus: whatever is measured on it must say so. */
  readonly synthetic: boolean;
  /** What was left out and why, one plain sentence each. */
  readonly notes: readonly string[];
}

/** Orders strings by code unit: the same on every machine, whatever its language settings. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Orders actors: numbers by value before names, names with their numbers by value. */
export function byActor(a: string | number, b: string | number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "number") return -1;
  if (typeof b === "number") return 1;
  const [prefixA, numberA] = actorParts(a);
  const [prefixB, numberB] = actorParts(b);
  return byCodeUnit(prefixA, prefixB) || numberA - numberB || byCodeUnit(a, b);
}

function actorParts(actor: string): [prefix: string, number: number] {
  const digits = actor.match(/\d+$/)?.[0] ?? "";
  return [actor.slice(0, actor.length - digits.length), Number(digits)];
}

/** `1 file`, `2 files`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
