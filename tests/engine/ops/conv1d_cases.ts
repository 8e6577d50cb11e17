/**
 * Convolution over time, channels last: sizes of 1, primes and past a tile; stride, padding, dilation
 * and groups alone and together; the shapes of each way through the kernels. The reference follows the
 * definition, one product at a time.
 */
import * as T from "../../../engine/mod.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

interface Row {
  x: [number, number, number];
  outputs: number;
  taps: number;
  stride?: number;
  padding?: number | [number, number];
  dilation?: number;
  groups?: number;
  bias?: boolean;
  forwardOnly?: boolean;
}

function reference(row: Row, [x, w, bias]: Nd[]): Nd {
  const { taps, outputs, stride = 1, padding = 0, dilation = 1, groups = 1 } = row;
  const [before, after] = typeof padding === "number" ? [padding, padding] : padding;
  const [batch, length, channels] = x.shape;
  const per = channels / groups, each = outputs / groups;
  const count = Math.floor((length + before + after - dilation * (taps - 1) - 1) / stride) + 1;
  return nd([batch, count, outputs], (i) => {
    const o = i % outputs, t = Math.floor(i / outputs) % count;
    const image = Math.floor(i / outputs / count), g = Math.floor(o / each);
    let total = bias ? bias.data[o] : 0;
    for (let k = 0; k < taps; k++) {
      const time = t * stride - before + k * dilation;
      if (time < 0 || time >= length) continue;
      const from = (image * length + time) * channels + g * per;
      for (let c = 0; c < per; c++) total += x.data[from + c] * w.data[(o * per + c) * taps + k];
    }
    return total;
  });
}

export function conv(row: Row): OpCase {
  const { x, outputs, taps, groups = 1, bias, forwardOnly, ...rest } = row;
  return {
    covers: ["conv1d", "conv1dInput", "conv1dWeight"],
    name: `conv1d of ${JSON.stringify(row).replaceAll('"', "")}`,
    inputs: [
      { shape: x },
      { shape: [outputs, x[2] / groups, taps] },
      ...(bias ? [{ shape: [outputs] }] : []),
    ],
    run: ([x, w, bias]) => T.conv1d(x, w, { ...rest, groups, bias }),
    reference: (inputs) => reference(row, inputs),
    forwardOnly,
  };
}

export const cases: OpCase[] = [
  conv({ x: [1, 1, 1], outputs: 1, taps: 1, bias: true }),
  conv({ x: [2, 7, 3], outputs: 5, taps: 3 }),
  conv({ x: [3, 13, 5], outputs: 17, taps: 3, padding: 1, bias: true }),
  conv({ x: [2, 11, 4], outputs: 3, taps: 4, padding: [3, 0] }),
  conv({ x: [2, 5, 2], outputs: 3, taps: 3, padding: [6, 5] }),
  conv({ x: [1, 68, 1], outputs: 35, taps: 10, stride: 5, bias: true }),
  conv({ x: [2, 25, 6], outputs: 7, taps: 3, stride: 2 }),
  conv({ x: [1, 26, 3], outputs: 16, taps: 2, stride: 2, padding: [1, 0] }),
  conv({ x: [1, 29, 3], outputs: 4, taps: 2, stride: 5 }),
  conv({ x: [2, 40, 8], outputs: 8, taps: 5, dilation: 4, padding: 8, bias: true }),
  conv({ x: [1, 31, 2], outputs: 3, taps: 4, dilation: 3, stride: 2, padding: 2 }),
  conv({ x: [1, 33, 2], outputs: 3, taps: 3, dilation: 6, stride: 4, padding: [5, 7] }),
  conv({ x: [2, 9, 6], outputs: 9, taps: 3, groups: 3, padding: 1, bias: true }),
  conv({ x: [2, 12, 7], outputs: 7, taps: 3, groups: 7, stride: 2, dilation: 2 }),
  // Panels of 16 outputs and channels, whole.
  conv({ x: [2, 19, 32], outputs: 32, taps: 3, stride: 2, bias: true }),
  conv({ x: [1, 30, 16], outputs: 48, taps: 5, dilation: 2, padding: [4, 4] }),
  // Long runs of taps: windows packed sliding, weights turned in blocks, forwards and backwards.
  conv({ x: [2, 30, 6], outputs: 32, taps: 16, groups: 2, padding: 8, bias: true }),
  conv({ x: [1, 50, 4], outputs: 16, taps: 19, padding: 9 }),
  conv({ x: [1, 40, 16], outputs: 5, taps: 23, padding: 11 }),
  conv({ x: [1, 90, 2], outputs: 16, taps: 40, stride: 2, padding: [20, 19] }),
  // Past a slice of 384 products, and of 384 times.
  conv({ x: [1, 9, 200], outputs: 18, taps: 2, bias: true }),
  conv({ x: [1, 30, 8], outputs: 16, taps: 100, padding: 50 }),
  conv({ x: [2, 401, 2], outputs: 3, taps: 3, stride: 2, padding: 1 }),
  // Past a block of 32 panels of rows, and of columns.
  conv({ x: [1, 500, 3], outputs: 67, taps: 3, padding: 1, forwardOnly: true }),
  conv({ x: [9, 21, 34], outputs: 200, taps: 3, forwardOnly: true }),
  conv({ x: [1, 65_600, 1], outputs: 65, taps: 1, forwardOnly: true }),
  // Five taps with many channels go by Winograd's way on the CPU, in runs of four outputs.
  conv({ x: [16, 8, 32], outputs: 32, taps: 5, padding: 2, bias: true }),
  conv({ x: [4, 33, 48], outputs: 32, taps: 5, padding: [4, 1], dilation: 2 }),
  conv({ x: [3, 76, 32], outputs: 64, taps: 5, padding: [6, 0], dilation: 7, forwardOnly: true }),
  conv({ x: [7, 5, 32], outputs: 32, taps: 5, padding: [8, 9] }),
  conv({ x: [5, 66, 160], outputs: 32, taps: 5, padding: 8, dilation: 4, forwardOnly: true }),
  // Sums longer than one launch may take on a software adapter.
  conv({ x: [1, 3, 16_500], outputs: 1, taps: 2 }),
];
