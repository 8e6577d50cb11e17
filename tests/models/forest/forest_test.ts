/** Whole forests against scikit-learn's: the same trees, votes, scores and importances. */
import assert from "node:assert/strict";
import { UserError } from "../../../engine/error.ts";
import { fitForest } from "../../../models/forest/fit.ts";
import { impurityImportances, permutationImportances } from "../../../models/forest/importance.ts";
import type { ForestOptions } from "../../../models/forest/options.ts";
import { type Table, takeColumns } from "../../../models/forest/table.ts";
import { assertClose, checksum, golden, goldenTable, optionsFrom, someRows } from "./golden.ts";

Deno.test("forests are scikit-learn's, tree for tree, with bootstrap and drawn features", async () => {
  for (const expected of golden.forests) {
    const table = goldenTable(expected.table);
    const what = `${expected.table} ${JSON.stringify(expected.settings)}`;
    const given = optionsFrom(expected.settings, table);
    const forest = await fitForest(table, { ...given, trees: 40, seed: 42, workers: 1 });
    assert.deepEqual(forest.trees.map(checksum), expected.checksums, what);
    const first = forest.probabilities(table.x.subarray(0, 6 * table.names.length));
    assertClose(first, expected.probabilities, 1e-15, `${what}: probabilities`);
    assertClose(impurityImportances(forest), expected.importances, 1e-13, `${what}: importances`);
    if (expected.outOfBagScore !== null) {
      assertClose([forest.outOfBagScore!], [expected.outOfBagScore], 1e-15, `${what}: out of bag`);
    }
  }
});

Deno.test("accuracies over 20 seeds on three tables are scikit-learn's", async () => {
  for (const [key, expected] of Object.entries(golden.accuracies)) {
    const [name, criterion] = key.split(" ") as [string, ForestOptions["criterion"]];
    const table = goldenTable(name);
    const half = table.y.length / 2;
    const [train, test] = [someRows(table, 0, half), someRows(table, half, 2 * half)];
    const accuracies: number[] = [];
    for (const seed of expected.keys()) {
      const forest = await fitForest(train, { trees: 30, criterion, seed, workers: 1 });
      accuracies.push(forest.accuracy(test));
    }
    assertClose(accuracies, expected, 1e-15, key);
  }
});

Deno.test("permutation importances are scikit-learn's, with any number of Workers", async () => {
  const table = goldenTable("smooth");
  const [train, test] = [someRows(table, 0, 200), someRows(table, 200, 400)];
  const forest = await fitForest(train, { trees: 20, workers: 1 });
  for (const workers of [1, 2]) {
    const { mean, std } = await permutationImportances(forest, test, {
      repeats: 4,
      seed: 7,
      workers,
    });
    assertClose(mean, golden.permutation.mean, 1e-15, "mean");
    assertClose(std, golden.permutation.std, 1e-15, "deviation");
  }
});

Deno.test("a forest is the same from one thread and from Workers, and a small one begins a large one", async () => {
  const table = goldenTable("coarse");
  const progress: number[] = [];
  const alone = await fitForest(table, { trees: 34, workers: 1 });
  const shared = await fitForest(table, {
    trees: 34,
    workers: 2,
    onProgress: ({ done, total }) => progress.push(done / total),
  });
  assert.deepEqual(shared, alone);
  assert.equal(progress.length, 4);
  assert.equal(progress.at(-1), 1);
  const few = await fitForest(table, { trees: 12, workers: 1 });
  assert.deepEqual(few.trees, alone.trees.slice(0, 12));
});

Deno.test("a table that cannot be learned from is refused in one line", async () => {
  const table = goldenTable("smooth");
  const with_ = (index: number, value: number): Table => {
    const x = table.x.slice();
    x[index] = value;
    return { ...table, x };
  };
  const refused = async (given: Table, message: RegExp) =>
    await assert.rejects(fitForest(given, { workers: 1 }), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, message);
      return true;
    });
  await refused(with_(12 * 4 + 3, NaN), /'feature_3' is NaN in clip 5;/);
  await refused(with_(0, -Infinity), /'feature_0' is -Infinity in clip 1;/);
  await refused({ ...table, y: table.y.map(() => 2) }, /all 400 clips are 'class_2'/);
  await refused({ ...table, x: new Float32Array(0), y: new Int32Array(0) }, /got 0 clips/);
});

Deno.test("columns are found by name, in whatever order they come", async () => {
  const table = goldenTable("smooth");
  const forest = await fitForest(table, { trees: 3, workers: 1 });
  const p = table.names.length;
  const turned = {
    names: [...table.names].reverse().concat("actor"),
    x: Float32Array.from(
      { length: table.y.length * (p + 1) },
      (_, i) =>
        i % (p + 1) === p ? NaN : table.x[Math.floor(i / (p + 1)) * p + p - 1 - i % (p + 1)],
    ),
  };
  assert.deepEqual(takeColumns(turned, forest.names), table.x);
  assert.throws(
    () => takeColumns({ x: table.x, names: table.names.with(2, "tempo") }, forest.names),
    /^UserError: .*there is no column 'feature_2'/,
  );
  assert.throws(
    () => forest.probabilities(table.x.with(5, NaN)),
    /^UserError: forest: feature 'feature_5' is NaN in clip 1;/,
  );
});

Deno.test("a wrong setting is named with what is allowed", async () => {
  const table = goldenTable("smooth");
  const wrong: [object, RegExp][] = [
    [{ trees: 0 }, /trees: expected a whole number of at least 1, got 0/],
    [{ criterion: "mse" }, /criterion: expected "gini" or "entropy", got "mse"/],
    [{ maxDepth: 2.5 }, /maxDepth: expected .* or null for no limit, got 2.5/],
    [{ minSamplesSplit: 1 }, /minSamplesSplit: expected a whole number of at least 2, got 1/],
    [{ maxFeatures: "third" }, /maxFeatures: expected "sqrt" or "log2" or "all"/],
    [{ classWeight: [1, 2] }, /classWeight: expected 4 numbers, .* got 2/],
    [{ seed: -1 }, /seed: expected a whole number from 0 to 4294967295, got -1/],
    [{ depth: 3 }, /there is no setting 'depth'/],
  ];
  for (const [given, message] of wrong) {
    await assert.rejects(fitForest(table, { ...given, workers: 1 }), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, message);
      return true;
    });
  }
});
