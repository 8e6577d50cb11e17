/** Single trees: scikit-learn's nodes, and what limits do. */
import assert from "node:assert/strict";
import { TreeGrower, type TreeOptions } from "../../../models/forest/grow.ts";
import { FOREST_DEFAULTS } from "../../../models/forest/options.ts";
import { sortColumns, type Table } from "../../../models/forest/table.ts";
import { depthOf, impurities } from "../../../models/forest/tree.ts";
import { assertClose, golden, goldenTable, optionsFrom } from "./golden.ts";

function growAll(table: Table, given: Partial<TreeOptions>, seed: number) {
  const { x, y, classes, names } = table;
  assert.equal(x.length, y.length * names.length);
  const grower = new TreeGrower(sortColumns(table), y, classes.length);
  const weight = new Float64Array(y.length).fill(1);
  return grower.grow({ ...FOREST_DEFAULTS, ...given }, {
    weight,
    seed,
    maxFeatures: names.length,
  });
}

Deno.test("a tree without chance is scikit-learn's, node for node, whatever the seed", () => {
  for (const { table: name, settings, nodes } of golden.trees) {
    const table = goldenTable(name);
    const given = optionsFrom(settings, table);
    for (const seed of [0, 12345]) {
      const { tree } = growAll(table, given, seed);
      const what = `${name} ${JSON.stringify(settings)}`;
      assert.deepEqual([...tree.feature], nodes.feature, what);
      assert.deepEqual([...tree.threshold], nodes.threshold, what);
      assert.deepEqual([...tree.right], nodes.right, what);
      assert.deepEqual([...tree.rows], nodes.rows, what);
      const k = table.classes.length;
      assertClose(impurities(tree, given.criterion ?? "gini", k), nodes.impurity, 1e-14, what);
      const shares = tree.counts.map((count, i) => count / tree.rows[Math.floor(i / k)]);
      assertClose(shares, nodes.shares, 1e-15, what);
    }
  }
});

Deno.test("a limit deeper than any search leaves the tree as it is", () => {
  for (const name of ["smooth", "coarse", "wide"]) {
    const table = goldenTable(name);
    const { tree, deepestSearch } = growAll(table, {}, 3);
    assert.deepEqual(growAll(table, { maxDepth: deepestSearch + 1 }, 3).tree, tree);
    const cut = growAll(table, { maxDepth: deepestSearch }, 3);
    assert.equal(cut.deepestSearch, deepestSearch - 1);
    assert.equal(depthOf(cut.tree), deepestSearch);
  }
});

Deno.test("leaves hold no fewer rows than asked for, and small nodes are not split", () => {
  const { tree } = growAll(goldenTable("wide"), { minSamplesSplit: 30, minSamplesLeaf: 7 }, 1);
  for (const [node, feature] of tree.feature.entries()) {
    if (feature < 0) assert.ok(tree.rows[node] >= 7);
    else assert.ok(tree.rows[node] >= 30);
  }
});

Deno.test("values within 1e-7 are one value, and a table of them is one leaf", () => {
  const table: Table = {
    x: Float32Array.from([0, 5e-8, 1e-7, 0, 1.2e-7, 0]),
    y: Int32Array.from([0, 1, 0, 1, 0, 1]),
    classes: ["a", "b"],
    names: ["x"],
  };
  assert.deepEqual([...growAll({ ...table, x: table.x.map((v) => v / 2) }, {}, 0).tree.feature], [
    -1,
  ]);
  const far = growAll({ ...table, x: table.x.map((v) => v * 10) }, {}, 0).tree;
  assert.ok(far.feature.length > 1);
});

Deno.test("halfway between large values does not overflow", () => {
  const table: Table = {
    x: Float32Array.from([3.4e38, 3.2e38, -3.4e38, -3.2e38]),
    y: Int32Array.from([0, 0, 1, 1]),
    classes: ["a", "b"],
    names: ["x"],
  };
  const { tree } = growAll(table, {}, 0);
  assert.deepEqual([...tree.threshold], [0, 0, 0]);
  assert.deepEqual([...tree.feature], [0, -1, -1]);
});

Deno.test("a tree on more rows than 16 bits count is as pure as on few", () => {
  const rows = 66_000;
  const table: Table = {
    x: Float32Array.from({ length: rows }, (_, i) => (i * 7919) % rows),
    y: Int32Array.from({ length: rows }, (_, i) => (i * 7919) % rows < 65_900 ? 0 : 1),
    classes: ["a", "b"],
    names: ["x"],
  };
  const { tree } = growAll(table, {}, 0);
  assert.deepEqual([...tree.threshold], [65_899.5, 0, 0]);
  assert.deepEqual([...tree.rows], [rows, 65_900, 100]);
});
