/**
 * A forest as one safetensors file. Only what cannot be worked out again is kept: which feature
 * each node asks about, the thresholds, and the rows and class counts of the leaves. The order of
 * the nodes tells who is whose child; inner counts are the sums of their children's.
 */
import { UserError } from "../../engine/error.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type TensorData,
} from "../../engine/io/safetensors.ts";
import { RandomForest } from "./forest.ts";
import { type ForestOptions, forestOptions } from "./options.ts";
import { nodeWeight, type Tree } from "./tree.ts";

const FORMAT = "timbre-forest-1";

/** What stands in the file's metadata. */
interface Description {
  readonly format: string;
  readonly options: Partial<ForestOptions>;
  readonly classes: readonly string[];
  readonly names: readonly string[];
  readonly outOfBagScore: number | null;
}

/** The bytes of a forest; `metadata` is kept beside it. The key `forest` is taken. */
export function encodeForest(
  forest: RandomForest,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const { trees, options, classes, names, outOfBagScore } = forest;
  const k = classes.length;
  const isLeaf = (tree: Tree, node: number) => tree.feature[node] < 0;
  const flat = <T>(pick: (tree: Tree) => Iterable<T>) => trees.flatMap((tree) => [...pick(tree)]);
  const leaves = flat((tree) => tree.rows.filter((_, node) => isLeaf(tree, node)));
  const counts = flat((tree) => tree.counts.filter((_, i) => isLeaf(tree, Math.floor(i / k))));
  const thresholds = flat((tree) => tree.threshold.filter((_, node) => !isLeaf(tree, node)));
  const description: Description = { format: FORMAT, options, classes, names, outOfBagScore };
  return encodeSafetensors(
    new Map<string, TensorData>([
      ["nodes", whole(trees.map((tree) => tree.feature.length))],
      ["feature", whole(flat((tree) => tree.feature).map((feature) => feature + 1))],
      ["threshold", exact(thresholds)],
      ["leaf_rows", whole(leaves)],
      ["leaf_counts", counts.every(Number.isInteger) ? whole(counts) : exact(counts)],
    ]),
    { ...metadata, forest: JSON.stringify(description) },
  );
}

/** The narrowest of U16 and U32 that holds every value. */
function whole(values: readonly number[]): TensorData {
  const wide = values.some((value) => value > 0xffff);
  return wide
    ? { dtype: "U32", shape: [values.length], data: Uint32Array.from(values) }
    : { dtype: "U16", shape: [values.length], data: Uint16Array.from(values) };
}

function exact(values: readonly number[]): TensorData {
  return { dtype: "F64", shape: [values.length], data: Float64Array.from(values) };
}

/**
 * Reads what encodeForest wrote: a forest that gives the same probabilities to the bit.
 * @param file what messages call the file
 * @throws UserError for a file that is damaged, or holds no forest
 */
export function decodeForest(bytes: Uint8Array, file = "forest"): RandomForest {
  const { metadata, tensors } = decodeSafetensors(bytes, file);
  const { options, classes, names, outOfBagScore } = describe(metadata.get("forest"), file);
  const numbers = (name: string, { fractions = false } = {}): Numbers => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw damaged(file, `there is no '${name}'`);
    const buffer = tensor.data.slice().buffer;
    if (tensor.dtype === "U16") return new Uint16Array(buffer);
    if (tensor.dtype === "U32") return new Uint32Array(buffer);
    if (tensor.dtype === "F64" && fractions) return new Float64Array(buffer);
    throw damaged(file, `'${name}' holds ${tensor.dtype}`);
  };
  const reader = new TreeReader(
    {
      feature: numbers("feature"),
      threshold: numbers("threshold", { fractions: true }),
      leafRows: numbers("leaf_rows"),
      leafCounts: numbers("leaf_counts", { fractions: true }),
    },
    { features: names.length, classes: classes.length, file },
  );
  const trees = Array.from(numbers("nodes"), (nodes) => reader.next(nodes));
  if (trees.length !== options.trees) {
    throw damaged(file, `${trees.length} trees of ${options.trees}`);
  }
  reader.end();
  return new RandomForest({ options, classes, names, trees, outOfBagScore });
}

type Numbers = Uint16Array | Uint32Array | Float64Array;

function damaged(file: string, what: string): UserError {
  return new UserError(`${file}: the forest is damaged: ${what}; train it again`);
}

function describe(
  text: string | undefined,
  file: string,
): Omit<Description, "options"> & { readonly options: ForestOptions } {
  if (text === undefined) throw new UserError(`${file}: holds no forest`);
  let described: Partial<Description>;
  try {
    described = Object(JSON.parse(text));
  } catch {
    throw damaged(file, "its description is not JSON");
  }
  const { format, options, classes, names, outOfBagScore = null } = described;
  if (format !== FORMAT) {
    throw new UserError(
      `${file}: expected a forest of format ${FORMAT}, got ${format}; train it again`,
    );
  }
  if (!isWords(classes) || !isWords(names)) throw damaged(file, "it names no classes or features");
  if (outOfBagScore !== null && typeof outOfBagScore !== "number") {
    throw damaged(file, "its out-of-bag score is no number");
  }
  return {
    format,
    classes,
    names,
    outOfBagScore,
    options: forestOptions({ ...options }, { classes }),
  };
}

function isWords(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((v) => typeof v === "string");
}

/** Takes trees from the flat arrays one after the other, checking that they are trees. */
class TreeReader {
  readonly #arrays: Record<"feature" | "threshold" | "leafRows" | "leafCounts", Numbers>;
  readonly #about: { features: number; classes: number; file: string };
  #node = 0;
  #inner = 0;
  #leaf = 0;

  constructor(
    arrays: Record<"feature" | "threshold" | "leafRows" | "leafCounts", Numbers>,
    about: { features: number; classes: number; file: string },
  ) {
    this.#arrays = arrays;
    this.#about = about;
    const { leafRows, leafCounts, threshold } = arrays;
    if (leafCounts.length !== leafRows.length * about.classes) {
      throw damaged(about.file, `${leafCounts.length} counts for ${leafRows.length} leaves`);
    }
    if (!leafCounts.every((count) => count >= 0 && count < Infinity)) {
      throw damaged(about.file, "a leaf has a count that is no count");
    }
    if (!threshold.every(Number.isFinite)) throw damaged(about.file, "a threshold is not finite");
  }

  next(nodes: number): Tree {
    const { feature, threshold, leafRows, leafCounts } = this.#arrays;
    const { features, classes: k, file } = this.#about;
    if (this.#node + nodes > feature.length) throw damaged(file, "a tree has too many nodes");
    const tree: Tree = {
      feature: new Int32Array(nodes),
      threshold: new Float64Array(nodes),
      right: new Int32Array(nodes),
      rows: new Int32Array(nodes),
      counts: new Float64Array(nodes * k),
    };
    const waiting: number[] = []; // inner nodes whose right child is yet to come
    for (let node = 0; node < nodes; node++) {
      const asked = feature[this.#node + node] - 1;
      if (!(asked >= -1 && asked < features)) throw damaged(file, `there is no feature ${asked}`);
      tree.feature[node] = asked;
      if (asked >= 0) {
        tree.threshold[node] = threshold[this.#inner++];
        waiting.push(node);
        continue;
      }
      tree.rows[node] = leafRows[this.#leaf];
      tree.counts.set(leafCounts.subarray(this.#leaf * k, ++this.#leaf * k), node * k);
      if (nodeWeight(tree, node, k) === 0) throw damaged(file, "a leaf has no rows");
      const parent = waiting.pop();
      if (parent !== undefined && node + 1 < nodes) tree.right[parent] = node + 1;
      else if (parent !== undefined || node + 1 < nodes) {
        throw damaged(file, "a tree does not close");
      }
    }
    if (nodes === 0 || waiting.length > 0) throw damaged(file, "a tree does not close");
    this.#node += nodes;
    sumUp(tree, k);
    return tree;
  }

  /** Every number must belong to a tree. */
  end(): void {
    const { feature, threshold, leafRows } = this.#arrays;
    if (
      this.#node !== feature.length || this.#inner !== threshold.length ||
      this.#leaf !== leafRows.length
    ) throw damaged(this.#about.file, "its parts do not fit together");
  }
}

/** Fills in the inner nodes, children first. */
function sumUp({ feature, right, rows, counts }: Tree, classes: number): void {
  for (let node = feature.length - 1; node >= 0; node--) {
    if (feature[node] < 0) continue;
    rows[node] = rows[node + 1] + rows[right[node]];
    for (let c = 0; c < classes; c++) {
      counts[node * classes + c] = counts[(node + 1) * classes + c] +
        counts[right[node] * classes + c];
    }
  }
}
