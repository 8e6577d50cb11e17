/**
 * Convolution and its transpose: sizes of 1, primes and past a tile; stride, padding, dilation and
 * groups alone and together. The references follow the definitions, one product at a time.
 */
import * as T from "../../../engine/mod.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

type Pair = [number, number];

interface Row {
  x: [number, number, number, number];
  outputs: number;
  taps: Pair;
  stride?: Pair;
  padding?: Pair;
  dilation?: Pair;
  groups?: number;
  bias?: boolean;
  relu?: boolean;
  outputPadding?: Pair;
  forwardOnly?: boolean;
}

const ONES: Pair = [1, 1];
const ZEROS: Pair = [0, 0];
const FORWARD = { forwardOnly: true };

/** Calls `visit(a, b, weight)` for every product of a convolution of `small` outputs over `large`. */
function eachProduct(
  row: Row,
  dims: { n: number; large: number[]; small: number[]; outputs: number; channels: number },
  visit: (large: number, small: number, weight: number) => void,
): void {
  const { taps: [kh, kw], stride = ONES, padding = ZEROS, dilation = ONES, groups = 1 } = row;
  const { n, large: [h, w], small: [oh, ow], outputs, channels } = dims;
  const per = channels / groups, each = outputs / groups;
  for (let m = 0; m < n * outputs; m++) {
    const o = m % outputs, image = Math.floor(m / outputs);
    const firstPlane = image * channels + Math.floor(o / each) * per;
    for (let at = 0; at < oh * ow; at++) {
      const y = Math.floor(at / ow) * stride[0] - padding[0];
      const x = at % ow * stride[1] - padding[1];
      for (let k = 0; k < per * kh * kw; k++) {
        const yy = y + Math.floor(k / kw) % kh * dilation[0];
        const xx = x + k % kw * dilation[1];
        if (yy < 0 || yy >= h || xx < 0 || xx >= w) continue;
        const plane = firstPlane + Math.floor(k / kh / kw);
        visit((plane * h + yy) * w + xx, m * oh * ow + at, o * per * kh * kw + k);
      }
    }
  }
}

function outSize(row: Row): number[] {
  const { x, taps, stride = ONES, padding = ZEROS, dilation = ONES } = row;
  return [0, 1].map((i) =>
    Math.floor((x[2 + i] + 2 * padding[i] - dilation[i] * (taps[i] - 1) - 1) / stride[i]) + 1
  );
}

function convReference(row: Row, [x, w, bias]: Nd[]): Nd {
  const [n, channels, h, width] = x.shape;
  const small = outSize(row);
  const area = small[0] * small[1];
  const out = nd(
    [n, row.outputs, ...small],
    (i) => bias ? bias.data[Math.floor(i / area) % row.outputs] : 0,
  );
  const dims = { n, large: [h, width], small, outputs: row.outputs, channels };
  eachProduct(row, dims, (a, b, k) => out.data[b] += x.data[a] * w.data[k]);
  return row.relu ? nd(out.shape, (i) => Math.max(out.data[i], 0)) : out;
}

export function conv(row: Row): OpCase {
  const { x, outputs, taps, groups = 1, bias, relu, forwardOnly, ...rest } = row;
  return {
    covers: [relu ? "conv2dRelu" : "conv2d", "conv2dWeight"],
    name: `conv2d of ${JSON.stringify(row).replaceAll('"', "")}`,
    inputs: [
      { shape: x },
      { shape: [outputs, x[1] / groups, ...taps] },
      ...(bias ? [{ shape: [outputs] }] : []),
    ],
    run: ([x, w, bias]) => T.conv2d(x, w, { ...rest, groups, bias, relu }),
    reference: (inputs) => convReference(row, inputs),
    forwardOnly,
  };
}

function transposeReference(row: Row, [x, w, bias]: Nd[]): Nd {
  const { stride = ONES, padding = ZEROS, dilation = ONES, outputPadding = ZEROS, taps } = row;
  const [n, channels, ...small] = x.shape;
  const large = small.map((d, i) =>
    (d - 1) * stride[i] - 2 * padding[i] + dilation[i] * (taps[i] - 1) + outputPadding[i] + 1
  );
  const area = large[0] * large[1];
  const out = nd(
    [n, row.outputs, ...large],
    (i) => bias ? bias.data[Math.floor(i / area) % row.outputs] : 0,
  );
  const dims = { n, large, small, outputs: channels, channels: row.outputs };
  eachProduct(row, dims, (a, b, k) => out.data[a] += x.data[b] * w.data[k]);
  return out;
}

export function transpose(row: Row): OpCase {
  const { x, outputs, taps, groups = 1, bias, ...rest } = row;
  return {
    covers: ["convTranspose2d"],
    name: `convTranspose2d of ${JSON.stringify(row).replaceAll('"', "")}`,
    inputs: [
      { shape: x },
      { shape: [x[1], outputs / groups, ...taps] },
      ...(bias ? [{ shape: [outputs] }] : []),
    ],
    run: ([x, w, bias]) => T.convTranspose2d(x, w, { ...rest, groups, bias }),
    reference: (inputs) => transposeReference(row, inputs),
  };
}

export const cases: OpCase[] = [
  conv({ x: [1, 1, 1, 1], outputs: 1, taps: [1, 1], bias: true }),
  conv({ x: [2, 3, 5, 7], outputs: 2, taps: [3, 3], padding: [1, 1] }),
  conv({ x: [1, 1, 8, 8], outputs: 16, taps: [3, 3], padding: [1, 1], bias: true }),
  conv({ x: [3, 5, 8, 8], outputs: 7, taps: [3, 3], padding: [1, 1], bias: true, relu: true }),
  conv({ x: [2, 4, 9, 17], outputs: 13, taps: [3, 3], padding: [1, 1], bias: true }),
  conv({ x: [9, 2, 4, 8], outputs: 6, taps: [1, 1] }),
  conv({ x: [1, 2, 6, 11], outputs: 3, taps: [2, 4] }),
  conv({ x: [1, 2, 6, 6], outputs: 3, taps: [3, 3], padding: [4, 3] }),
  conv({ x: [2, 2, 9, 11], outputs: 3, taps: [3, 3], stride: [2, 2], padding: [1, 1], bias: true }),
  conv({ x: [2, 2, 7, 13], outputs: 3, taps: [3, 3], stride: [1, 3], padding: [0, 2], relu: true }),
  conv({ x: [2, 2, 9, 12], outputs: 3, taps: [3, 2], dilation: [2, 3], padding: [2, 1] }),
  conv({ x: [1, 2, 13, 12], outputs: 2, taps: [3, 3], stride: [4, 2], dilation: [2, 3] }),
  conv({ x: [1, 3, 7, 9], outputs: 2, taps: [1, 1], stride: [2, 3] }),
  conv({ x: [2, 6, 6, 9], outputs: 9, taps: [3, 3], groups: 3, padding: [1, 1], bias: true }),
  conv({ x: [2, 7, 5, 9], outputs: 7, taps: [3, 3], groups: 7, stride: [2, 1] }),
  conv({ x: [2, 8, 1, 67], outputs: 5, taps: [1, 10], stride: [1, 5], bias: true }),
  conv({ x: [1, 8, 1, 50], outputs: 8, taps: [1, 16], groups: 2, padding: [0, 8] }),
  conv({ x: [1, 2, 20, 34], outputs: 7, taps: [3, 3], padding: [1, 1] }),
  conv({ x: [1, 3, 5, 6], outputs: 20, taps: [3, 3], padding: [1, 1] }),
  conv({ x: [2, 2, 4, 5], outputs: 67, taps: [2, 3], bias: true }),
  conv({ x: [17, 5, 4, 4], outputs: 5, taps: [3, 3], padding: [1, 1] }),
  conv({
    x: [2, 41, 3, 12],
    outputs: 66,
    taps: [3, 2],
    stride: [1, 2],
    padding: [1, 0],
    bias: true,
  }),
  conv({ x: [1, 3, 1, 1500], outputs: 2, taps: [1, 3], stride: [1, 2] }),
  conv({ x: [1, 1, 1025, 64], outputs: 64, taps: [1, 1], forwardOnly: true }),
  // So many positions that several threads add up what chunks of them give for a weight.
  conv({ x: [1, 1, 140, 130], outputs: 2, taps: [3, 3], padding: [1, 1], bias: true }),
  // Three by three taps with many channels go by Winograd's way on the CPU, in patches of 4×4 outputs.
  conv({ x: [12, 12, 2, 8], outputs: 12, taps: [3, 3], padding: [1, 1], bias: true, relu: true }),
  conv({ x: [6, 24, 2, 16], outputs: 26, taps: [3, 3], groups: 2, padding: [1, 1] }),
  conv({ x: [4, 13, 5, 7], outputs: 17, taps: [3, 3], padding: [2, 2], bias: true }),
  conv({ x: [13, 12, 3, 3], outputs: 12, taps: [3, 3], padding: [0, 2] }),
  conv({ x: [3, 18, 9, 6], outputs: 12, taps: [3, 3], padding: [3, 1], bias: true }),
  conv({ x: [12, 12, 4, 4], outputs: 12, taps: [3, 3], padding: [1, 3] }),
  conv({ x: [9, 13, 4, 8], outputs: 14, taps: [3, 3], padding: [1, 1], bias: true, ...FORWARD }),
  conv({ x: [1, 12, 20, 26], outputs: 12, taps: [3, 3], ...FORWARD }),
  conv({ x: [1, 70, 61, 15], outputs: 13, taps: [3, 3], padding: [1, 1], ...FORWARD }),
  conv({ x: [2, 300, 4, 45], outputs: 20, taps: [3, 3], padding: [1, 1], ...FORWARD }),
  transpose({ x: [1, 1, 1, 1], outputs: 1, taps: [1, 1] }),
  transpose({ x: [2, 3, 5, 7], outputs: 4, taps: [3, 3], padding: [1, 1], bias: true }),
  transpose({ x: [2, 3, 4, 5], outputs: 2, taps: [3, 3], stride: [2, 2], outputPadding: [1, 0] }),
  transpose({ x: [1, 2, 3, 4], outputs: 3, taps: [2, 2], stride: [3, 2], outputPadding: [2, 1] }),
  transpose({ x: [1, 4, 3, 5], outputs: 6, taps: [3, 2], dilation: [2, 3], groups: 2 }),
  transpose({
    x: [1, 2, 5, 4],
    outputs: 2,
    taps: [3, 4],
    stride: [4, 2],
    dilation: [2, 3],
    padding: [1, 2],
    bias: true,
  }),
  transpose({ x: [4, 14, 5, 9], outputs: 13, taps: [3, 3], padding: [1, 0], bias: true }),
];
