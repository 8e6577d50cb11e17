// Moving elements: fill, copies between two strided walks, tiled transposition, rows picked and added by
// index, overlapping frames added up. Elements move as 32-bit words whatever their type.
import { at, float, int, ptr } from "./abi";

/** fill: out; value. Items: elements. */
export function fill(p: usize, start: i32, end: i32): void {
  const out = ptr(p, 0);
  const value = f32x4.splat(float(p, 1));
  let i = start;
  for (; i + 8 <= end; i += 8) {
    v128.store(at(out, i), value);
    v128.store(at(out, i), value, 16);
  }
  for (; i < end; i++) store<f32>(at(out, i), float(p, 1));
}

// @inline
function copyRun(x: usize, out: usize, n: i32, stepIn: i32, stepOut: i32): void {
  if (stepIn == 1 && stepOut == 1) {
    if (n >= 32) memory.copy(out, x, <usize> n << 2);
    else for (let i = 0; i < n; i++) store<u32>(at(out, i), load<u32>(at(x, i)));
  } else if (stepIn == 0 && stepOut == 1) {
    const value = v128.load32_splat(x);
    let i = 0;
    for (; i + 4 <= n; i += 4) v128.store(at(out, i), value);
    for (; i < n; i++) store<u32>(at(out, i), load<u32>(x));
  } else {
    for (let i = 0; i < n; i++) store<u32>(at(out, i * stepOut), load<u32>(at(x, i * stepIn)));
  }
}

/**
 * copyStrided: x, out; offset in x, offset in out, rank, then size, stride in x and stride in out of
 * each dimension of the walk, innermost first. Items: elements of the walk.
 */
export function copyStrided(p: usize, start: i32, end: i32): void {
  const x = at(ptr(p, 0), int(p, 2)), out = at(ptr(p, 1), int(p, 3)), rank = int(p, 4);
  const inner = int(p, 5), stepIn = int(p, 6), stepOut = int(p, 7);
  let i = start;
  while (i < end) {
    let row = i / inner;
    const column = i - row * inner;
    const n = min(inner - column, end - i);
    let a = column * stepIn, b = column * stepOut;
    for (let d = 1; d < rank; d++) {
      const size = int(p, 5 + 3 * d);
      const rest = row / size;
      const index = row - rest * size;
      a += index * int(p, 6 + 3 * d);
      b += index * int(p, 7 + 3 * d);
      row = rest;
    }
    copyRun(at(x, a), at(out, b), n, stepIn, stepOut);
    i += n;
  }
}

/** Columns of x that one item of `transposeTiles` turns into rows of out: a cache line. */
const TILE: i32 = 16;

/**
 * transposeTiles: x, out; offset in x, offset in out, na, stride of a in x, nb, stride of b in out,
 * rank, then size, stride in x and stride in out of each further dimension. The walk's dimension a is
 * contiguous in out and b in x. Items: further elements × tiles of 16 along b.
 */
export function transposeTiles(p: usize, start: i32, end: i32): void {
  const na = int(p, 4), strideA = int(p, 5), nb = int(p, 6), strideB = int(p, 7);
  const rank = int(p, 8), tiles = (nb + TILE - 1) / TILE;
  for (let item = start; item < end; item++) {
    let row = item / tiles;
    const first = (item - row * tiles) * TILE, last = min(first + TILE, nb);
    let offsetIn = int(p, 2), offsetOut = int(p, 3);
    for (let d = 0; d < rank; d++) {
      const size = int(p, 9 + 3 * d);
      const rest = row / size;
      const index = row - rest * size;
      offsetIn += index * int(p, 10 + 3 * d);
      offsetOut += index * int(p, 11 + 3 * d);
      row = rest;
    }
    const x = at(ptr(p, 0), offsetIn), out = at(ptr(p, 1), offsetOut);
    let a = 0;
    for (; a + 4 <= na; a += 4) {
      let b = first;
      for (; b + 4 <= last; b += 4) {
        transpose4(at(x, a * strideA + b), strideA << 2, at(out, b * strideB + a), strideB << 2);
      }
      for (; b < last; b++) {
        copyRun(at(x, a * strideA + b), at(out, b * strideB + a), 4, strideA, 1);
      }
    }
    if (a < na) {
      for (let b = first; b < last; b++) {
        copyRun(at(x, a * strideA + b), at(out, b * strideB + a), na - a, strideA, 1);
      }
    }
  }
}

// @inline
function transpose4(x: usize, stepX: usize, out: usize, stepOut: usize): void {
  const r0 = v128.load(x), r1 = v128.load(x + stepX);
  const r2 = v128.load(x + 2 * stepX), r3 = v128.load(x + 3 * stepX);
  const t0 = i32x4.shuffle(r0, r1, 0, 4, 1, 5), t1 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const t2 = i32x4.shuffle(r2, r3, 0, 4, 1, 5), t3 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(out, i64x2.shuffle(t0, t2, 0, 2));
  v128.store(out + stepOut, i64x2.shuffle(t0, t2, 1, 3));
  v128.store(out + 2 * stepOut, i64x2.shuffle(t1, t3, 0, 2));
  v128.store(out + 3 * stepOut, i64x2.shuffle(t1, t3, 1, 3));
}

// @inline
function addRun(out: usize, x: usize, n: i32): void {
  let i = 0;
  for (; i + 8 <= n; i += 8) {
    const a0 = v128.load(at(out, i)), a1 = v128.load(at(out, i), 16);
    const b0 = v128.load(at(x, i)), b1 = v128.load(at(x, i), 16);
    v128.store(at(out, i), f32x4.add(a0, b0));
    v128.store(at(out, i), f32x4.add(a1, b1), 16);
  }
  for (; i < n; i++) store<f32>(at(out, i), load<f32>(at(out, i)) + load<f32>(at(x, i)));
}

/** gather: x, indices, out; rows of x, words a row, word for rows outside. Items: rows of out. */
export function gather(p: usize, start: i32, end: i32): void {
  const x = ptr(p, 0), indices = ptr(p, 1), out = ptr(p, 2);
  const rows = int(p, 3), width = int(p, 4);
  for (let i = start; i < end; i++) {
    const row = load<i32>(at(indices, i));
    const inside = <u32> row < <u32> rows;
    const from = inside ? at(x, row * width) : p + 20;
    copyRun(from, at(out, i * width), width, inside ? 1 : 0, 1);
  }
}

/**
 * scatterAdd: g, indices, out; rows of out, rows of g, width. Items: columns, so that rows are added
 * in their order by one thread.
 */
export function scatterAdd(p: usize, start: i32, end: i32): void {
  const g = ptr(p, 0), indices = ptr(p, 1), out = ptr(p, 2);
  const rows = int(p, 3), count = int(p, 4), width = int(p, 5), n = end - start;
  for (let r = 0; r < rows; r++) memory.fill(at(out, r * width + start), 0, <usize> n << 2);
  for (let i = 0; i < count; i++) {
    const row = load<i32>(at(indices, i));
    if (<u32> row >= <u32> rows) continue;
    addRun(at(out, row * width + start), at(g, i * width + start), n);
  }
}

/**
 * overlapAdd: g [batch, frames, size], out [batch, length]; frames, size, hop, length. Items: elements
 * of out; the frames that cover one are added in their order.
 */
export function overlapAdd(p: usize, start: i32, end: i32): void {
  const g = ptr(p, 0), out = ptr(p, 1);
  const frames = int(p, 2), size = int(p, 3), hop = int(p, 4), length = int(p, 5);
  let i = start;
  while (i < end) {
    const row = i / length, from = i - row * length;
    const to = min(length, from + end - i);
    memory.fill(at(out, i), 0, <usize> (to - from) << 2);
    for (let f = max(0, (from - size) / hop); f < frames && f * hop < to; f++) {
      const low = max(from, f * hop), high = min(to, f * hop + size);
      if (low >= high) continue;
      addRun(
        at(out, row * length + low),
        at(g, (row * frames + f) * size + low - f * hop),
        high - low,
      );
    }
    i += to - from;
  }
}
