/**
 * scikit-learn's stratified shuffle split, draw for draw: what `train_test_split(indices,
 * test_size=…, stratify=labels, random_state=seed)` of version 1.9 returns, in the same order.
 */

import { RandomState } from "./mt19937.ts";

/**
 * Splits 0 … n - 1 in two, each class in proportion. The test part is rounded up.
 * @param labels the class of each index; a class that no index has plays no part
 * @throws RangeError where scikit-learn raises: a class of one, or a part smaller than the classes
 */
export function stratifiedSplit(
  labels: readonly number[],
  options: { testSize: number; seed: number },
): { train: number[]; test: number[] } {
  const n = labels.length;
  const nTest = Math.ceil(options.testSize * n);
  const nTrain = n - nTest;
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  const members = classes.map((c) => labels.flatMap((label, i) => label === c ? [i] : []));
  if (members.some((m) => m.length < 2)) {
    throw new RangeError("stratifiedSplit: a class has only one member");
  }
  if (nTrain < classes.length || nTest < classes.length) {
    throw new RangeError(
      `stratifiedSplit: ${nTrain} and ${nTest} indices cannot hold ${classes.length} classes each`,
    );
  }

  const random = new RandomState(options.seed);
  const sizes = members.map((m) => m.length);
  const trainSizes = approximateMode(sizes, nTrain, random);
  const testSizes = approximateMode(sizes.map((size, c) => size - trainSizes[c]!), nTest, random);
  const train: number[] = [];
  const test: number[] = [];
  for (const [c, indices] of members.entries()) {
    const shuffled = random.permutation(indices.length).map((i) => indices[i]!);
    train.push(...shuffled.slice(0, trainSizes[c]!));
    test.push(...shuffled.slice(trainSizes[c]!, trainSizes[c]! + testSizes[c]!));
  }
  return { train: random.permutation(train), test: random.permutation(test) };
}

/**
 * How many of each class a proportional draw takes: the floor of its share, then one more for
 * the largest remainders, ties drawn by lot (`sklearn.utils.extmath._approximate_mode`).
 */
export function approximateMode(
  sizes: readonly number[],
  draws: number,
  random: RandomState,
): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  // Divide first, then multiply: the remainders are compared for equality, so rounding counts.
  const shares = sizes.map((size) => size / total * draws);
  const taken = shares.map(Math.floor);
  let missing = draws - taken.reduce((sum, t) => sum + t, 0);
  const remainders = shares.map((share, c) => share - taken[c]!);
  const descending = [...new Set(remainders)].sort((a, b) => b - a);
  for (const value of descending) {
    if (missing === 0) break;
    const tied = remainders.flatMap((remainder, c) => remainder === value ? [c] : []);
    const more = Math.min(tied.length, missing);
    for (const c of random.choice(tied, more)) taken[c]!++;
    missing -= more;
  }
  return taken;
}
