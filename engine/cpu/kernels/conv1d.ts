// Convolution over time, channels last: a matrix product of windows [times, taps · channels] with
// weights [taps · channels, outputs]. Weights are packed once into panels of 16 outputs; each item packs
// the windows of its block of times into panels of 6 rows and runs the 6×16 microkernel over them.
// Padding, dilation, stride and groups are dealt with while packing, which writes zeros outside the
// input and past the last row and column, so the microkernel knows no edges.
import { at, int, ptr, threadId } from "./abi";
import { copyBlock, tile6x16 } from "./tile";

/** Taps · channels a slice: one panel of weights (24 KiB) stays in the first cache. */
const DEPTH: i32 = 384;
/** Taps whose weights are turned together: a cache line of them. */
const LINE: i32 = 16;

// A 4×4 block of weights: rows of 4 taps, `step` bytes apart, become columns of rows `lineStep` apart.
// @inline
function turn4(w: usize, step: usize, line: usize, lineStep: usize): void {
  const x = v128.load(w), y = v128.load(w + step);
  const z = v128.load(w + 2 * step), u = v128.load(w + 3 * step);
  const xy = v128.shuffle<f32>(x, y, 0, 4, 1, 5), XY = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
  const zu = v128.shuffle<f32>(z, u, 0, 4, 1, 5), ZU = v128.shuffle<f32>(z, u, 2, 6, 3, 7);
  v128.store(line, v128.shuffle<f32>(xy, zu, 0, 1, 4, 5));
  v128.store(line + lineStep, v128.shuffle<f32>(xy, zu, 2, 3, 6, 7));
  v128.store(line + 2 * lineStep, v128.shuffle<f32>(XY, ZU, 0, 1, 4, 5));
  v128.store(line + 3 * lineStep, v128.shuffle<f32>(XY, ZU, 2, 3, 6, 7));
}

/**
 * conv1dPack: w, out; taps, channels, outputs, panels, start of the weights and strides of group,
 * output, channel, tap. Items: panels of 16 outputs of all groups, [tap][channel][16] each.
 */
export function conv1dPack(p: usize, start: i32, end: i32): void {
  const taps = int(p, 2), channels = int(p, 3), outputs = int(p, 4), panels = int(p, 5);
  const output = int(p, 8), channel = int(p, 9), tap = int(p, 10);
  const step = <usize> output << 2, lineStep = <usize> channels << 6;
  for (let item = start; item < end; item++) {
    const o = item % panels * 16, wide = min(16, outputs - o);
    const w = at(ptr(p, 0), int(p, 6) + item / panels * int(p, 7) + o * output);
    const to = at(ptr(p, 1), item * taps * channels * 16);
    // Runs of taps, forwards or backwards, are turned in blocks of 4 taps by 4 outputs, the rest one by one.
    const turned = (tap == 1 || tap == -1) && wide == 16 ? taps & ~3 : 0;
    for (let first = 0; first < turned; first += LINE) {
      const last = min(first + LINE, turned);
      for (let c = 0; c < channels; c++) {
        for (let j = 0; j < 16; j += 4) {
          let from = at(w, j * output + c * channel + first * tap);
          let line = at(to, (first * channels + c) * 16 + j);
          for (let k = first; k < last; k += 4) {
            if (tap == 1) turn4(from, step, line, lineStep);
            else turn4(from - 12, step, line + 3 * lineStep, 0 - lineStep);
            from += <usize> tap << 4;
            line += 4 * lineStep;
          }
        }
      }
    }
    for (let k = turned; k < taps; k++) {
      let line = at(to, k * channels * 16);
      let from = at(w, k * tap);
      for (let c = 0; c < channels; c++) {
        let one = from;
        for (let j = 0; j < wide; j++) {
          store<f32>(at(line, j), load<f32>(one));
          one += step;
        }
        for (let j = wide; j < 16; j++) store<f32>(at(line, j), 0);
        from += <usize> channel << 2;
        line += 64;
      }
    }
  }
}

/** Turns 6 rows of `n` floats into [n][6]. */
function turn6(
  r0: usize,
  r1: usize,
  r2: usize,
  r3: usize,
  r4: usize,
  r5: usize,
  n: i32,
  to: usize,
): void {
  let k = 0;
  for (; k + 4 <= n; k += 4) {
    const x = v128.load(at(r0, k)), y = v128.load(at(r1, k));
    const z = v128.load(at(r2, k)), w = v128.load(at(r3, k));
    const u = v128.load(at(r4, k)), v = v128.load(at(r5, k));
    const xy = v128.shuffle<f32>(x, y, 0, 4, 1, 5), XY = v128.shuffle<f32>(x, y, 2, 6, 3, 7);
    const zw = v128.shuffle<f32>(z, w, 0, 4, 1, 5), ZW = v128.shuffle<f32>(z, w, 2, 6, 3, 7);
    const uv = v128.shuffle<f32>(u, v, 0, 4, 1, 5), UV = v128.shuffle<f32>(u, v, 2, 6, 3, 7);
    v128.store(to, v128.shuffle<f32>(xy, zw, 0, 1, 4, 5));
    store<f64>(to, f64x2.extract_lane(uv, 0), 16);
    v128.store(to, v128.shuffle<f32>(xy, zw, 2, 3, 6, 7), 24);
    store<f64>(to, f64x2.extract_lane(uv, 1), 40);
    v128.store(to, v128.shuffle<f32>(XY, ZW, 0, 1, 4, 5), 48);
    store<f64>(to, f64x2.extract_lane(UV, 0), 64);
    v128.store(to, v128.shuffle<f32>(XY, ZW, 2, 3, 6, 7), 72);
    store<f64>(to, f64x2.extract_lane(UV, 1), 88);
    to += 96;
  }
  for (; k < n; k++) {
    store<f32>(to, load<f32>(at(r0, k)));
    store<f32>(to, load<f32>(at(r1, k)), 4);
    store<f32>(to, load<f32>(at(r2, k)), 8);
    store<f32>(to, load<f32>(at(r3, k)), 12);
    store<f32>(to, load<f32>(at(r4, k)), 16);
    store<f32>(to, load<f32>(at(r5, k)), 20);
    to += 24;
  }
}

// Values of the input at time `t`, or zeros outside it.
// @inline
function rowAt(x: usize, step: usize, length: i32, t: i32, zeros: usize): usize {
  return <u32> t < <u32> length ? x + <usize> t * step : zeros;
}

/** [n][6] from `n` channels at x, at times t, t + stride, … of an input whose times are `step` bytes apart. */
function packTimes(
  x: usize,
  step: usize,
  length: i32,
  t: i32,
  stride: i32,
  n: i32,
  zeros: usize,
  to: usize,
): void {
  turn6(
    rowAt(x, step, length, t, zeros),
    rowAt(x, step, length, t + stride, zeros),
    rowAt(x, step, length, t + 2 * stride, zeros),
    rowAt(x, step, length, t + 3 * stride, zeros),
    rowAt(x, step, length, t + 4 * stride, zeros),
    rowAt(x, step, length, t + 5 * stride, zeros),
    n,
    to,
  );
}

/** Slice [k0, k0 + kc) of the windows of 6 outputs, of which the first begins at time `t`: [kc][6]. */
function packWindows(
  p: usize,
  x: usize,
  t: i32,
  k0: i32,
  kc: i32,
  zeros: usize,
  to: usize,
): void {
  const groups = int(p, 6), channels = int(p, 7), length = int(p, 9), taps = int(p, 10);
  const stride = int(p, 11), dilation = int(p, 12);
  const step = <usize> (groups * channels) << 2;
  if (dilation == 1 && groups == 1 && t >= 0 && t + 5 * stride + taps <= length) {
    // A window is one run.
    packTimes(at(x, k0), step, length, t, stride, kc, zeros, to);
    return;
  }
  let k = k0;
  while (k < k0 + kc) {
    const tap = k / channels, c = k - tap * channels;
    const n = min(channels - c, k0 + kc - k);
    packTimes(at(x, c), step, length, t + tap * dilation, stride, n, zeros, to);
    k += n;
    to += <usize> n * 24;
  }
}

/** All channels at times t, t + stride, … for each of `times` times t: [times][channels][6]. */
function packSliding(p: usize, x: usize, t: i32, times: i32, zeros: usize, to: usize): void {
  const channels = int(p, 7), length = int(p, 9), stride = int(p, 11);
  const step = <usize> (int(p, 6) * channels) << 2;
  for (let i = 0; i < times; i++) {
    for (let c = 0; c < channels; c += DEPTH) {
      const n = min(DEPTH, channels - c);
      packTimes(at(x, c), step, length, t + i, stride, n, zeros, to);
      to += <usize> n * 24;
    }
  }
}

/**
 * conv1d: x, packed weights, bias, out, scratch; the plan (13 words: images, groups, channels, outputs,
 * length, taps, stride, dilation, before, count, length of out, first, step), blocks of rows, blocks of
 * columns, sliding, bias given, scratch words a thread. Items: blocks of all groups and images.
 *
 * Sliding (dilation 1): the channels at each time are packed once, with those 1 to 5 strides on beside
 * them; the windows of neighbouring panels are overlapping runs of that.
 */
export function conv1d(p: usize, start: i32, end: i32): void {
  const images = int(p, 5), groups = int(p, 6), channels = int(p, 7), outputs = int(p, 8);
  const taps = int(p, 10), stride = int(p, 11), before = int(p, 13), count = int(p, 14);
  const rowBlocks = int(p, 18), columnBlocks = int(p, 19);
  const sliding = int(p, 20) != 0, hasBias = int(p, 21) != 0;
  const table = at(ptr(p, 4), threadId * int(p, 22));
  const line = at(table, DEPTH), edge = at(line, 16), zeros = at(edge, 96);
  const panels = at(zeros, DEPTH);
  const depth = taps * channels, width = groups * outputs;
  const rowPanels = (count + 5) / 6, columnPanels = (outputs + 15) / 16;
  const cRow = <usize> (int(p, 17) * width) << 2;
  const panelStep = sliding ? 6 * stride * channels : DEPTH;
  for (let k = 0; k < DEPTH; k++) store<u32>(at(table, k), k << 6);
  memory.fill(zeros, 0, <usize> DEPTH << 2);

  for (let item = start; item < end; item++) {
    const columnBlock = item % columnBlocks, rowBlock = item / columnBlocks % rowBlocks;
    const rest = item / columnBlocks / rowBlocks;
    const image = rest % images, group = rest / images;
    const row0 = rowPanels * rowBlock / rowBlocks;
    const row1 = rowPanels * (rowBlock + 1) / rowBlocks;
    const column0 = columnPanels * columnBlock / columnBlocks;
    const column1 = columnPanels * (columnBlock + 1) / columnBlocks;
    const x = at(ptr(p, 0), image * int(p, 9) * groups * channels + group * channels);
    const w = at(ptr(p, 1), group * columnPanels * depth * 16);
    const c = at(ptr(p, 3), (image * int(p, 15) + int(p, 16)) * width + group * outputs);
    const t0 = row0 * 6 * stride - before;
    if (sliding) {
      packSliding(p, x, t0, (row1 - row0 - 1) * 6 * stride + taps, zeros, panels);
    }
    let k0 = 0;
    do {
      const kc = min(DEPTH, depth - k0);
      if (!sliding) {
        for (let i = row0; i < row1; i++) {
          const to = panels + <usize> ((i - row0) * panelStep) * 24;
          packWindows(p, x, i * 6 * stride - before, k0, kc, zeros, to);
        }
      }
      for (let j = column0; j < column1; j++) {
        const b = at(w, (j * depth + k0) * 16);
        const wide = min(16, outputs - j * 16);
        if (k0 == 0) {
          for (let i = 0; i < 16; i++) {
            const value: f32 = hasBias && i < wide
              ? load<f32>(at(ptr(p, 2), group * outputs + j * 16 + i))
              : 0;
            store<f32>(at(line, i), value);
          }
        }
        for (let i = row0; i < row1; i++) {
          const a = panels + <usize> ((i - row0) * panelStep + (sliding ? k0 : 0)) * 24;
          const tile = at(c, j * 16) + <usize> (i * 6) * cRow;
          const high = min(6, count - i * 6);
          if (high == 6 && wide == 16) {
            const src = k0 == 0 ? line : tile;
            tile6x16(kc, table, b, b + 32, a, src, k0 == 0 ? 0 : cRow, tile, tile + 32, cRow);
          } else {
            if (k0 > 0) copyBlock(tile, cRow, edge, 64, high, wide);
            const src = k0 == 0 ? line : edge;
            tile6x16(kc, table, b, b + 32, a, src, k0 == 0 ? 0 : 64, edge, edge + 32, 64);
            copyBlock(edge, 64, tile, cRow, high, wide);
          }
        }
      }
      k0 += DEPTH;
    } while (k0 < depth);
  }
}
