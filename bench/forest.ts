/**
 * The paper's random forest on a table of the paper's size (1,008 clips × 121 features, 8 classes that a forest
 * tells apart as well as RAVDESS's): one forest of 300 trees, and the grid search that `train forest` begins
 * with. It is no device's work: Workers on all cores grow the trees. scikit-learn 1.9's own grid search, with
 * two jobs, takes 140 s where this one was first timed.
 */
import { fitForest } from "../models/forest/fit.ts";
import { gridSearch } from "../models/forest/grid_search.ts";
import type { Table } from "../models/forest/table.ts";
import { makeTable } from "../tests/models/forest/tables.ts";
import type { BenchCase } from "./case.ts";
import { type Family, sizeText } from "./op_case.ts";

const CLIPS = 1008;
const FEATURES = 121;
/** Clips × features × trees: what is asked for stays within a minute. */
const MOST_VALUES = 1e9;

function tableOf(rows: number, features: number): Table {
  const alike = { classes: 8, seed: 1, apart: 0.25, every: 3, steps: 4096, uneven: false };
  return makeTable({ rows, features, ...alike });
}

function fit([clips, features, trees]: readonly number[]): BenchCase {
  return {
    name: "forest-fit",
    size: sizeText([clips, features, trees]),
    prepare() {
      const table = tableOf(clips, features);
      return { work: () => fitForest(table, { trees }) };
    },
  };
}

const grid: BenchCase = {
  name: "forest-grid",
  long: true,
  size: sizeText([CLIPS, FEATURES]),
  prepare() {
    const table = tableOf(CLIPS, FEATURES);
    return { work: () => gridSearch(table) };
  },
};

export const family: Family = {
  name: "forest",
  dims: "CLIPSxFEATURESxTREES",
  check([clips, features, trees]) {
    if (clips < 2) return "forest: learns from two clips at least";
    return clips * features * trees <= MOST_VALUES
      ? null
      : `forest: ${clips * features * trees} values to look at, at most ${MOST_VALUES} are timed`;
  },
  cases: (extent) => extent === "usual" ? [fit([CLIPS, FEATURES, 300]), grid] : [],
  sweep: [64, 128, 256, 512].map((trees) => [CLIPS, FEATURES, trees]),
  at: (dims, extent) => extent === "usual" ? [fit(dims)] : [],
};
