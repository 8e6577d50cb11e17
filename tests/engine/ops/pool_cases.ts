/** Pooling: windows side by side, overlapping, apart, padded, with maps that do not divide. */
import * as T from "../../../engine/mod.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

type Two = readonly [number, number];

interface Geometry {
  readonly kernel: Two;
  readonly stride?: Two;
  readonly padding?: Two;
}

/** The values of every window in output order, and how many the padded window holds. */
function windows(x: Nd, { kernel, stride = kernel, padding = [0, 0] }: Geometry) {
  const [N, C, H, W] = x.shape;
  const h = Math.floor((H + 2 * padding[0] - kernel[0]) / stride[0]) + 1;
  const w = Math.floor((W + 2 * padding[1] - kernel[1]) / stride[1]) + 1;
  const found = Array.from({ length: N * C * h * w }, (_, i) => {
    const values: number[] = [];
    for (let a = 0; a < kernel[0]; a++) {
      for (let b = 0; b < kernel[1]; b++) {
        const row = Math.floor(i / w) % h * stride[0] - padding[0] + a;
        const column = i % w * stride[1] - padding[1] + b;
        if (row < 0 || row >= H || column < 0 || column >= W) continue;
        values.push(x.data[(Math.floor(i / (w * h)) * H + row) * W + column]);
      }
    }
    return values;
  });
  return { shape: [N, C, h, w], found };
}

function pair(shape: number[], geometry: Geometry): OpCase[] {
  const { kernel, stride, padding } = geometry;
  const name = `of ${shape.join("×")}, kernel ${kernel}, stride ${stride ?? kernel}, padding ${
    padding ?? 0
  }`;
  const max: OpCase = {
    covers: ["maxPool2d", "maxPool2dGrad"],
    name: `maxPool2d ${name}`,
    inputs: [{ shape }],
    run: ([x]) => T.maxPool2d(x, geometry),
    reference: (inputs) => {
      const { shape, found } = windows(inputs[0], geometry);
      return nd(shape, (i) => Math.max(...found[i]));
    },
  };
  const averages = [true, false].map((countIncludePad): OpCase => ({
    covers: ["avgPool2d", "avgPool2dGrad"],
    name: `avgPool2d ${name}, padding ${countIncludePad ? "counts" : "does not count"}`,
    inputs: [{ shape }],
    run: ([x]) => T.avgPool2d(x, { ...geometry, countIncludePad }),
    reference: (inputs) => {
      const { shape, found } = windows(inputs[0], geometry);
      const count = (i: number) => countIncludePad ? kernel[0] * kernel[1] : found[i].length;
      return nd(shape, (i) => found[i].reduce((s, v) => s + v, 0) / count(i));
    },
  }));
  return [max, ...averages];
}

export const cases: OpCase[] = [
  ...pair([1, 1, 1, 1], { kernel: [1, 1] }),
  ...pair([2, 3, 7, 21], { kernel: [2, 2] }),
  ...pair([2, 2, 9, 8], { kernel: [3, 3], stride: [2, 2], padding: [1, 1] }),
  ...pair([1, 3, 6, 11], { kernel: [3, 2], stride: [1, 1] }),
  ...pair([3, 1, 11, 7], { kernel: [2, 3], stride: [3, 4], padding: [1, 0] }),
  ...pair([2, 2, 5, 5], { kernel: [5, 5], stride: [1, 2], padding: [2, 2] }),
  {
    covers: ["maxPool2d"],
    name: "maxPool2d past 65,535 workgroups",
    inputs: [{ shape: [1, 1, 2049, 2049], values: (i) => i % 1013 }],
    run: ([x]) => T.maxPool2d(x, { kernel: 1 }),
    reference: ([x]) => x,
    forwardOnly: true,
  },
];
