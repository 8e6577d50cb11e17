// What the convolution kernels share: a tile of the input copied into a thread's scratch, with its
// border of zeros, so that every tap of every output is one load at a fixed offset. Where outputs
// step by more than one column, a row is stored as that many phases (columns 0, s, 2s, …, then
// 1, 1 + s, …): neighbouring outputs then still read neighbouring floats.
import { at } from "./abi";

/** Zeroes `n` floats. */
export function clear(to: usize, n: i32): void {
  memory.fill(to, 0, <usize> n << 2);
}

/** Copies `n` floats in whole vectors: up to 3 more are read and written. */
function copyOver(from: usize, to: usize, n: i32): void {
  for (let i = 0; i < n; i += 4) v128.store(at(to, i), v128.load(at(from, i)));
}

/** One row: columns `x0, x0 + 1, …` of a row of `width` floats, zeros outside it. May write 3 more. */
function copyRow(row: usize, width: i32, x0: i32, step: i32, phaseWidth: i32, to: usize): void {
  if (step == 1) {
    const left = max(0, min(-x0, phaseWidth));
    const end = max(left, min(width - x0, phaseWidth));
    for (let i = 0; i < left; i++) store<f32>(at(to, i), 0);
    copyOver(at(row, x0 + left), at(to, left), end - left);
    for (let i = end; i < phaseWidth; i++) store<f32>(at(to, i), 0);
    return;
  }
  for (let phase = 0; phase < step; phase++) {
    let x = x0 + phase;
    for (let i = 0; i < phaseWidth; i++) {
      store<f32>(to, x >= 0 && x < width ? load<f32>(at(row, x)) : 0);
      to += 4;
      x += step;
    }
  }
}

/**
 * Copies `channels` planes of height × width, `planes` apart by height·width, to `to`: rows
 * y0 … y0 + rows − 1, columns from x0 on, each row `step` phases of `phaseWidth` floats.
 */
export function copyPatch(
  x: usize,
  channels: i32,
  height: i32,
  width: i32,
  y0: i32,
  rows: i32,
  x0: i32,
  step: i32,
  phaseWidth: i32,
  to: usize,
): void {
  const pitch = step * phaseWidth;
  for (let c = 0; c < channels; c++) {
    for (let r = 0; r < rows; r++) {
      const y = y0 + r;
      if (y >= 0 && y < height) {
        copyRow(at(x, (c * height + y) * width), width, x0, step, phaseWidth, to);
      } else clear(to, pitch);
      to += <usize> pitch << 2;
    }
  }
}

/**
 * Byte offsets in a patch of the taps (channel, row, column) in that order, and returns how many.
 * A channel is `rows` rows of `step` phases of `phaseWidth` floats.
 */
export function tapTable(
  table: usize,
  channels: i32,
  high: i32,
  wide: i32,
  dilationY: i32,
  dilationX: i32,
  rows: i32,
  step: i32,
  phaseWidth: i32,
): i32 {
  const pitch = step * phaseWidth;
  let n = 0;
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < high; i++) {
      const row = (c * rows + i * dilationY) * pitch;
      for (let j = 0; j < wide; j++) {
        const x = j * dilationX;
        store<u32>(at(table, n++), (row + x % step * phaseWidth + x / step) << 2);
      }
    }
  }
  return n;
}
