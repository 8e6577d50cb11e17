// Sums and maxima over any axes, in two forms: `Inner`, where the innermost dimension is reduced
// (runs along it are added up by vectors), and `Outer`, where it is kept (32 neighbouring outputs are
// carried at once, 128 rows to a partial sum). A long reduction is cut in chunks whose
// results a second launch combines: chunks are set by sizes alone, so threads never change a bit.
import { at, float, int, ptr } from "./abi";
import { argmaxOf, maxRun, sumRun } from "./runs";

const enum Reduce {
  Sum,
  Max,
}

// Dimensions start at word 9: the kept ones, then the reduced ones, innermost first; size and stride.
// @inline
function offsetOf(p: usize, index: i32, from: i32, to: i32): i32 {
  let offset = 0;
  for (let d = from; d < to; d++) {
    const size = int(p, 9 + 2 * d);
    const rest = index / size;
    offset += (index - rest * size) * int(p, 10 + 2 * d);
    index = rest;
  }
  return offset;
}

// Buffers: x, out. Params: scale, reduced, chunk, chunks, (unused), kept rank, reduced rank, then
// the dimensions. Items: outputs × chunks; out is [outputs, chunks].
// @inline
function runInner(op: i32, p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), out = ptr(p, 1), scale = float(p, 2);
  const reduced = int(p, 3), chunk = int(p, 4), chunks = int(p, 5);
  const kept = int(p, 7), rank = kept + int(p, 8);
  const run = int(p, 9 + 2 * kept);
  for (let item = start; item < end; item++) {
    const output = item / chunks;
    const base = at(x, offsetOf(p, output, 0, kept));
    let j = (item - output * chunks) * chunk;
    const stop = min(j + chunk, reduced);
    let total: f64 = 0;
    let largest: f32 = -Infinity;
    while (j < stop) {
      const row = j / run, column = j - row * run;
      const n = min(run - column, stop - j);
      const from = at(base, column + offsetOf(p, row, kept + 1, rank));
      if (op == Reduce.Sum) total += sumRun(from, n);
      else largest = max<f32>(largest, maxRun(from, n));
      j += n;
    }
    store<f32>(at(out, item), op == Reduce.Sum ? <f32> (total * <f64> scale) : largest);
  }
}

export function sumInner(p: usize, s: i32, e: i32): void {
  runInner(Reduce.Sum, p, s, e);
}
export function maxInner(p: usize, s: i32, e: i32): void {
  runInner(Reduce.Max, p, s, e);
}

/** Neighbouring outputs that one item of the outer form carries. */
const WIDTH: i32 = 32;
/** Rows added up in one set of lanes before they are handed on. */
const BLOCK: i32 = 128;

// @inline
function combine(op: i32, a: v128, b: v128): v128 {
  return op == Reduce.Sum ? f32x4.add(a, b) : f32x4.max(a, b);
}

// @inline
function rowAddress(p: usize, base: usize, j: i32, kept: i32, rank: i32): usize {
  return rank - kept == 1
    ? at(base, j * int(p, 10 + 2 * kept))
    : at(base, offsetOf(p, j, kept, rank));
}

// Buffers and params as in the inner form; the word unused there is the width of the innermost kept
// dimension. Items: other outputs × chunks × blocks of 32 columns; out is [other outputs, chunks, width].
// @inline
function runOuter(op: i32, p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), out = ptr(p, 1), scale = f32x4.splat(op == Reduce.Sum ? float(p, 2) : 1);
  const reduced = int(p, 3), chunk = int(p, 4), chunks = int(p, 5), width = int(p, 6);
  const kept = int(p, 7), rank = kept + int(p, 8);
  const blocks = (width + WIDTH - 1) / WIDTH;
  const zero = f32x4.splat(op == Reduce.Sum ? 0 : -Infinity);
  for (let item = start; item < end; item++) {
    const row = item / blocks, output = row / chunks;
    let column = (item - row * blocks) * WIDTH;
    const stopColumn = min(column + WIDTH, width);
    const from = (row - output * chunks) * chunk, stop = min(from + chunk, reduced);
    const base = at(x, offsetOf(p, output, 1, kept));
    const to = at(out, row * width);
    if (stopColumn - column == WIDTH) {
      let t0 = zero, t1 = zero, t2 = zero, t3 = zero, t4 = zero, t5 = zero, t6 = zero, t7 = zero;
      for (let block = from; block < stop; block += BLOCK) {
        let a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero, a6 = zero, a7 = zero;
        const last = min(block + BLOCK, stop);
        for (let j = block; j < last; j++) {
          const q = at(rowAddress(p, base, j, kept, rank), column);
          a0 = combine(op, a0, v128.load(q));
          a1 = combine(op, a1, v128.load(q, 16));
          a2 = combine(op, a2, v128.load(q, 32));
          a3 = combine(op, a3, v128.load(q, 48));
          a4 = combine(op, a4, v128.load(q, 64));
          a5 = combine(op, a5, v128.load(q, 80));
          a6 = combine(op, a6, v128.load(q, 96));
          a7 = combine(op, a7, v128.load(q, 112));
        }
        t0 = combine(op, t0, a0);
        t1 = combine(op, t1, a1);
        t2 = combine(op, t2, a2);
        t3 = combine(op, t3, a3);
        t4 = combine(op, t4, a4);
        t5 = combine(op, t5, a5);
        t6 = combine(op, t6, a6);
        t7 = combine(op, t7, a7);
      }
      const q = at(to, column);
      v128.store(q, f32x4.mul(t0, scale));
      v128.store(q, f32x4.mul(t1, scale), 16);
      v128.store(q, f32x4.mul(t2, scale), 32);
      v128.store(q, f32x4.mul(t3, scale), 48);
      v128.store(q, f32x4.mul(t4, scale), 64);
      v128.store(q, f32x4.mul(t5, scale), 80);
      v128.store(q, f32x4.mul(t6, scale), 96);
      v128.store(q, f32x4.mul(t7, scale), 112);
      continue;
    }
    while (column < stopColumn) {
      // The last vector of a row reads on into the next one, or the heap's slack, and stores its own lanes.
      let t = zero;
      for (let block = from; block < stop; block += BLOCK) {
        let a = zero;
        const last = min(block + BLOCK, stop);
        for (let j = block; j < last; j++) {
          a = combine(op, a, v128.load(at(rowAddress(p, base, j, kept, rank), column)));
        }
        t = combine(op, t, a);
      }
      t = f32x4.mul(t, scale);
      const lanes = stopColumn - column;
      const q = at(to, column);
      if (lanes >= 4) v128.store(q, t);
      else {
        store<f32>(q, f32x4.extract_lane(t, 0));
        if (lanes > 1) store<f32>(q, f32x4.extract_lane(t, 1), 4);
        if (lanes > 2) store<f32>(q, f32x4.extract_lane(t, 2), 8);
      }
      column += 4;
    }
  }
}

export function sumOuter(p: usize, s: i32, e: i32): void {
  runOuter(Reduce.Sum, p, s, e);
}
export function maxOuter(p: usize, s: i32, e: i32): void {
  runOuter(Reduce.Max, p, s, e);
}

/**
 * argmax: x [outer, n, inner], out i32 [outer, inner]; n, inner. The first of equals; NaN never wins.
 * Items: outputs.
 */
export function argmax(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), out = ptr(p, 1), n = int(p, 2), inner = int(p, 3);
  for (let i = start; i < end; i++) {
    const row = i / inner;
    const from = at(x, row * n * inner + (i - row * inner));
    store<i32>(at(out, i), argmaxOf(from, n, inner));
  }
}
