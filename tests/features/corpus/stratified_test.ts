/** NumPy's draws and scikit-learn's stratified split, number for number. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { RandomState } from "../../../features/corpus/mt19937.ts";
import { approximateMode, stratifiedSplit } from "../../../features/corpus/stratified.ts";
import golden from "../../goldens/split.json" with { type: "json" };

Deno.test("RandomState draws NumPy's numbers, across several refills of its state", () => {
  for (const expected of golden.draws) {
    const random = new RandomState(expected.seed);
    assert.deepEqual(random.permutation(20), expected.permutation);
    assert.deepEqual(Array.from({ length: 700 }, () => random.randint(0, 1000)), expected.randint);
    const wide = Array.from({ length: 4 }, () => random.randint(0, 2 ** 31 - 1));
    assert.deepEqual(wide, expected.wide);
    assert.deepEqual(random.choice([3, 1, 4, 15, 9], 3), expected.choice);
    assert.equal(random.randint(-5, 6), expected.after);
  }
});

Deno.test("RandomState refuses seeds and ranges that NumPy refuses", () => {
  for (const seed of [-1, 1.5, 2 ** 32, NaN]) {
    assert.throws(() => new RandomState(seed), RangeError);
  }
  assert.throws(() => new RandomState(0).randint(3, 3), RangeError);
  assert.throws(() => new RandomState(0).choice([1, 2], 3), RangeError);
});

Deno.test("the proportional draw breaks ties by lot as scikit-learn's documentation shows", () => {
  assert.deepEqual(approximateMode([4, 2], 3, new RandomState(0)), [2, 1]);
  assert.deepEqual(approximateMode([5, 2], 4, new RandomState(0)), [3, 1]);
  assert.deepEqual(approximateMode([2, 2, 2, 1], 2, new RandomState(0)), [0, 1, 1, 0]);
  assert.deepEqual(approximateMode([2, 2, 2, 1], 2, new RandomState(42)), [1, 1, 0, 0]);
});

Deno.test("seven clips a class are enough for a 70/15/15 split to hold every class thrice", () => {
  const sizes = fc.array(fc.integer({ min: 7, max: 40 }), { minLength: 2, maxLength: 9 });
  fc.assert(fc.property(sizes, fc.nat(1000), (sizes, seed) => {
    const labels = sizes.flatMap((size, c) => new Array<number>(size).fill(c));
    const first = stratifiedSplit(labels, { testSize: 0.3, seed });
    const rest = first.test.map((i) => labels[i]!);
    const second = stratifiedSplit(rest, { testSize: 0.5, seed });
    for (const part of [second.train, second.test]) {
      assert.equal(new Set(part.map((i) => rest[i])).size, sizes.length);
    }
    assert.equal(new Set(first.train.map((i) => labels[i])).size, sizes.length);
    assert.equal(new Set([...first.train, ...first.test]).size, labels.length);
  }));
});

Deno.test("classes and sizes that cannot be stratified are refused", () => {
  assert.throws(() => stratifiedSplit([0, 0, 1], { testSize: 0.5, seed: 1 }), /only one member/);
  assert.throws(
    () => stratifiedSplit([0, 0, 1, 1, 2, 2], { testSize: 0.2, seed: 1 }),
    /4 and 2 indices cannot hold 3 classes/,
  );
});
