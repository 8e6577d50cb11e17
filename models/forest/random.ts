/**
 * The draws of scikit-learn's forests, number for number: a seed for each tree, its bootstrap, and
 * the stream from which a tree takes the features of each node. A tree depends on its own seed
 * alone, so the first 100 trees of a forest of 300 are the forest of 100, wherever they are grown.
 */
import { RandomState } from "../../features/corpus/mt19937.ts";

const LARGEST_INT32 = 0x7fffffff;

/** The seeds of a forest's trees, from the forest's own seed. */
export function treeSeeds(seed: number, trees: number): Uint32Array {
  const random = new RandomState(seed);
  return Uint32Array.from({ length: trees }, () => random.randint(0, LARGEST_INT32));
}

/** How a tree's bootstrap draws from n rows. */
export interface BootstrapOptions {
  /** [n] chances of the rows, in any unit; all alike if absent. */
  readonly chances?: Float64Array;
}

/**
 * How often each of n rows is drawn in n draws with replacement.
 * @returns [n] counts that sum to n
 */
export function bootstrapCounts(
  seed: number,
  n: number,
  { chances }: BootstrapOptions = {},
): Int32Array {
  const random = new RandomState(seed);
  const counts = new Int32Array(n);
  if (chances === undefined) {
    for (let i = 0; i < n; i++) counts[random.randint(0, n)]++;
    return counts;
  }
  const total = chances.reduce((sum, chance) => sum + chance, 0);
  const upTo = new Float64Array(n);
  let sum = 0;
  for (let i = 0; i < n; i++) upTo[i] = sum += chances[i] / total;
  for (let i = 0; i < n; i++) upTo[i] /= sum;
  for (let i = 0; i < n; i++) counts[firstAbove(upTo, uniform(random))]++;
  return counts;
}

/** 53 random bits of [0, 1), as NumPy's `random_sample`. */
function uniform(random: RandomState): number {
  const high = random.uint32() >>> 5;
  const low = random.uint32() >>> 6;
  return (high * 0x4000000 + low) / 0x20000000000000;
}

/** The first index whose value exceeds `wanted`; values ascend and the last is 1. */
function firstAbove(values: Float64Array, wanted: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Marsaglia's xorshift with 32 bits of state (13, 17, 5): which feature a node looks at next. */
export class FeatureStream {
  #state: number;

  /** @param seed the tree's; the stream begins at the first draw of its own MT19937 */
  constructor(seed: number) {
    // A state of 0 would stay 0; scikit-learn puts 1 in its place.
    this.#state = new RandomState(seed).randint(0, LARGEST_INT32) || 1;
  }

  /** An integer of [low, high). */
  integer(low: number, high: number): number {
    let s = this.#state;
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    this.#state = s;
    return low + (s & LARGEST_INT32) % (high - low);
  }
}
