/**
 * scikit-learn's StratifiedKFold without shuffling, row for row: what `cv=5` means in a
 * GridSearchCV over a classifier.
 */
import { UserError } from "../../engine/error.ts";

/** Row indices, both ascending. */
export interface Fold {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits rows so that each class is spread evenly: its rows go to the folds in runs.
 * @param y [n] the class of each row; a class that no row has plays no part
 * @throws UserError for a class with fewer rows than folds, where scikit-learn only warns
 */
export function stratifiedFolds(
  y: Int32Array,
  { folds, classes }: { folds: number; classes: readonly string[] },
): Fold[] {
  if (!Number.isSafeInteger(folds) || folds < 2) {
    throw new UserError(`folds: expected a whole number of at least 2, got ${folds}`);
  }
  const sizes = new Map<number, number>(); // by class, in the order of first appearance
  for (const label of y) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  for (const [label, size] of sizes) {
    if (size < folds) {
      throw new UserError(
        `the class '${classes[label]}' has ${size} clip${size === 1 ? "" : "s"}, fewer than the ` +
          `${folds} folds; take fewer folds, add clips or leave the class out`,
      );
    }
  }
  // The labels in order are dealt out to the folds like cards: fold f gets cards f, f + folds, …
  const runs = new Map<number, { fold: number; left: number[] }>();
  let first = 0;
  for (const [label, size] of sizes) {
    const left = Array.from({ length: folds }, (_, f) => dealt(first + size, f) - dealt(first, f));
    runs.set(label, { fold: 0, left });
    first += size;
  }
  function dealt(cards: number, fold: number): number {
    return Math.ceil(Math.max(0, cards - fold) / folds);
  }
  const foldOf = y.map((label) => {
    const run = runs.get(label)!;
    while (run.left[run.fold] === 0) run.fold++;
    run.left[run.fold]--;
    return run.fold;
  });
  return Array.from({ length: folds }, (_, fold) => ({
    train: rowsWhere(foldOf, (f) => f !== fold),
    test: rowsWhere(foldOf, (f) => f === fold),
  }));
}

function rowsWhere(foldOf: Int32Array, wanted: (fold: number) => boolean): Int32Array {
  return Int32Array.from([...foldOf.keys()].filter((row) => wanted(foldOf[row])));
}
