/** Folds and grid searches against scikit-learn's StratifiedKFold and GridSearchCV. */
import assert from "node:assert/strict";
import { UserError } from "../../../engine/error.ts";
import { stratifiedFolds } from "../../../models/forest/folds.ts";
import {
  combinations,
  type Grid,
  gridOf,
  gridSearch,
  PAPER_GRID,
} from "../../../models/forest/grid_search.ts";
import { assertClose, checksum, golden, goldenTable, someRows } from "./golden.ts";

const SMALL_GRID: Grid = { ...PAPER_GRID, trees: [5, 12], maxDepth: [4, 8, null] };

Deno.test("folds are scikit-learn's, row for row", () => {
  for (const { labels, folds, foldOf } of golden.folds) {
    const classes = Array.from({ length: 8 }, (_, c) => `class_${c}`);
    const made = stratifiedFolds(Int32Array.from(labels), { folds, classes });
    const of = new Array<number>(labels.length);
    for (const [fold, { test }] of made.entries()) for (const row of test) of[row] = fold;
    assert.equal(of.join(""), foldOf);
    for (const { train, test } of made) {
      assert.deepEqual([...train, ...test].sort((a, b) => a - b), [...labels.keys()]);
    }
  }
});

Deno.test("a grid search has scikit-learn's scores, ranks and best forest", async () => {
  const table = goldenTable("coarse");
  const progress: number[] = [];
  const { points, best, forest } = await gridSearch(table, {
    grid: SMALL_GRID,
    workers: 2,
    onProgress: ({ done, total }) => progress.push(done / total),
  });
  const expected = golden.grid;
  assert.equal(points.length, 48);
  for (const [i, { scores, mean, std, rank, settings }] of points.entries()) {
    const what = JSON.stringify(settings);
    assertClose(scores, expected.scores[i], 1e-15, what);
    assertClose([mean, std], [expected.mean[i], expected.std[i]], 1e-15, what);
    assert.equal(rank, expected.rank[i], what);
  }
  assert.equal(points.indexOf(best), expected.best);
  assert.deepEqual(forest.trees.map(checksum), expected.bestChecksums);
  assert.deepEqual(progress.at(-1), 1);
  assert.ok(progress.every((share, i) => share > (progress[i - 1] ?? 0)));
});

Deno.test("the order of a grid's values changes the order of the table, not the scores", async () => {
  const table = someRows(goldenTable("coarse"), 0, 150);
  const grid: Grid = {
    trees: [3, 9],
    maxDepth: [null, 3],
    minSamplesSplit: [2],
    minSamplesLeaf: [1],
    criterion: ["gini"],
  };
  const turned = { ...grid, trees: [9, 3], maxDepth: [3, null] };
  const [a, b] = [grid, turned].map((grid) => gridSearch(table, { grid, folds: 3, workers: 1 }));
  const { points } = await a;
  assert.deepEqual(points.map(({ settings }) => settings), combinations(grid));
  const scores = new Map(points.map(({ settings, scores }) => [JSON.stringify(settings), scores]));
  for (const { settings, scores: turnedScores } of (await b).points) {
    assert.deepEqual(scores.get(JSON.stringify(settings)), turnedScores);
  }
});

Deno.test("a class with fewer clips than folds and a wrong grid are refused in one line", async () => {
  const table = goldenTable("smooth");
  const rare = { ...table, y: table.y.map((c, i) => c === 1 && i > 12 ? 0 : c) };
  const refused = async (work: Promise<unknown>, message: RegExp) =>
    await assert.rejects(work, (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, message);
      return true;
    });
  await refused(gridSearch(rare), /'class_1' has 3 clips, fewer than the 5 folds/);
  const wrong: [object, RegExp][] = [
    [{ maxDepth: [10, -3] }, /^grid: maxDepth: expected .*, got -3$/],
    [{ criterion: ["gini", "Entropy"] }, /^grid: criterion: expected .*, got "Entropy"$/],
    [{ trees: [] }, /^grid: trees: expected a list of values to try, got \[\]$/],
    [{ trees: [10, 10] }, /^grid: trees: a value stands twice/],
    [{ leaves: [1] }, /^grid: 'leaves' cannot be varied/],
  ];
  for (const [part, message] of wrong) {
    await refused(gridSearch(table, { grid: { ...PAPER_GRID, ...part } }), message);
  }
  assert.deepEqual(gridOf({ trees: [7] }), { ...PAPER_GRID, trees: [7] });
  for (const given of [null, [], "x", 3]) {
    assert.throws(() => gridOf(given), /^UserError: grid: expected lists by setting/);
  }
  assert.throws(() => gridOf({ trees: 7 }), /grid: trees: expected a list of values to try, got 7/);
  await refused(gridSearch(table, { folds: 1 }), /folds: expected .* at least 2, got 1/);
});
