/**
 * What each tree of a forest is grown from: its seed, and the weight of every row. Given the rows
 * of the training side and the options, tree t is the same wherever and with whomever it is grown.
 */
import type { TreeDraw } from "./grow.ts";
import { featuresPerNode, type ForestOptions } from "./options.ts";
import { bootstrapCounts, treeSeeds } from "./random.ts";
import type { Table } from "./table.ts";

/** The draws of a forest on `rows` of a table (ascending; all rows if absent). */
export class ForestDraws {
  readonly #table: Table;
  readonly #options: ForestOptions;
  readonly #rows: Int32Array;
  readonly #rowWeights: Float64Array | undefined;
  readonly #seeds: Uint32Array;

  constructor(table: Table, options: ForestOptions, rows?: Int32Array) {
    this.#table = table;
    this.#options = options;
    this.#rows = rows ?? Int32Array.from(table.y, (_, i) => i);
    this.#seeds = treeSeeds(options.seed, options.trees);
    const classWeights = classWeightsOf(table, options, this.#rows);
    this.#rowWeights = classWeights &&
      Float64Array.from(this.#rows, (row) => classWeights[table.y[row]]);
  }

  /** What tree `t` is grown from. */
  ofTree(t: number): TreeDraw {
    const { names, y } = this.#table;
    const seed = this.#seeds[t];
    const weight = new Float64Array(y.length);
    if (this.#options.bootstrap) {
      const counts = bootstrapCounts(seed, this.#rows.length, { chances: this.#rowWeights });
      for (let i = 0; i < counts.length; i++) weight[this.#rows[i]] = counts[i];
    } else {
      for (let i = 0; i < this.#rows.length; i++) {
        weight[this.#rows[i]] = this.#rowWeights?.[i] ?? 1;
      }
    }
    return { weight, seed, maxFeatures: featuresPerNode(this.#options.maxFeatures, names.length) };
  }
}

/** [K] weights, or undefined where all are alike. Balanced: rows / (classes · rows of the class). */
function classWeightsOf(
  { y, classes }: Table,
  { classWeight }: ForestOptions,
  rows: Int32Array,
): readonly number[] | undefined {
  if (classWeight !== "balanced") return classWeight ?? undefined;
  const counts = new Array<number>(classes.length).fill(0);
  for (const row of rows) counts[y[row]]++;
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => rows.length / (present * count));
}
