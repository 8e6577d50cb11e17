/**
 * Trains a forest, its trees shared out among Workers. The same table and options give the same
 * forest whatever the number of Workers: scikit-learn's, tree for tree.
 */
import { type PoolOptions, WorkerPool } from "./pool.ts";
import { likeliest, RandomForest } from "./forest.ts";
import { type ForestOptions, forestOptions } from "./options.ts";
import { ForestDraws } from "./draws.ts";
import { checkTable, type Table } from "./table.ts";
import type { TreesTask } from "./tasks.ts";
import { addShares, leafOf, type Tree } from "./tree.ts";

/** Trees grown so far. */
export interface FitProgress {
  readonly done: number;
  readonly total: number;
}

export interface FitOptions extends Partial<ForestOptions>, PoolOptions {
  readonly onProgress?: (progress: FitProgress) => void;
}

/** Parts of the work, so that progress shows and nobody waits long for the last. */
const TREES_A_TASK = 10;

/** @throws UserError for a table that cannot be learned from or a setting that is wrong */
export async function fitForest(
  table: Table,
  { workers, onProgress, ...given }: FitOptions = {},
): Promise<RandomForest> {
  checkTable(table);
  const options = forestOptions(given, table);
  using pool = new WorkerPool(table, { workers });
  return await growForest(pool, { table, options, onProgress });
}

/** As fitForest, by a pool that is already on the table. */
export async function growForest(
  pool: WorkerPool,
  { table, options, onProgress }: {
    table: Table;
    options: ForestOptions;
    onProgress?: (progress: FitProgress) => void;
  },
): Promise<RandomForest> {
  const tasks: TreesTask[] = [];
  for (let from = 0; from < options.trees; from += TREES_A_TASK) {
    const to = Math.min(from + TREES_A_TASK, options.trees);
    tasks.push({ kind: "trees", options, from, to });
  }
  let done = 0;
  const grown = await pool.run<"trees">(tasks, ({ from, to }) => {
    done += to - from;
    onProgress?.({ done, total: options.trees });
  });
  const trees = grown.flat();
  const { classes, names } = table;
  const outOfBagScore = options.bootstrap ? outOfBag(table, options, trees) : null;
  return new RandomForest({ options, classes, names, trees, outOfBagScore });
}

/** See ForestData.outOfBagScore; null if every tree learned from every row. */
function outOfBag(table: Table, options: ForestOptions, trees: readonly Tree[]): number | null {
  const { x, y, names, classes: { length: classes } } = table;
  const draws = new ForestDraws(table, options);
  const sums = new Float64Array(y.length * classes);
  const judges = new Int32Array(y.length);
  for (const [t, tree] of trees.entries()) {
    const { weight } = draws.ofTree(t);
    for (let row = 0; row < y.length; row++) {
      if (weight[row] > 0) continue;
      addShares(tree, leafOf(tree, x, row * names.length), { sums, at: row * classes, classes });
      judges[row]++;
    }
  }
  for (let i = 0; i < sums.length; i++) sums[i] /= judges[Math.floor(i / classes)];
  const predicted = likeliest(sums, classes);
  let judged = 0;
  let right = 0;
  for (let row = 0; row < y.length; row++) {
    if (judges[row] === 0) continue;
    judged++;
    if (predicted[row] === y[row]) right++;
  }
  return judged === 0 ? null : right / judged;
}
