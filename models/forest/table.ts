/**
 * What a forest learns from: rows of numbers, each with a class. And the same table with every
 * column sorted once, which all trees, folds and grid points share: a row's place in a column is
 * a whole number, so a node's rows are sorted later without comparing a single value.
 */
import { UserError } from "../../engine/error.ts";

/** n rows of p features. */
export interface Table {
  /** [n, p], row after row; finite. */
  readonly x: Float32Array;
  /** [n], each 0 … classes.length - 1. */
  readonly y: Int32Array;
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** [p] names of the features. */
  readonly names: readonly string[];
}

/** @throws UserError for what cannot be learned from: no rows, one class, a value that is not finite */
export function checkTable(table: Table): void {
  const { x, y, classes, names } = table;
  const n = y.length;
  if (names.length === 0 || n === 0) {
    throw new UserError(`forest: expected features and clips, got ${n} clips × ${names.length}`);
  }
  if (x.length !== n * names.length) {
    throw new RangeError(`forest: ${x.length} values for ${n} rows × ${names.length} features`);
  }
  const strange = y.find((label) => !(label >= 0 && label < classes.length));
  if (strange !== undefined) {
    throw new RangeError(`forest: class ${strange} of ${classes.length} classes`);
  }
  checkFinite(x, names);
  const present = new Set(y);
  if (present.size < 2) {
    throw new UserError(
      `forest: all ${n} clips are '${
        classes[y[0]]
      }'; at least two classes are needed to learn from`,
    );
  }
}

/**
 * @param x [n, names.length]
 * @throws UserError naming the first column with a value that is NaN or infinite
 */
export function checkFinite(x: Float32Array, names: readonly string[]): void {
  const at = x.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const column = at % names.length;
  let clips = 0;
  for (let i = column; i < x.length; i += names.length) if (!Number.isFinite(x[i])) clips++;
  throw new UserError(
    `forest: feature '${names[column]}' is ${x[at]} in clip ${Math.floor(at / names.length) + 1}` +
      (clips > 1 ? ` and not finite in ${clips} clips` : "") +
      "; leave the column or the clips out",
  );
}

/**
 * The columns `wanted`, in that order, out of a table that may hold others besides.
 * @returns [n, wanted.length]
 * @throws UserError naming a column that is missing
 */
export function takeColumns(
  { x, names }: Pick<Table, "x" | "names">,
  wanted: readonly string[],
): Float32Array {
  const columns = wanted.map((name) => {
    const column = names.indexOf(name);
    if (column < 0) {
      throw new UserError(
        `forest: there is no column '${name}' among ${names.length}; ` +
          `${wanted.length} are needed, by the names that the forest was trained with`,
      );
    }
    return column;
  });
  const rows = x.length / names.length;
  const taken = new Float32Array(rows * columns.length);
  for (let row = 0; row < rows; row++) {
    for (const [at, column] of columns.entries()) {
      taken[row * columns.length + at] = x[row * names.length + column];
    }
  }
  return taken;
}

/** Row indices: 16 bits where they suffice, which halves what a node's search reads. */
export type Indices = Uint16Array | Uint32Array;

/** A table's columns, each in ascending order; equal values in the order of their rows. */
export interface SortedColumns {
  readonly rows: number;
  readonly features: number;
  /** [p, n] the row at each place of a column. */
  readonly order: Indices;
  /** [p, n] the place of each row in a column. */
  readonly place: Indices;
  /** [p, n] the values in ascending order. */
  readonly values: Float32Array;
}

/** Sorts each column of `table`: n log n comparisons a column, once. */
export function sortColumns({ x, y, names }: Table): SortedColumns {
  const n = y.length;
  const p = names.length;
  const indices = () => n <= 0x10000 ? new Uint16Array(n * p) : new Uint32Array(n * p);
  const order = indices();
  const place = indices();
  const values = new Float32Array(n * p);
  const column = new Float32Array(n);
  for (let feature = 0; feature < p; feature++) {
    for (let row = 0; row < n; row++) column[row] = x[row * p + feature];
    const base = feature * n;
    const sorted = order.subarray(base, base + n).map((_, row) => row);
    sorted.sort((a, b) => column[a] - column[b] || a - b);
    for (let k = 0; k < n; k++) {
      order[base + k] = sorted[k];
      place[base + sorted[k]] = k;
      values[base + k] = column[sorted[k]];
    }
  }
  return { rows: n, features: p, order, place, values };
}
