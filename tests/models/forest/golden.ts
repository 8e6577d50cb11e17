/** scikit-learn's results and the words by which it calls the settings. */
import type { Criterion } from "../../../models/forest/criterion.ts";
import type { ForestOptions } from "../../../models/forest/options.ts";
import type { Table } from "../../../models/forest/table.ts";
import type { Tree } from "../../../models/forest/tree.ts";
import golden from "../../goldens/forest.json" with { type: "json" };
import { makeTable } from "./tables.ts";

export { golden };

export function goldenTable(name: string): Table {
  return makeTable(golden.tables[name as keyof typeof golden.tables]);
}

/** Options of this project from keyword arguments of scikit-learn. */
export function optionsFrom(
  settings: Readonly<Record<string, unknown>>,
  { classes }: Pick<Table, "classes">,
): Partial<ForestOptions> {
  const { max_depth, max_features, class_weight, ...others } = settings;
  const known = {
    criterion: others.criterion as Criterion | undefined,
    maxDepth: max_depth as number | undefined,
    minSamplesSplit: others.min_samples_split as number | undefined,
    minSamplesLeaf: others.min_samples_leaf as number | undefined,
    bootstrap: others.bootstrap as boolean | undefined,
    maxFeatures: max_features === null ? "all" : max_features as ForestOptions["maxFeatures"],
    classWeight: class_weight === undefined || class_weight === "balanced"
      ? class_weight
      : classes.map((_, c) => (class_weight as Record<string, number>)[c]),
  };
  return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}

/** A tree's nodes folded into one number, as in tests/goldens/forest.py. */
export function checksum({ feature, threshold, rows }: Tree): number {
  let total = 0n;
  for (let node = 0; node < feature.length; node++) {
    const step = feature[node] < 0 ? 0 : Math.round(threshold[node] * 2 * 4096);
    total = total * 31n + BigInt((feature[node] + 1) * 7 + step * 3 + rows[node]);
    total = BigInt.asUintN(32, total);
  }
  return Number(total);
}

/** Of the rows of a table, those `from` … `to`. */
export function someRows(table: Table, from: number, to: number): Table {
  const p = table.names.length;
  return { ...table, x: table.x.slice(from * p, to * p), y: table.y.slice(from, to) };
}

export function assertClose(
  actual: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
  what: string,
): void {
  if (actual.length !== expected.length) {
    throw new Error(`${what}: ${actual.length} values instead of ${expected.length}`);
  }
  for (const [i, value] of expected.entries()) {
    if (!(Math.abs(actual[i] - value) <= tolerance)) {
      throw new Error(`${what}: ${actual[i]} at ${i} instead of ${value}`);
    }
  }
}
