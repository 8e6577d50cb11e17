/**
 * The ways in which a corpus is parted into training, validation and test clips: by clip at random,
 * by actor, by sentence, or not at all, for a model to be given away. Each clip of a protocol stands in exactly one part;
 * validation clips come from the training side alone; under `actors` nobody is heard in two parts.
 */

import { UserError } from "../../engine/error.ts";
import { actorFolds, FOLDS, validationActors } from "./actors.ts";
import { byActor, type Corpus, count } from "./clip.ts";
import { RandomState } from "./mt19937.ts";
import { stratifiedSplit } from "./stratified.ts";

export type Protocol = "random" | "actors" | "statement" | "all";

/** Indices into `corpus.clips`. */
export interface Split {
  readonly train: readonly number[];
  readonly validation: readonly number[];
  readonly test: readonly number[];
  /** The protocol in words, and what its figures do and do not say. */
  readonly describe: string;
}

export interface SplitOptions {
  readonly protocol: Protocol;
  /** 0 to 2³² - 1. Plays no part in `actors`, whose folds are fixed. */
  readonly seed: number;
  /** 1 to 5; `actors` only. */
  readonly fold?: number;
  /**
   * False: nothing is kept for validation, as for a forest, whose cross-validation stands for it.
   * Those clips are trained on; under `random` the parts are then 70/30, as the paper's forest.
   */
  readonly validation?: boolean;
  /** What stands for them then, in words; default that cross-validation. */
  readonly instead?: string;
  /** Shares of the clips that validate and that test, each, under `random`; default 0.15. */
  readonly heldOut?: number;
}

/** With this many clips, every part of a 70/15/15 split has one of the class; with fewer, maybe not. */
export const LEAST_CLIPS_PER_CLASS = 7;

/** Share of the actors whose clips validate when the sentence is held out. */
const VALIDATION_SHARE = 0.15;

/** @throws UserError if the corpus does not allow the protocol, or the fold does not exist */
export function split(corpus: Corpus, options: SplitOptions): Split {
  const { protocol, seed, fold = 1, validation = true, heldOut = 0.15 } = options;
  const { instead = CROSS_VALIDATED } = options;
  switch (protocol) {
    case "random":
      return splitRandom(corpus, { seed, validation, heldOut, instead });
    case "actors":
      return splitActors(corpus, { fold, validation, instead });
    case "statement":
      return splitStatement(corpus, { seed, validation, instead });
    case "all":
      return {
        train: corpus.clips.map((_, i) => i),
        validation: [],
        test: [],
        describe: "every clip trained on, none kept to validate or test",
      };
  }
}

/** What stands for a validation part where there is none. */
const CROSS_VALIDATED = "validated by folds within training";

/** Validation clips put to the training ones, in the corpus's order. */
function joined({ train, validation, test }: Omit<Split, "describe">): Omit<Split, "describe"> {
  return { train: [...train, ...validation].sort((a, b) => a - b), validation: [], test };
}

function splitRandom(
  corpus: Corpus,
  { seed, validation, heldOut, instead }: Required<
    Pick<SplitOptions, "seed" | "validation" | "heldOut" | "instead">
  >,
): Split {
  const labels = corpus.clips.map((clip) => clip.label);
  for (const [label, word] of corpus.labels.entries()) {
    const size = labels.filter((l) => l === label).length;
    if (size > 0 && size < LEAST_CLIPS_PER_CLASS) {
      throw new UserError(
        `${corpus.name}: the class '${word}' has ${count(size, "clip")}, too few to split; ` +
          `give it at least ${LEAST_CLIPS_PER_CLASS} or leave the class out`,
      );
    }
  }
  const first = stratifiedSplit(labels, { testSize: 2 * heldOut, seed });
  const [trained, part] = [1 - 2 * heldOut, heldOut].map((share) => Math.round(100 * share));
  const shares = validation ? `${trained}/${part}/${part}` : `${trained}/${2 * part}, ${instead}`;
  const halves = () => stratifiedSplit(first.test.map((i) => labels[i]!), { testSize: 0.5, seed });
  const held = validation ? halves() : { train: [], test: first.test.keys().toArray() };
  return {
    train: first.train,
    validation: held.train.map((i) => first.test[i]!),
    test: held.test.map((i) => first.test[i]!),
    describe: `random by clip, ${shares}, stratified by class, seed ${seed}: ` +
      (corpus.kind === "ravdess"
        ? "the same speakers, sentences and takes stand on every side, "
        : "whoever speaks in several clips may stand on every side, ") +
      "so the figures say little about a new speaker",
  };
}

function splitActors(
  corpus: Corpus,
  { fold, validation, instead }: {
    readonly fold: number;
    readonly validation: boolean;
    readonly instead: string;
  },
): Split {
  if (!Number.isInteger(fold) || fold < 1 || fold > FOLDS) {
    throw new UserError(`fold: expected 1 to ${FOLDS}, got ${fold}; choose one with --fold`);
  }
  const { folds, published } = actorFolds(corpus);
  const testing = folds[fold - 1]!;
  const validating = validationActors(folds, fold);
  const indices = (wanted: (actor: string | number) => boolean) =>
    corpus.clips.flatMap((clip, i) => wanted(clip.actor!) ? [i] : []);
  const apart = {
    train: indices((actor) => !testing.includes(actor) && !validating.includes(actor)),
    validation: indices((actor) => validating.includes(actor)),
    test: indices((actor) => testing.includes(actor)),
  };
  const parts = validation ? apart : joined(apart);
  requireClasses(corpus, parts.train, `the training side of fold ${fold}`);
  const whose = published
    ? "the five published folds (Luna-Jiménez et al. 2021)"
    : `five folds made from the ${folds.flat().length} actors of this corpus by clip count`;
  return {
    ...parts,
    describe: `by actor, fold ${fold} of ${FOLDS}, ${whose}: tested on actors ` +
      `${testing.join(", ")}, ${
        validation ? `validated on ${validating.join(", ")}` : instead
      }, trained on the others; ` +
      "nobody is heard on two sides, so the figures speak for new speakers",
  };
}

function splitStatement(
  corpus: Corpus,
  { seed, validation, instead }: {
    readonly seed: number;
    readonly validation: boolean;
    readonly instead: string;
  },
): Split {
  const { clips } = corpus;
  const without =
    clips.filter(({ statement, actor }) =>
      (statement !== 1 && statement !== 2) || actor === undefined
    ).length;
  if (without > 0) {
    throw new UserError(
      `${corpus.name}: a split by statement needs names that hold the sentence and the actor, ` +
        `and ${without} of ${clips.length} do not; use --split random`,
    );
  }
  const actors = [...new Set(clips.map((clip) => clip.actor!))].sort(byActor);
  if (actors.length < 2) {
    throw new UserError(
      `${corpus.name}: a split by statement validates on actors of its own and finds ` +
        `${count(actors.length, "actor")}; use --split random`,
    );
  }
  const drawn = new RandomState(seed).permutation(actors.length)
    .slice(0, Math.max(1, Math.round(VALIDATION_SHARE * actors.length)));
  const validating = drawn.map((i) => actors[i]!).sort(byActor);
  const indices = (statement: number, wanted: (actor: string | number) => boolean) =>
    clips.flatMap((clip, i) => clip.statement === statement && wanted(clip.actor!) ? [i] : []);
  const apart = {
    train: indices(1, (actor) => !validating.includes(actor)),
    validation: indices(1, (actor) => validating.includes(actor)),
    test: indices(2, () => true),
  };
  const parts = validation ? apart : joined(apart);
  if (apart.validation.length === 0 || apart.test.length === 0) {
    throw new UserError(
      `${corpus.name}: a split by statement needs both sentences from every actor; ` +
        "use --split random",
    );
  }
  requireClasses(corpus, parts.train, "statement 1");
  return {
    ...parts,
    describe: "by sentence: trained on statement 1, tested on statement 2, " +
      (validation
        ? `validated on statement 1 of actors ${validating.join(", ")} (seed ${seed}), who are ` +
          "not trained on; the other speakers"
        : `${instead}; the speakers`) +
      " of the test are known from training, the words are new",
  };
}

/** A class that is nowhere in training cannot be learned: better said now than after the epochs. */
function requireClasses(corpus: Corpus, train: readonly number[], where: string): void {
  const trained = new Set(train.map((i) => corpus.clips[i]!.label));
  for (const { label } of corpus.clips) {
    if (!trained.has(label)) {
      throw new UserError(
        `${corpus.name}: ${where} holds no clip of the class '${corpus.labels[label]}'; ` +
          "use --split random",
      );
    }
  }
}
