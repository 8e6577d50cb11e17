/**
 * A trained random forest (paper, section 3.1; Breiman 2001): many trees, each on its own bootstrap
 * and its own draws of features. The vote is the mean of the leaves' class shares, as
 * scikit-learn's RandomForestClassifier has it, not a count of the trees' classes.
 */
import type { ForestOptions } from "./options.ts";
import { checkFinite, type Table } from "./table.ts";
import { addShares, leafOf, type Tree } from "./tree.ts";

/** All that a forest is, as plain data. */
export interface ForestData {
  readonly options: ForestOptions;
  readonly classes: readonly string[];
  readonly names: readonly string[];
  readonly trees: readonly Tree[];
  /**
   * Accuracy on the training rows, each judged only by trees that did not learn from it; null
   * without bootstrap. Rows that every tree learned from play no part.
   */
  readonly outOfBagScore: number | null;
}

export class RandomForest implements ForestData {
  readonly options: ForestOptions;
  readonly classes: readonly string[];
  readonly names: readonly string[];
  readonly trees: readonly Tree[];
  readonly outOfBagScore: number | null;

  constructor({ options, classes, names, trees, outOfBagScore }: ForestData) {
    this.options = options;
    this.classes = classes;
    this.names = names;
    this.trees = trees;
    this.outOfBagScore = outOfBagScore;
  }

  /**
   * @param x [n, p] in the columns of `names`
   * @returns [n, K], each row summing to 1
   * @throws UserError for a value that is not finite
   */
  probabilities(x: Float32Array): Float64Array {
    const features = this.names.length;
    const classes = this.classes.length;
    if (x.length % features !== 0) {
      throw new RangeError(`forest: ${x.length} values are no rows of ${features} features`);
    }
    checkFinite(x, this.names);
    const rows = x.length / features;
    const sums = new Float64Array(rows * classes);
    for (const tree of this.trees) {
      for (let row = 0; row < rows; row++) {
        const leaf = leafOf(tree, x, row * features);
        addShares(tree, leaf, { sums, at: row * classes, classes });
      }
    }
    for (let i = 0; i < sums.length; i++) sums[i] /= this.trees.length;
    return sums;
  }

  /** The likeliest class of each row: [n]; the first of equals. */
  predict(x: Float32Array): Int32Array {
    return likeliest(this.probabilities(x), this.classes.length);
  }

  /** Share of a table's rows whose class is predicted. */
  accuracy({ x, y }: Pick<Table, "x" | "y">): number {
    const predicted = this.predict(x);
    return y.reduce((right, label, i) => right + (label === predicted[i] ? 1 : 0), 0) / y.length;
  }
}

/** Index of the largest of each row of [n, K]; the first of equals. */
export function likeliest(values: Float64Array, classes: number): Int32Array {
  const best = new Int32Array(values.length / classes);
  for (let row = 0; row < best.length; row++) {
    const base = row * classes;
    for (let c = 1; c < classes; c++) {
      if (values[base + c] > values[base + best[row]]) best[row] = c;
    }
  }
  return best;
}
