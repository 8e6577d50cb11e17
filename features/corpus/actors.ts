/**
 * Five folds of a corpus's actors. RAVDESS's 24 take the published folds; any other set of actors
 * is dealt into folds of about equal clip counts, the same on every machine.
 */

import { UserError } from "../../engine/error.ts";
import { byActor, type Corpus, count } from "./clip.ts";

type Actor = string | number;

export const FOLDS = 5;

/** Test actors of each fold (Luna-Jiménez et al. 2021). */
export const RAVDESS_FOLDS: readonly (readonly number[])[] = [
  [2, 5, 14, 15, 16],
  [3, 6, 7, 13, 18],
  [10, 11, 12, 19, 20],
  [8, 17, 21, 23, 24],
  [1, 4, 9, 22],
];

/**
 * The test actors of each fold; every actor stands in exactly one.
 * @throws UserError if the corpus does not know its actors, or has fewer than five
 */
export function actorFolds(corpus: Corpus): { folds: Actor[][]; published: boolean } {
  const clips = new Map<Actor, number>();
  for (const { actor } of corpus.clips) {
    if (actor === undefined) {
      throw new UserError(
        `${corpus.name}: its names do not tell who speaks, so it cannot be split by actor; ` +
          "use --split random, or put speakerNN into every name",
      );
    }
    clips.set(actor, (clips.get(actor) ?? 0) + 1);
  }
  const published = RAVDESS_FOLDS.flat();
  if (clips.size === published.length && published.every((actor) => clips.has(actor))) {
    return { folds: RAVDESS_FOLDS.map((fold) => [...fold]), published: true };
  }
  if (clips.size < FOLDS) {
    throw new UserError(
      `${corpus.name}: ${FOLDS} folds need at least ${FOLDS} actors, and it has ` +
        `${count(clips.size, "actor")}; use --split random`,
    );
  }

  // Largest first, each to the fold with the fewest clips so far, so that the counts come out even.
  const order = [...clips.keys()].sort((a, b) => clips.get(b)! - clips.get(a)! || byActor(a, b));
  const folds = Array.from({ length: FOLDS }, () => ({ actors: [] as Actor[], clips: 0 }));
  for (const actor of order) {
    const least = folds.reduce((best, fold) => fold.clips < best.clips ? fold : best);
    least.actors.push(actor);
    least.clips += clips.get(actor)!;
  }
  return { folds: folds.map(({ actors }) => actors.sort(byActor)), published: false };
}

/** Who validates for a fold (1 to 5): the first three test actors of the next one, round. */
export function validationActors(folds: readonly (readonly Actor[])[], fold: number): Actor[] {
  return folds[fold % folds.length]!.slice(0, 3);
}
