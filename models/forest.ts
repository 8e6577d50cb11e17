/**
 * Random forest (paper §3.1): scalar features of a clip, a grid search over 48 settings by
 * stratified 5-fold cross-validation, and the best settings trained on all training clips.
 *
 * Where the paper leaves a choice open: the forest's own seed is the split's; a setting is scored by
 * accuracy; whatever the grid does not name is scikit-learn's default (√p features a node,
 * bootstrap, no class weights). Features are not scaled, which no tree would notice. Classes stand
 * in alphabetical order, as its LabelEncoder has them; the first wins a tied vote.
 */
import {
  type Grid,
  type GridOptions,
  type GridResult,
  gridSearch,
  PAPER_GRID,
} from "./forest/grid_search.ts";
import type { Table } from "./forest/table.ts";

export const forest = {
  name: "forest",
  title: "Random forest",
  input: "vector",
  /** Share of the clips that are tested on; there is no validation part, the folds stand for it. */
  testShare: 0.3,
  grid: PAPER_GRID,
  folds: 5,
  paper: { accuracy: 0.62, n: 432, where: "§3.1" },
  /**
   * @param table the training clips
   * @throws UserError for a table that cannot be learned from, or a class of fewer than five clips
   */
  train(
    table: Table,
    { seed, grid = PAPER_GRID, ...options }:
      & { readonly seed: number; readonly grid?: Grid }
      & Omit<GridOptions, "grid" | "folds" | "forest">,
  ): Promise<GridResult> {
    return gridSearch(table, { ...options, grid, folds: forest.folds, forest: { seed } });
  },
} as const;
