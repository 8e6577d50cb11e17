/**
 * A grown tree as flat arrays. Nodes stand in the order in which they were grown: a node, then all
 * of its left side, then all of its right side. The left child of node i is therefore node i + 1.
 */
import { type Criterion, IMPURITY } from "./criterion.ts";

export interface Tree {
  /** [nodes] the feature a node asks about, or -1 for a leaf. */
  readonly feature: Int32Array;
  /** [nodes] left if value ≤ threshold; 0 for a leaf. */
  readonly threshold: Float64Array;
  /** [nodes] the right child; 0 for a leaf. */
  readonly right: Int32Array;
  /** [nodes] rows that came here in training, each counted once. */
  readonly rows: Int32Array;
  /** [nodes, K] weighted class counts of those rows. */
  readonly counts: Float64Array;
}

/** The leaf that a row comes to; the row begins at x[offset]. */
export function leafOf(tree: Tree, x: Float32Array, offset: number): number {
  const { feature, threshold, right } = tree;
  let node = 0;
  for (let f = feature[0]; f >= 0; f = feature[node]) {
    node = x[offset + f] <= threshold[node] ? node + 1 : right[node];
  }
  return node;
}

/** Sum of the class counts of a node. */
export function nodeWeight({ counts }: Tree, node: number, classes: number): number {
  let weight = 0;
  for (let c = node * classes; c < (node + 1) * classes; c++) weight += counts[c];
  return weight;
}

/** Adds a leaf's class shares to sums[at … at + K). */
export function addShares(
  tree: Tree,
  leaf: number,
  { sums, at, classes }: { sums: Float64Array; at: number; classes: number },
): void {
  const { counts } = tree;
  const weight = nodeWeight(tree, leaf, classes);
  for (let c = 0; c < classes; c++) sums[at + c] += counts[leaf * classes + c] / weight;
}

/** Depth of the deepest leaf; a lone root has depth 0. */
export function depthOf({ feature, right }: Tree): number {
  const depth = new Int32Array(feature.length);
  let deepest = 0;
  for (let node = 0; node < feature.length; node++) {
    if (feature[node] < 0) continue;
    depth[node + 1] = depth[right[node]] = depth[node] + 1;
    deepest = Math.max(deepest, depth[node] + 1);
  }
  return deepest;
}

/** [nodes] impurities by `criterion`. */
export function impurities(tree: Tree, criterion: Criterion, classes: number): Float64Array {
  return Float64Array.from(
    tree.feature,
    (_, node) =>
      IMPURITY[criterion](
        tree.counts.subarray(node * classes, (node + 1) * classes),
        nodeWeight(tree, node, classes),
      ),
  );
}
