/**
 * The time of the paper's grid search on a table of the paper's size (1,008 clips × 121 features, 8
 * classes that a forest tells apart as well as RAVDESS's), and of one forest of 300 trees.
 *
 *     deno run --allow-read bench/forest.ts [--quick] [--workers N]
 *
 * `--quick` grows a tenth of the trees. Ratios matter: scikit-learn 1.9's own grid search, with two
 * jobs, takes 140 s where this project's figures were first taken.
 */
import { parseArgs } from "node:util";
import { fitForest } from "../models/forest/fit.ts";
import { type Grid, gridSearch, PAPER_GRID } from "../models/forest/grid_search.ts";
import { makeTable } from "../tests/models/forest/tables.ts";
import type { BenchRow } from "./measure.ts";

export interface ForestBenchOptions {
  readonly quick?: boolean;
  readonly workers?: number;
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** A row of `bench` that was measured once. */
export type ForestRow = Pick<BenchRow, "name" | "size" | "device" | "variant" | "seconds">;

/** Both times. Each is measured once: it is long enough. */
export async function benchForest(
  { quick = false, workers = navigator.hardwareConcurrency, onProgress }: ForestBenchOptions = {},
): Promise<ForestRow[]> {
  const rows = 1008;
  const features = 121;
  const table = makeTable({
    rows,
    features,
    classes: 8,
    seed: 1,
    apart: 0.25,
    every: 3,
    steps: 4096,
    uneven: false,
  });
  const size = `${rows}x${features}`;
  const share = quick ? 10 : 1;
  const grid: Grid = { ...PAPER_GRID, trees: PAPER_GRID.trees.map((trees) => trees / share) };
  const trees = 300 / share;
  const row = async (name: string, work: () => Promise<unknown>): Promise<ForestRow> => {
    const start = performance.now();
    await work();
    return {
      name,
      size,
      device: `cpu, ${workers} workers`,
      variant: quick ? "quick" : "default",
      seconds: (performance.now() - start) / 1000,
    };
  };
  return [
    await row("forest-fit", () => fitForest(table, { trees, workers })),
    await row("forest-grid", () => gridSearch(table, { grid, workers, onProgress })),
  ];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { quick: { type: "boolean" }, workers: { type: "string" } },
  });
  const rows = await benchForest({
    quick: values.quick,
    workers: values.workers === undefined ? undefined : Number(values.workers),
  });
  for (const { name, size, device, variant, seconds } of rows) {
    console.log(`${name}  ${size}  ${device}  ${variant}  ${seconds.toFixed(2)} s`);
  }
}
