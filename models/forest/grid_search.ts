/**
 * Every combination of a grid scored by stratified folds, and the best trained on all rows: what
 * scikit-learn's GridSearchCV does, with the same scores. Columns are sorted once for all; grid
 * points that differ only in the depth or the number of trees share trees where those are equal.
 */
import { UserError } from "../../engine/error.ts";
import type { Criterion } from "./criterion.ts";
import { type PoolOptions, WorkerPool } from "./pool.ts";
import { growForest } from "./fit.ts";
import { type Fold, stratifiedFolds } from "./folds.ts";
import type { RandomForest } from "./forest.ts";
import { checkSetting, type ForestOptions, forestOptions } from "./options.ts";
import { checkTable, type Table } from "./table.ts";
import type { CellTask } from "./tasks.ts";

/** The values to try of each setting. */
export interface Grid {
  readonly trees: readonly number[];
  readonly maxDepth: readonly (number | null)[];
  readonly minSamplesSplit: readonly number[];
  readonly minSamplesLeaf: readonly number[];
  readonly criterion: readonly Criterion[];
}

/** Paper, section 3.1: 48 combinations. */
export const PAPER_GRID: Grid = {
  trees: [100, 300],
  maxDepth: [10, 20, null],
  minSamplesSplit: [2, 5],
  minSamplesLeaf: [1, 2],
  criterion: ["gini", "entropy"],
};

/** One combination. */
export type GridSettings = Pick<ForestOptions, keyof Grid>;

export interface GridPoint {
  readonly settings: GridSettings;
  /** Accuracy on each fold's test rows. */
  readonly scores: readonly number[];
  readonly mean: number;
  /** Population standard deviation over the folds. */
  readonly std: number;
  /** 1 for the best mean; equal means share the better rank. */
  readonly rank: number;
}

export interface GridResult {
  /** In scikit-learn's order: criterion, depth, leaf, split, trees, the last one fastest. */
  readonly points: readonly GridPoint[];
  /** The first of those with the best mean. */
  readonly best: GridPoint;
  /** The best settings trained on all rows. */
  readonly forest: RandomForest;
}

/** Forests scored so far, of points × folds. */
export interface GridProgress {
  readonly done: number;
  readonly total: number;
}

export interface GridOptions extends PoolOptions {
  readonly grid?: Grid;
  readonly folds?: number;
  /** The settings that the grid does not vary. */
  readonly forest?: Partial<Omit<ForestOptions, keyof Grid>>;
  readonly onProgress?: (progress: GridProgress) => void;
}

/**
 * @throws UserError for a table that cannot be learned from, a class with fewer rows than folds, or
 * a grid with a value that is wrong
 */
export async function gridSearch(
  table: Table,
  { grid = PAPER_GRID, folds: count = 5, forest = {}, workers, onProgress }: GridOptions = {},
): Promise<GridResult> {
  checkTable(table);
  checkGrid(grid);
  const base = forestOptions(forest, table);
  const folds = stratifiedFolds(table.y, { folds: count, classes: table.classes });
  using pool = new WorkerPool(table, { workers });

  const cells = cellsOf(grid, folds, base);
  const total = cells.length * grid.maxDepth.length * grid.trees.length;
  let done = 0;
  const correct = await pool.run<"cell">(
    cells.map(({ task }) => task),
    ({ depths, treeCounts }) => {
      done += depths.length * treeCounts.length;
      onProgress?.({ done, total });
    },
  );
  const scoreOf = new Map<string, number>();
  for (const [i, { fold, task: { options, depths, treeCounts, test } }] of cells.entries()) {
    for (const [d, maxDepth] of depths.entries()) {
      for (const [k, trees] of treeCounts.entries()) {
        const right = correct[i][d * treeCounts.length + k];
        scoreOf.set(key(fold, { ...options, maxDepth, trees }), right / test.length);
      }
    }
  }
  const points = ranked(
    combinations(grid).map((settings) => ({
      settings,
      scores: folds.map((_, fold) => scoreOf.get(key(fold, settings))!),
    })),
  );
  const best = points.find(({ rank }) => rank === 1)!;
  const options = { ...base, ...best.settings };
  return { points, best, forest: await growForest(pool, { table, options }) };
}

function key(fold: number, settings: GridSettings): string {
  const { criterion, maxDepth, minSamplesLeaf, minSamplesSplit, trees } = settings;
  return [fold, criterion, maxDepth, minSamplesLeaf, minSamplesSplit, trees].join();
}

/** One task for each fold and way of splitting. */
function cellsOf(
  grid: Grid,
  folds: readonly Fold[],
  base: ForestOptions,
): { fold: number; task: CellTask }[] {
  const depths = grid.maxDepth.toSorted((a, b) => (b ?? Infinity) > (a ?? Infinity) ? 1 : -1);
  return folds.flatMap((rows, fold) =>
    grid.criterion.flatMap((criterion) =>
      grid.minSamplesLeaf.flatMap((minSamplesLeaf) =>
        grid.minSamplesSplit.map((minSamplesSplit) => {
          const options = { ...base, criterion, minSamplesLeaf, minSamplesSplit };
          const task = { kind: "cell" as const, options, depths, treeCounts: grid.trees, ...rows };
          return { fold, task };
        })
      )
    )
  );
}

/** Every combination, in the order of scikit-learn's ParameterGrid. */
export function combinations(grid: Grid): GridSettings[] {
  return grid.criterion.flatMap((criterion) =>
    grid.maxDepth.flatMap((maxDepth) =>
      grid.minSamplesLeaf.flatMap((minSamplesLeaf) =>
        grid.minSamplesSplit.flatMap((minSamplesSplit) =>
          grid.trees.map((trees) => ({
            criterion,
            maxDepth,
            minSamplesLeaf,
            minSamplesSplit,
            trees,
          }))
        )
      )
    )
  );
}

function ranked(points: readonly Pick<GridPoint, "settings" | "scores">[]): GridPoint[] {
  const means = points.map(({ scores }) => average(scores));
  return points.map(({ settings, scores }, i) => ({
    settings,
    scores,
    mean: means[i],
    std: Math.sqrt(average(scores.map((score) => (score - means[i]) ** 2))),
    rank: 1 + means.filter((mean) => mean > means[i]).length,
  }));
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * A grid out of a file: an object of lists; a setting it does not name takes the paper's values.
 * @throws UserError naming the setting and the value that is wrong
 */
export function gridOf(given: unknown): Grid {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new UserError(`grid: expected lists by setting, such as {"trees": [100, 300]}`);
  }
  const grid: Grid = { ...PAPER_GRID, ...given };
  checkGrid(grid);
  return grid;
}

/** @throws UserError naming the setting and the value that is wrong */
export function checkGrid(grid: Grid): void {
  for (const name of Object.keys(PAPER_GRID) as (keyof Grid)[]) {
    const values: unknown = grid[name];
    if (!Array.isArray(values) || values.length === 0) {
      throw new UserError(
        `grid: ${name}: expected a list of values to try, got ${JSON.stringify(values) ?? values}`,
      );
    }
    for (const value of values) checkSetting("grid", name, value);
    if (new Set(values).size < values.length) {
      throw new UserError(`grid: ${name}: a value stands twice in ${JSON.stringify(values)}`);
    }
  }
  const stranger = Object.keys(grid).find((name) => !Object.hasOwn(PAPER_GRID, name));
  if (stranger !== undefined) {
    throw new UserError(
      `grid: '${stranger}' cannot be varied; there are ${Object.keys(PAPER_GRID).join(", ")}`,
    );
  }
}
