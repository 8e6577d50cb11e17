/**
 * The best threshold of a feature for a node's rows: every midpoint between two values that differ.
 * Rows come in order of their values without a comparison: each marks its place in the sorted
 * column as one bit, and the bits are read back in ascending order, which takes time linear in the
 * node's rows.
 */
import { type Criterion, IMPURITY, type Impurity, timesLog } from "./criterion.ts";
import type { Indices, SortedColumns } from "./table.ts";

/** Values no further apart than this are one value (f32), as in scikit-learn. */
const SAME_VALUE = Math.fround(1e-7);

/** Searches splits for one tree at a time; the scratch memory serves all trees of a table. */
export class SplitSearch {
  readonly #columns: SortedColumns;
  readonly #y: Int32Array;
  /** [n] bits, and one bit for each word of them that is not 0. */
  readonly #bits: Int32Array;
  readonly #summary: Int32Array;
  /** The node's rows and values in ascending order of the feature at hand. */
  readonly #rows: Indices;
  readonly #values: Float32Array;
  readonly #left: Float64Array;
  readonly #right: Float64Array;

  #criterion: Criterion = "gini";
  #impurity: Impurity = IMPURITY.gini;
  #weight: Float64Array = new Float64Array(0);
  #minSamplesLeaf = 1;
  /** k log2 k; null where weights are not whole numbers. */
  #timesLog: Float64Array | null = null;

  #total: Float64Array = new Float64Array(0);
  #totalWeight = 0;

  /** The best split of the node so far: larger is better, -∞ where there is none. */
  score = -Infinity;
  feature = -1;
  threshold = NaN;
  /** Place in the feature's sorted column of the last row that goes left. */
  lastLeft = -1;

  constructor(columns: SortedColumns, y: Int32Array, classes: number) {
    const { rows } = columns;
    this.#columns = columns;
    this.#y = y;
    this.#bits = new Int32Array((rows + 31) >>> 5);
    this.#summary = new Int32Array((this.#bits.length + 31) >>> 5);
    this.#rows = rows <= 0x10000 ? new Uint16Array(rows) : new Uint32Array(rows);
    this.#values = new Float32Array(rows);
    this.#left = new Float64Array(classes);
    this.#right = new Float64Array(classes);
  }

  /** Sets what stays the same for a whole tree. `weight`: [n], 0 for rows that play no part. */
  beginTree(
    { criterion, weight, minSamplesLeaf }: {
      criterion: Criterion;
      weight: Float64Array;
      minSamplesLeaf: number;
    },
  ): void {
    this.#criterion = criterion;
    this.#impurity = IMPURITY[criterion];
    this.#weight = weight;
    this.#minSamplesLeaf = minSamplesLeaf;
    this.#timesLog = criterion === "entropy" ? this.#tableFor(weight) : null;
  }

  /** Forgets the last node's split. `total`: [K] the node's weighted class counts, and their sum. */
  beginNode(total: Float64Array, totalWeight: number): void {
    this.#total = total;
    this.#totalWeight = totalWeight;
    this.score = -Infinity;
    this.feature = -1;
  }

  /**
   * Tries every threshold of `feature` on rows[start … end), and keeps the best if it is better than
   * what other features gave.
   * @returns false if the feature is the same for all of them
   */
  try(feature: number, rows: Indices, start: number, end: number): boolean {
    this.#sort(feature, rows, start, end);
    const count = end - start;
    const values = this.#values;
    if (values[count - 1] <= Math.fround(values[0] + SAME_VALUE)) return false;
    if (this.#criterion === "gini") this.#scanGini(feature, count);
    else this.#scanEntropy(feature, count);
    return true;
  }

  /** Fills #rows and #values with rows[start … end) in the order of the column. */
  #sort(feature: number, rows: Indices, start: number, end: number): void {
    const { rows: n, order, place, values: column } = this.#columns;
    const bits = this.#bits;
    const summary = this.#summary;
    const sorted = this.#rows;
    const values = this.#values;
    const base = feature * n;
    for (let i = start; i < end; i++) {
      const at = place[base + rows[i]];
      const word = at >>> 5;
      bits[word] |= 1 << (at & 31);
      summary[word >>> 5] |= 1 << (word & 31);
    }
    let k = 0;
    for (let s = 0; s < summary.length; s++) {
      let words = summary[s];
      if (words === 0) continue;
      summary[s] = 0;
      while (words !== 0) {
        const lowest = words & -words;
        words ^= lowest;
        const word = (s << 5) + 31 - Math.clz32(lowest);
        const first = base + (word << 5) + 31;
        let set = bits[word];
        bits[word] = 0;
        while (set !== 0) {
          const bit = set & -set;
          set ^= bit;
          const at = first - Math.clz32(bit);
          sorted[k] = order[at];
          values[k++] = column[at];
        }
      }
    }
  }

  #scanGini(feature: number, count: number): void {
    const rows = this.#rows;
    const values = this.#values;
    const weight = this.#weight;
    const y = this.#y;
    const left = this.#left.fill(0);
    const total = this.#total;
    const totalWeight = this.#totalWeight;
    const least = this.#minSamplesLeaf;
    const most = count - least;
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = 0;
    for (let c = 0; c < total.length; c++) rightSquares += total[c] * total[c];
    let best = this.score;
    let previous = values[0];
    for (let k = 0; k <= most; k++) {
      const value = values[k];
      if (k >= least && value > Math.fround(previous + SAME_VALUE)) {
        const rightWeight = totalWeight - leftWeight;
        const score = -rightWeight * (1 - rightSquares / (rightWeight * rightWeight)) -
          leftWeight * (1 - leftSquares / (leftWeight * leftWeight));
        if (score > best) {
          best = score;
          this.#keep(feature, k, score);
        }
      }
      const row = rows[k];
      const c = y[row];
      const w = weight[row];
      const l = left[c];
      leftSquares += w * (2 * l + w);
      rightSquares -= w * (2 * (total[c] - l) - w);
      left[c] = l + w;
      leftWeight += w;
      previous = value;
    }
  }

  /**
   * The sums of k log2 k tell cheaply, but for rounding, whether a threshold can be the best;
   * only then is its impurity worked out in full. Without whole weights every threshold is.
   */
  #scanEntropy(feature: number, count: number): void {
    const rows = this.#rows;
    const values = this.#values;
    const weight = this.#weight;
    const y = this.#y;
    const left = this.#left.fill(0);
    const total = this.#total;
    const totalWeight = this.#totalWeight;
    const least = this.#minSamplesLeaf;
    const most = count - least;
    const table = this.#timesLog;
    const slack = table === null ? 0 : 1e-9 * (1 + table[totalWeight]);
    let sums = 0; // Σ l log2 l + Σ r log2 r over the classes
    if (table !== null) { for (let c = 0; c < total.length; c++) sums += table[total[c]]; }
    let leftWeight = 0;
    let best = this.score;
    let previous = values[0];
    for (let k = 0; k <= most; k++) {
      const value = values[k];
      if (
        k >= least && value > Math.fround(previous + SAME_VALUE) &&
        (table === null ||
          sums - table[leftWeight] - table[totalWeight - leftWeight] > best - slack)
      ) {
        const score = this.#scoreInFull(leftWeight);
        if (score > best) {
          best = score;
          this.#keep(feature, k, score);
        }
      }
      const row = rows[k];
      const c = y[row];
      const w = weight[row];
      const l = left[c];
      if (table !== null) {
        const r = total[c] - l;
        sums += table[l + w] - table[l] + table[r - w] - table[r];
      }
      left[c] = l + w;
      leftWeight += w;
      previous = value;
    }
  }

  #scoreInFull(leftWeight: number): number {
    const total = this.#total;
    const left = this.#left;
    const right = this.#right;
    for (let c = 0; c < total.length; c++) right[c] = total[c] - left[c];
    const rightWeight = this.#totalWeight - leftWeight;
    return -rightWeight * this.#impurity(right, rightWeight) -
      leftWeight * this.#impurity(left, leftWeight);
  }

  /** Halves are added, not the sum halved: two large values must not overflow. */
  #keep(feature: number, k: number, score: number): void {
    this.score = score;
    this.feature = feature;
    this.threshold = this.#values[k - 1] / 2 + this.#values[k] / 2;
    this.lastLeft = this.#columns.place[feature * this.#columns.rows + this.#rows[k - 1]];
  }

  /** One table serves every tree whose weights sum to no more than the largest yet seen. */
  #wholeTable: Float64Array = new Float64Array(0);

  #tableFor(weight: Float64Array): Float64Array | null {
    let sum = 0;
    for (let i = 0; i < weight.length; i++) {
      if (!Number.isInteger(weight[i])) return null;
      sum += weight[i];
    }
    if (sum >= this.#wholeTable.length) this.#wholeTable = timesLog(sum);
    return this.#wholeTable;
  }
}
