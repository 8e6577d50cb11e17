/**
 * Which features a forest relies on: by the impurity that their splits removed in training, which is
 * free but flatters features with many values, and by the accuracy lost without them on rows given.
 */
import { RandomState } from "../../features/corpus/mt19937.ts";
import { UserError } from "../../engine/error.ts";
import { type PoolOptions, WorkerPool } from "./pool.ts";
import type { ForestData, RandomForest } from "./forest.ts";
import { checkTable, type Table } from "./table.ts";
import type { PermutedTask } from "./tasks.ts";
import { impurities, nodeWeight, type Tree } from "./tree.ts";

/**
 * Mean decrease in impurity, as scikit-learn's `feature_importances_`.
 * @returns [p], summing to 1; all 0 if no tree has a split
 */
export function impurityImportances({ trees, names, options, classes }: ForestData): Float64Array {
  const sums = new Float64Array(names.length);
  for (const tree of trees) {
    const removed = removedImpurity(tree, {
      features: names.length,
      impurity: impurities(tree, options.criterion, classes.length),
      classes: classes.length,
    });
    const total = removed.reduce((sum, value) => sum + value, 0);
    if (total > 0) { for (let f = 0; f < sums.length; f++) sums[f] += removed[f] / total; }
  }
  const total = sums.reduce((sum, value) => sum + value, 0);
  return total > 0 ? sums.map((value) => value / total) : sums;
}

/** [features] weight times impurity of each node, less that of its two children. */
function removedImpurity(
  tree: Tree,
  { features, impurity, classes }: { features: number; impurity: Float64Array; classes: number },
): Float64Array {
  const removed = new Float64Array(features);
  const share = (node: number) => nodeWeight(tree, node, classes) * impurity[node];
  for (let node = 0; node < tree.feature.length; node++) {
    const feature = tree.feature[node];
    if (feature >= 0) removed[feature] += share(node) - share(node + 1) - share(tree.right[node]);
  }
  return removed;
}

/** Loss of accuracy over the repeats, for each feature: [p] each. */
export interface PermutationImportances {
  readonly mean: Float64Array;
  /** Population standard deviation. */
  readonly std: Float64Array;
}

export interface PermutationOptions extends PoolOptions {
  readonly repeats?: number;
  readonly seed?: number;
}

/**
 * scikit-learn's `permutation_importance` with accuracy as the score, features shared out among
 * Workers. Rows that the forest did not learn from tell what it relies on; its own tell less.
 * @throws UserError for a table that does not fit the forest
 */
export async function permutationImportances(
  forest: RandomForest,
  table: Table,
  { repeats = 5, seed = 42, workers }: PermutationOptions = {},
): Promise<PermutationImportances> {
  checkTable(table);
  const p = forest.names.length;
  if (table.names.join("\n") !== forest.names.join("\n")) {
    throw new UserError(
      `forest: expected the ${p} columns it was trained on, in their order, got others`,
    );
  }
  using pool = new WorkerPool(table, { workers });
  const { options, classes, names, trees, outOfBagScore } = forest;
  const data: ForestData = { options, classes, names, trees, outOfBagScore };
  const shuffleSeed = new RandomState(seed).randint(0, 2 ** 31);
  const parts = Math.min(pool.size, p);
  const tasks = Array.from({ length: parts }, (_, part): PermutedTask => ({
    kind: "permuted",
    forest: data,
    features: names.flatMap((_, f) => f % parts === part ? [f] : []),
    repeats,
    seed: shuffleSeed,
  }));
  const scores = await pool.run<"permuted">(tasks);
  const whole = forest.accuracy(table);
  const mean = new Float64Array(p);
  const std = new Float64Array(p);
  for (let f = 0; f < p; f++) {
    const at = Math.floor(f / parts) * repeats;
    const lost = scores[f % parts].subarray(at, at + repeats).map((score) => whole - score);
    mean[f] = lost.reduce((sum, value) => sum + value, 0) / repeats;
    std[f] = Math.sqrt(lost.reduce((sum, value) => sum + (value - mean[f]) ** 2, 0) / repeats);
  }
  return { mean, std };
}
