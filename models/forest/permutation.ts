/**
 * Permutation importance (Breiman 2001; scikit-learn's `permutation_importance`, draw for draw): how
 * much accuracy is lost when one feature's values are dealt out anew among the rows.
 */
import { RandomState } from "../../features/corpus/mt19937.ts";
import { likeliest, type RandomForest } from "./forest.ts";
import type { Table } from "./table.ts";
import { addShares, leafOf } from "./tree.ts";

/**
 * Accuracies with permuted features: [features, repeats]. Every feature begins with the same
 * shuffle, and each repeat shuffles further, as in scikit-learn.
 * Trees that never ask about a feature vote as before, so their votes are not taken anew.
 */
export function permutedScores(
  forest: RandomForest,
  table: Table,
  { features, repeats, seed }: {
    readonly features: readonly number[];
    readonly repeats: number;
    readonly seed: number;
  },
): Float64Array {
  const { y, names } = table;
  const x = table.x.slice();
  const p = names.length;
  const classes = forest.classes.length;
  const leaves = forest.trees.map((tree) => y.map((_, row) => leafOf(tree, x, row * p)));
  const asks = forest.trees.map((tree) => new Set(tree.feature));
  const scores = new Float64Array(features.length * repeats);
  const column = new Float32Array(y.length);
  for (const [at, feature] of features.entries()) {
    const random = new RandomState(seed);
    const shuffled = Int32Array.from(y, (_, row) => row);
    for (let repeat = 0; repeat < repeats; repeat++) {
      random.shuffle(shuffled);
      // Shuffles pile up: scikit-learn permutes what the last repeat left.
      for (let row = 0; row < y.length; row++) column[row] = x[shuffled[row] * p + feature];
      for (let row = 0; row < y.length; row++) x[row * p + feature] = column[row];
      const sums = new Float64Array(y.length * classes);
      for (const [t, tree] of forest.trees.entries()) {
        const moved = asks[t].has(feature);
        for (let row = 0; row < y.length; row++) {
          const leaf = moved ? leafOf(tree, x, row * p) : leaves[t][row];
          addShares(tree, leaf, { sums, at: row * classes, classes });
        }
      }
      for (let i = 0; i < sums.length; i++) sums[i] /= forest.trees.length;
      const predicted = likeliest(sums, classes);
      let right = 0;
      for (let row = 0; row < y.length; row++) if (predicted[row] === y[row]) right++;
      scores[at * repeats + repeat] = right / y.length;
    }
    for (let row = 0; row < y.length; row++) x[row * p + feature] = table.x[row * p + feature];
  }
  return scores;
}
