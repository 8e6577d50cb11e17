/**
 * Grows a CART decision tree exactly as scikit-learn 1.9's DecisionTreeClassifier does, depth first
 * and left before right, with the same draws of features: the same table, seed and options give
 * the same nodes, thresholds and counts.
 */
import { type Criterion, IMPURITY } from "./criterion.ts";
import { FeatureStream } from "./random.ts";
import { SplitSearch } from "./split.ts";
import type { Indices, SortedColumns } from "./table.ts";
import type { Tree } from "./tree.ts";

/** What stops a tree and what it looks at. */
export interface TreeOptions {
  readonly criterion: Criterion;
  /** No split below this depth; null for as deep as it goes. */
  readonly maxDepth: number | null;
  /** A node of fewer rows is a leaf; at least 2. */
  readonly minSamplesSplit: number;
  /** Each side of a split holds at least this many rows; at least 1. */
  readonly minSamplesLeaf: number;
}

/** The part that differs from tree to tree. */
export interface TreeDraw {
  /** [n] weight of each row of the table; a row of weight 0 plays no part. */
  readonly weight: Float64Array;
  /** How many features that are not constant a node looks at. */
  readonly maxFeatures: number;
  readonly seed: number;
}

/** A tree, and the depth of the deepest node at which a split was looked for; -1 if at none. */
export interface GrownTree {
  readonly tree: Tree;
  /** A limit on the depth that is greater than this would have changed nothing. */
  readonly deepestSearch: number;
}

/** At or below this an impurity is 0 but for rounding. */
const PURE = Number.EPSILON;

/** A node whose turn is yet to come. */
interface Waiting {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  readonly impurity: number;
  /** How many features at the head of `constants` are known to be constant here. */
  readonly known: number;
  /** The parent if this is its right child, else -1. */
  readonly rightOf: number;
}

/** Grows trees on one table, one after the other, in memory that is made once. */
export class TreeGrower {
  readonly #columns: SortedColumns;
  readonly #y: Int32Array;
  readonly #classes: number;
  readonly #search: SplitSearch;
  /** The rows of positive weight; a node holds a run of them. */
  readonly #rows: Indices;
  /** A permutation of the features, drawn from without replacement. */
  readonly #features: Int32Array;
  /** The features found constant on the way from the root to the node at hand, in that order. */
  readonly #constants: Int32Array;
  readonly #left: Float64Array;
  readonly #right: Float64Array;
  readonly #nodes: {
    feature: Int32Array;
    threshold: Float64Array;
    right: Int32Array;
    rows: Int32Array;
    counts: Float64Array;
  };

  constructor(columns: SortedColumns, y: Int32Array, classes: number) {
    const { rows, features } = columns;
    this.#columns = columns;
    this.#y = y;
    this.#classes = classes;
    this.#search = new SplitSearch(columns, y, classes);
    this.#rows = rows <= 0x10000 ? new Uint16Array(rows) : new Uint32Array(rows);
    this.#features = new Int32Array(features);
    this.#constants = new Int32Array(features);
    this.#left = new Float64Array(classes);
    this.#right = new Float64Array(classes);
    const most = 2 * rows - 1; // nodes of a tree with a leaf for each row
    this.#nodes = {
      feature: new Int32Array(most),
      threshold: new Float64Array(most),
      right: new Int32Array(most),
      rows: new Int32Array(most),
      counts: new Float64Array(most * classes),
    };
  }

  grow(options: TreeOptions, { weight, maxFeatures, seed }: TreeDraw): GrownTree {
    const { criterion, minSamplesLeaf } = options;
    const maxDepth = options.maxDepth ?? Infinity;
    const leastToSplit = Math.max(options.minSamplesSplit, 2 * minSamplesLeaf);
    const impurityOf = IMPURITY[criterion];
    const classes = this.#classes;
    const nodes = this.#nodes;
    const search = this.#search;
    const stream = new FeatureStream(seed);
    const count = this.#takeRows(weight);
    for (let f = 0; f < this.#features.length; f++) this.#features[f] = f;
    search.beginTree({ criterion, weight, minSamplesLeaf });

    let size = 0;
    let deepestSearch = -1;
    let allWeight = 0;
    const stack: Waiting[] = [
      { start: 0, end: count, depth: 0, impurity: NaN, known: 0, rightOf: -1 },
    ];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      const { start, end, depth, rightOf } = at;
      const node = size++;
      if (rightOf >= 0) nodes.right[rightOf] = node;
      const total = nodes.counts.subarray(node * classes, (node + 1) * classes);
      const nodeWeight = this.#countClasses(total, weight, start, end);
      if (node === 0) allWeight = nodeWeight;
      const impurity = node === 0 ? impurityOf(total, nodeWeight) : at.impurity;
      nodes.rows[node] = end - start;
      nodes.feature[node] = -1;
      nodes.threshold[node] = 0;
      nodes.right[node] = 0;
      if (depth >= maxDepth || end - start < leastToSplit || impurity <= PURE) continue;

      deepestSearch = Math.max(deepestSearch, depth);
      search.beginNode(total, nodeWeight);
      const known = this.#searchFeatures(stream, { maxFeatures, known: at.known, start, end });
      if (search.feature < 0) continue;

      const middle = this.#partition(start, end);
      const left = this.#left;
      const right = this.#right;
      const leftWeight = this.#countClasses(left, weight, start, middle);
      const rightWeight = nodeWeight - leftWeight;
      for (let c = 0; c < classes; c++) right[c] = total[c] - left[c];
      const leftImpurity = impurityOf(left, leftWeight);
      const rightImpurity = impurityOf(right, rightWeight);
      const gain = (nodeWeight / allWeight) *
        (impurity - rightWeight / nodeWeight * rightImpurity -
          leftWeight / nodeWeight * leftImpurity);
      if (gain + PURE < 0) continue; // a loss, beyond rounding

      nodes.feature[node] = search.feature;
      nodes.threshold[node] = search.threshold;
      const below = { depth: depth + 1, known };
      stack.push({ ...below, start: middle, end, impurity: rightImpurity, rightOf: node });
      stack.push({ ...below, start, end: middle, impurity: leftImpurity, rightOf: -1 });
    }
    const tree: Tree = {
      feature: nodes.feature.slice(0, size),
      threshold: nodes.threshold.slice(0, size),
      right: nodes.right.slice(0, size),
      rows: nodes.rows.slice(0, size),
      counts: nodes.counts.slice(0, size * classes),
    };
    return { tree, deepestSearch };
  }

  #takeRows(weight: Float64Array): number {
    let count = 0;
    for (let row = 0; row < weight.length; row++) if (weight[row] > 0) this.#rows[count++] = row;
    return count;
  }

  /** Fills `counts` [K] for rows start … end and returns their weight. */
  #countClasses(counts: Float64Array, weight: Float64Array, start: number, end: number): number {
    const rows = this.#rows;
    const y = this.#y;
    counts.fill(0);
    let sum = 0;
    for (let i = start; i < end; i++) {
      const w = weight[rows[i]];
      counts[y[rows[i]]] += w;
      sum += w;
    }
    return sum;
  }

  /**
   * Draws features without replacement and tries each, until `maxFeatures` were drawn and at least
   * one of them was not constant. The permutation holds, from its head: constants drawn here; other
   * constants known from above; constants found here; features yet to be drawn; features tried.
   * A draw falls on either of the second and the fourth run.
   * @returns how many constant features are known below this node
   */
  #searchFeatures(
    stream: FeatureStream,
    { maxFeatures, known, start, end }: {
      maxFeatures: number;
      known: number;
      start: number;
      end: number;
    },
  ): number {
    const features = this.#features;
    const rows = this.#rows;
    let untried = features.length; // end of the fourth run
    let drawnConstants = 0; // end of the first
    let found = 0; // length of the third
    for (let drawn = 0; untried > known + found;) {
      if (drawn >= maxFeatures && drawn > found + drawnConstants) break;
      drawn++;
      let j = stream.integer(drawnConstants, untried - found);
      if (j < known) {
        swap(features, drawnConstants++, j);
        continue;
      }
      j += found;
      if (this.#search.try(features[j], rows, start, end)) swap(features, --untried, j);
      else swap(features, known + found++, j);
    }
    // The nodes yet to come know the constants from above in their first order.
    features.set(this.#constants.subarray(0, known));
    for (let k = known; k < known + found; k++) this.#constants[k] = features[k];
    return known + found;
  }

  /** Brings the rows that go left to the front; returns where the right side begins. */
  #partition(start: number, end: number): number {
    const { place, rows: n } = this.#columns;
    const { feature, lastLeft } = this.#search;
    const rows = this.#rows;
    const base = feature * n;
    let middle = start;
    for (let i = start; i < end; i++) {
      const row = rows[i];
      if (place[base + row] <= lastLeft) {
        rows[i] = rows[middle];
        rows[middle++] = row;
      }
    }
    return middle;
  }
}

function swap(values: Int32Array, a: number, b: number): void {
  const kept = values[a];
  values[a] = values[b];
  values[b] = kept;
}
