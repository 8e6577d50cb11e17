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

// Sorts four rows that rise and then fall, in registers.
function sortBitonic4(p: usize): void {
  const a = v128.load(p), A = v128.load(p, 16), b = v128.load(p, 32), B = v128.load(p, 48);
  const c = v128.load(p, 64), C = v128.load(p, 80), d = v128.load(p, 96), D = v128.load(p, 112);
  const e = f32x4.pmin(a, c), E = f32x4.pmin(A, C), g = f32x4.pmax(a, c), G = f32x4.pmax(A, C);
  const f = f32x4.pmin(b, d), F = f32x4.pmin(B, D), h = f32x4.pmax(b, d), H = f32x4.pmax(B, D);
  v128.store(p, f32x4.pmin(e, f));
  v128.store(p, f32x4.pmin(E, F), 16);
  v128.store(p, f32x4.pmax(e, f), 32);
  v128.store(p, f32x4.pmax(E, F), 48);
  v128.store(p, f32x4.pmin(g, h), 64);
  v128.store(p, f32x4.pmin(G, H), 80);
  v128.store(p, f32x4.pmax(g, h), 96);
  v128.store(p, f32x4.pmax(G, H), 112);
}

// Sorts any four rows, in registers.
function sort4(p: usize): void {
  const a = v128.load(p), A = v128.load(p, 16), b = v128.load(p, 32), B = v128.load(p, 48);
  const c = v128.load(p, 64), C = v128.load(p, 80), d = v128.load(p, 96), D = v128.load(p, 112);
  const e = f32x4.pmin(a, b), E = f32x4.pmin(A, B), f = f32x4.pmax(a, b), F = f32x4.pmax(A, B);
  const g = f32x4.pmin(c, d), G = f32x4.pmin(C, D), h = f32x4.pmax(c, d), H = f32x4.pmax(C, D);
  const i = f32x4.pmax(e, g), I = f32x4.pmax(E, G), j = f32x4.pmin(f, h), J = f32x4.pmin(F, H);
  v128.store(p, f32x4.pmin(e, g));
  v128.store(p, f32x4.pmin(E, G), 16);
  v128.store(p, f32x4.pmin(i, j), 32);
  v128.store(p, f32x4.pmin(I, J), 48);
  v128.store(p, f32x4.pmax(i, j), 64);
  v128.store(p, f32x4.pmax(I, J), 80);
  v128.store(p, f32x4.pmax(f, h), 96);
  v128.store(p, f32x4.pmax(F, H), 112);
}

/** Sorts `n` rows that rise and then fall, or the other way; n a power of two. */
function sortBitonic(rows: usize, n: i32): void {
  if (n == 4) sortBitonic4(rows);
  else if (n == 2) order(rows, rows + ROW);
  else if (n > 4) {
    const half = <usize> (n >> 1) * ROW;
    for (let i: usize = 0; i < half; i += ROW) order(rows + i, rows + half + i);
    sortBitonic(rows, n >> 1);
    sortBitonic(rows + half, n >> 1);
  }
}

/** Sorts `n` rows, a power of two. */
function sort(rows: usize, n: i32): void {
  if (n == 4) sort4(rows);
  else if (n == 2) order(rows, rows + ROW);
  else if (n > 4) {
    const half = <usize> (n >> 1) * ROW, last = rows + 2 * half - ROW;
    sort(rows, n >> 1);
    sort(rows + half, n >> 1);
    for (let i: usize = 0; i < half; i += ROW) order(rows + i, last - i);
    sortBitonic(rows, n >> 1);
    sortBitonic(rows + half, n >> 1);
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
