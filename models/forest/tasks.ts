/**
 * The work that Workers share, as plain messages: trees of one forest, one cell of a grid search,
 * scores with permuted features. A task's result depends on the task and the table alone.
 */
import { type ForestData, likeliest, RandomForest } from "./forest.ts";
import { type GrownTree, TreeGrower } from "./grow.ts";
import type { ForestOptions } from "./options.ts";
import { permutedScores } from "./permutation.ts";
import { ForestDraws } from "./draws.ts";
import type { SortedColumns, Table } from "./table.ts";
import { addShares, leafOf, type Tree } from "./tree.ts";

/** Trees `from` … `to` of a forest on the whole table. */
export interface TreesTask {
  readonly kind: "trees";
  readonly options: ForestOptions;
  readonly from: number;
  readonly to: number;
}

/**
 * One fold with one way of splitting: every limit on the depth and every number of trees at once,
 * for a forest of few trees is the beginning of a larger one, and a tree that stayed above a limit
 * is the tree with that limit.
 */
export interface CellTask {
  readonly kind: "cell";
  /** `maxDepth` and `trees` are not looked at. */
  readonly options: ForestOptions;
  /** Deepest first; null is deeper than any. */
  readonly depths: readonly (number | null)[];
  readonly treeCounts: readonly number[];
  /** Rows of the table, ascending. */
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/** The accuracy of a forest after each of `features` was shuffled `repeats` times. */
export interface PermutedTask {
  readonly kind: "permuted";
  readonly forest: ForestData;
  readonly features: readonly number[];
  readonly repeats: number;
  readonly seed: number;
}

export type Task = TreesTask | CellTask | PermutedTask;

/** What each kind of task gives. */
export interface Results {
  trees: Tree[];
  /** Rows of `test` predicted rightly: [depths, treeCounts]. */
  cell: Int32Array;
  /** [features, repeats] */
  permuted: Float64Array;
}

export type Result = Results[Task["kind"]];

/** Does tasks on one table, in one thread. */
export class TaskRunner {
  readonly #table: Table;
  readonly #grower: TreeGrower;

  constructor(table: Table, columns: SortedColumns) {
    this.#table = table;
    this.#grower = new TreeGrower(columns, table.y, table.classes.length);
  }

  do(task: Task): Result {
    switch (task.kind) {
      case "trees":
        return this.#trees(task);
      case "cell":
        return this.#cell(task);
      case "permuted":
        return permutedScores(new RandomForest(task.forest), this.#table, task);
    }
  }

  #trees({ options, from, to }: TreesTask): Tree[] {
    const draws = new ForestDraws(this.#table, options);
    return Array.from(
      { length: to - from },
      (_, i) => this.#grower.grow(options, draws.ofTree(from + i)).tree,
    );
  }

  #cell({ options, depths, treeCounts, train, test }: CellTask): Int32Array {
    const classes = this.#table.classes.length;
    const trees = Math.max(...treeCounts);
    const draws = new ForestDraws(this.#table, { ...options, trees }, train);
    const votes = depths.map(() => new Float64Array(test.length * classes));
    const correct = new Int32Array(depths.length * treeCounts.length);
    for (let t = 0; t < trees; t++) {
      const draw = draws.ofTree(t);
      let grown: GrownTree | undefined;
      for (const [d, maxDepth] of depths.entries()) {
        if (grown === undefined || grown.deepestSearch >= (maxDepth ?? Infinity)) {
          grown = this.#grower.grow({ ...options, maxDepth }, draw);
        }
        this.#vote(grown.tree, test, votes[d]);
        for (const [k, count] of treeCounts.entries()) {
          if (count !== t + 1) continue;
          // Shares, not sums: the division may make two classes equal, and then the first wins.
          const shares = votes[d].map((sum) => sum / count);
          correct[d * treeCounts.length + k] = this.#right(shares, test);
        }
      }
    }
    return correct;
  }

  #vote(tree: Tree, rows: Int32Array, sums: Float64Array): void {
    const { x, names, classes: { length: classes } } = this.#table;
    for (let i = 0; i < rows.length; i++) {
      const leaf = leafOf(tree, x, rows[i] * names.length);
      addShares(tree, leaf, { sums, at: i * classes, classes });
    }
  }

  /** How many of `rows` are of their likeliest class by `shares` [rows, K]. */
  #right(shares: Float64Array, rows: Int32Array): number {
    const { y, classes } = this.#table;
    const predicted = likeliest(shares, classes.length);
    return rows.reduce((right, row, i) => right + (predicted[i] === y[row] ? 1 : 0), 0);
  }
}
