// Running median down the rows of a matrix, windows of w = 2T − 1 rows, T a power of two. Lanes are
// columns, eight at a time. T outputs share T rows of their windows: these are sorted once, and each
// half of the outputs then adds the T/2 rows that its windows have in common besides, drops as many
// values from below and from above as can no longer be a median, and is halved in its turn, down to
// one output and one value (after A. Adams, "Fast median filters using separable sorting networks",
// ACM Transactions on Graphics 40(4), 2021). A 31-row median takes 20 comparisons.
import { at, int, ptr, threadId } from "./abi";

const COLUMNS: i32 = 8;
/** Bytes of eight columns of a row. */
const ROW: usize = 32;

// @inline
function order(a: usize, b: usize): void {
  const x = v128.load(a), X = v128.load(a, 16);
  const y = v128.load(b), Y = v128.load(b, 16);
  v128.store(a, f32x4.pmin(x, y));
  v128.store(a, f32x4.pmin(X, Y), 16);
  v128.store(b, f32x4.pmax(x, y));
  v128.store(b, f32x4.pmax(X, Y), 16);
}

/** Sorts `n` rows that rise and then fall, or the other way. */
function sortBitonic(rows: usize, n: i32): void {
  for (let half = n >> 1; half > 0; half >>= 1) {
    const step = <usize> half * ROW;
    for (let block = 0; block < n; block += 2 * half) {
      const first = rows + <usize> block * ROW;
      for (let i: usize = 0; i < step; i += ROW) order(first + i, first + i + step);
    }
  }
}

/** Sorts `n` rows, a power of two. */
function sort(rows: usize, n: i32): void {
  for (let size = 2; size <= n; size <<= 1) {
    for (let block = 0; block < n; block += size) {
      const first = rows + <usize> block * ROW, last = first + <usize> (size - 1) * ROW;
      const end = <usize> (size >> 1) * ROW;
      for (let i: usize = 0; i < end; i += ROW) order(first + i, last - i);
      sortBitonic(first, size >> 1);
      sortBitonic(first + end, size >> 1);
    }
  }
}

/** The middle third, sorted, of 2m sorted rows `a` and m sorted rows `b`. */
function middle(a: usize, b: usize, m: i32, out: usize): void {
  const end = <usize> m * ROW;
  for (let i: usize = 0; i < end; i += ROW) {
    const other = b + end - ROW - i;
    v128.store(out + i, f32x4.pmax(v128.load(a + i), v128.load(other)));
    v128.store(out + i, f32x4.pmax(v128.load(a + i, 16), v128.load(other, 16)), 16);
  }
  sortBitonic(out, m);
  for (let i: usize = 0; i < end; i += ROW) {
    const other = a + 2 * end - ROW - i;
    v128.store(out + i, f32x4.pmin(v128.load(out + i), v128.load(other)));
    v128.store(out + i, f32x4.pmin(v128.load(out + i, 16), v128.load(other, 16)), 16);
  }
  sortBitonic(out, m);
}

/** Copies `n` rows; calling memory.copy for a few would take longer. */
function copyRows(from: usize, to: usize, n: i32): void {
  const end = <usize> n * ROW;
  for (let i: usize = 0; i < end; i += ROW) {
    const x = v128.load(from + i), y = v128.load(from + i, 16);
    v128.store(to + i, x);
    v128.store(to + i, y, 16);
  }
}

// The median of two sorted rows `pair` and a third.
// @inline
function medianOfThree(pair: usize, third: usize, out: usize): void {
  const x = f32x4.pmin(v128.load(pair, 32), v128.load(third));
  const y = f32x4.pmin(v128.load(pair, 48), v128.load(third, 16));
  v128.store(out, f32x4.pmax(v128.load(pair), x));
  v128.store(out, f32x4.pmax(v128.load(pair, 16), y), 16);
}

/** The `t` medians of a window of 3t − 2 rows; spare is room for 3t rows. Answers where they stand. */
function medians(window: usize, t: i32, spare: usize): usize {
  let held = spare, next = spare + <usize> t * ROW;
  const extra = next + <usize> t * ROW;
  copyRows(window + <usize> (t - 1) * ROW, held, t);
  sort(held, t);
  for (let s = t; s > 2; s >>= 1) {
    const m = s >> 1;
    for (let j = 0; j < t; j += s) {
      const from = held + <usize> j * ROW, to = next + <usize> j * ROW;
      copyRows(window + <usize> (j + m - 1) * ROW, extra, m);
      sort(extra, m);
      middle(from, extra, m, to);
      copyRows(window + <usize> (j + 2 * t - 1) * ROW, extra, m);
      sort(extra, m);
      middle(from, extra, m, to + <usize> m * ROW);
    }
    const swap = held;
    held = next;
    next = swap;
  }
  for (let j = 0; j < t; j += 2) {
    const pair = held + <usize> j * ROW, left = window + <usize> j * ROW;
    const out = next + <usize> j * ROW;
    medianOfThree(pair, left, out);
    medianOfThree(pair, left + <usize> (2 * t - 1) * ROW, out + ROW);
  }
  return next;
}

/** The row that stands in for `row` beyond the ends: … b a | a b c | c b … */
function reflect(row: i32, rows: i32): i32 {
  const turn = ((row % (2 * rows)) + 2 * rows) % (2 * rows);
  return turn < rows ? turn : 2 * rows - 1 - turn;
}

function copyColumns(from: usize, to: usize, n: i32): void {
  if (n == COLUMNS) {
    const x = v128.load(from), y = v128.load(from, 16);
    v128.store(to, x);
    v128.store(to, y, 16);
  } else {
    for (let i = 0; i < n; i++) store<f32>(at(to, i), load<f32>(at(from, i)));
  }
}

/** runningMedian: x, scratch, out; rows, columns, t. Items: t rows by eight columns. */
export function runningMedian(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), out = ptr(p, 2);
  const rows = int(p, 3), columns = int(p, 4), t = int(p, 5);
  const window = ptr(p, 1) + <usize> threadId * <usize> (6 * t) * ROW;
  const spare = window + <usize> (3 * t) * ROW;
  const groups = (columns + COLUMNS - 1) / COLUMNS;
  for (let item = start; item < end; item++) {
    const column = item % groups * COLUMNS, row = item / groups * t;
    const n = min(COLUMNS, columns - column);
    for (let k = 0; k < 3 * t - 2; k++) {
      const source = reflect(row - t + 1 + k, rows);
      copyColumns(at(x, source * columns + column), window + <usize> k * ROW, n);
    }
    const result = medians(window, t, spare);
    const count = min(t, rows - row);
    for (let k = 0; k < count; k++) {
      copyColumns(result + <usize> k * ROW, at(out, (row + k) * columns + column), n);
    }
  }
}
