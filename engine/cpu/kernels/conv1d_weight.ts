// Gradient of the weights of a convolution over time: a matrix product of the output's gradient
// [outputs, times] with the windows of the input [times, taps · channels]. The gradient is packed once
// into panels of 6 outputs; an item owns a block of weights and sums over all times of all images, a
// slice at a time, packing windows into panels of 16 columns as it goes.
import { at, int, ptr, threadId } from "./abi";
import { tile6x16 } from "./tile";

/** Times a slice: one panel of windows (24 KiB) stays in the first cache. */
const DEPTH: i32 = 384;
/** Times an item of `conv1dPackGrad` takes. */
const TIMES: i32 = 64;

/**
 * conv1dPackGrad: g, out; times (of all images), groups, outputs of a group. Items: blocks of 64 times.
 * out is [group][panel][time][6].
 */
export function conv1dPackGrad(p: usize, start: i32, end: i32): void {
  const times = int(p, 2), groups = int(p, 3), outputs = int(p, 4);
  const panels = (outputs + 5) / 6;
  for (let item = start; item < end; item++) {
    const stop = min((item + 1) * TIMES, times);
    for (let panel = 0; panel < groups * panels; panel++) {
      const group = panel / panels, o = panel % panels * 6;
      const n = min(6, outputs - o);
      let from = at(ptr(p, 0), (item * TIMES * groups + group) * outputs + o);
      let to = at(ptr(p, 1), (panel * times + item * TIMES) * 6);
      for (let t = item * TIMES; t < stop; t++) {
        if (n == 6) {
          store<f64>(to, load<f64>(from));
          store<f64>(to, load<f64>(from, 8), 8);
          store<f64>(to, load<f64>(from, 16), 16);
        } else {
          for (let i = 0; i < 6; i++) store<f32>(at(to, i), i < n ? load<f32>(at(from, i)) : 0);
        }
        from += <usize> (groups * outputs) << 2;
        to += 24;
      }
    }
  }
}

/**
 * Times [first, first + n) of one image's windows, 16 columns from `column`: [n][16]. Columns are
 * (tap, channel), channels innermost; x is the image's group.
 */
function packColumns(p: usize, x: usize, first: i32, n: i32, column: i32, to: usize): void {
  const channels = int(p, 5), length = int(p, 7), taps = int(p, 8);
  const stride = int(p, 9), dilation = int(p, 10), before = int(p, 11);
  const width = int(p, 4) * channels;
  if (channels % 16 == 0) {
    const tap = column / channels;
    const from = at(x, column - tap * channels);
    let t = first * stride - before + tap * dilation;
    for (let i = 0; i < n; i++) {
      if (<u32> t < <u32> length) {
        const row = at(from, t * width);
        v128.store(to, v128.load(row));
        v128.store(to, v128.load(row, 16), 16);
        v128.store(to, v128.load(row, 32), 32);
        v128.store(to, v128.load(row, 48), 48);
      } else memory.fill(to, 0, 64);
      t += stride;
      to += 64;
    }
    return;
  }
  for (let j = 0; j < 16; j++) {
    const tap = (column + j) / channels, c = column + j - tap * channels;
    let t = first * stride - before + tap * dilation;
    let out = at(to, j);
    for (let i = 0; i < n; i++) {
      const inside = tap < taps && <u32> t < <u32> length;
      store<f32>(out, inside ? load<f32>(at(x, t * width + c)) : 0);
      t += stride;
      out += 64;
    }
  }
}

/**
 * conv1dWeight: packed gradient, x, out, scratch; groups, channels, outputs, length, taps, stride,
 * dilation, before, images, count (times of the output), blocks of rows, blocks of columns, scratch
 * words a thread. Items: blocks of all groups. out is [group · outputs][channels][taps].
 */
export function conv1dWeight(p: usize, start: i32, end: i32): void {
  const groups = int(p, 4), channels = int(p, 5), outputs = int(p, 6), length = int(p, 7);
  const taps = int(p, 8), images = int(p, 12), count = int(p, 13);
  const rowBlocks = int(p, 14), columnBlocks = int(p, 15);
  const table = at(ptr(p, 3), threadId * int(p, 16));
  const panel = at(table, DEPTH), sums = at(panel, DEPTH * 16);
  const columns = taps * channels, times = images * count;
  const rowPanels = (outputs + 5) / 6, columnPanels = (columns + 15) / 16;
  for (let k = 0; k < DEPTH; k++) store<u32>(at(table, k), k << 6);

  for (let item = start; item < end; item++) {
    const rowBlock = item % rowBlocks, columnBlock = item / rowBlocks % columnBlocks;
    const group = item / rowBlocks / columnBlocks;
    const row0 = rowPanels * rowBlock / rowBlocks;
    const row1 = rowPanels * (rowBlock + 1) / rowBlocks;
    const column0 = columnPanels * columnBlock / columnBlocks;
    const column1 = columnPanels * (columnBlock + 1) / columnBlocks;
    const high = row1 - row0, wide = column1 - column0;
    const packed = at(ptr(p, 0), (group * rowPanels + row0) * times * 6);
    memory.fill(sums, 0, <usize> (high * wide) * 384);
    for (let k0 = 0; k0 < times; k0 += DEPTH) {
      const kc = min(DEPTH, times - k0);
      for (let j = 0; j < wide; j++) {
        let k = 0;
        while (k < kc) {
          const image = (k0 + k) / count, t = k0 + k - image * count;
          const n = min(count - t, kc - k);
          const x = at(ptr(p, 1), (image * length * groups + group) * channels);
          packColumns(p, x, t, n, (column0 + j) * 16, at(panel, k * 16));
          k += n;
        }
        for (let i = 0; i < high; i++) {
          const a = at(packed, (i * times + k0) * 6);
          const c = at(sums, (j * high + i) * 96);
          tile6x16(kc, table, panel, panel + 32, a, c, 64, c, c + 32, 64);
        }
      }
    }
    for (let o = row0 * 6; o < min(row1 * 6, outputs); o++) {
      const out = at(ptr(p, 2), (group * outputs + o) * columns);
      const i = o / 6 - row0;
      for (let k = column0 * 16; k < min(column1 * 16, columns); k++) {
        const tap = k / channels, c = k - tap * channels;
        const from = at(sums, ((k / 16 - column0) * high + i) * 96 + o % 6 * 16 + k % 16);
        store<f32>(at(out, c * taps + tap), load<f32>(from));
      }
    }
  }
}
