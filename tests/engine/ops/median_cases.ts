/** Running medians: every width, both axes, matrices smaller than a window, ties, a tile and one more. */
import * as T from "../../../engine/mod.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

function referenceMedian(x: Nd, width: number, axis: number): Nd {
  const [rows, columns] = x.shape;
  const n = x.shape[axis];
  const mirrored = (i: number): number =>
    i < 0 ? mirrored(-1 - i) : i >= n ? mirrored(2 * n - 1 - i) : i;
  return nd(x.shape, (i) => {
    const place = [Math.floor(i / columns), i % columns];
    const values = Array.from({ length: width }, (_, k) => {
      const at = place.with(axis, mirrored(place[axis] + k - (width - 1) / 2));
      return x.data[at[0] * columns + at[1]];
    });
    return rows > 0 ? values.sort((a, b) => a - b)[(width - 1) / 2] : NaN;
  });
}

const shapes: [shape: [number, number], width: number, axis: number][] = [
  [[1, 1], 3, 0],
  [[5, 9], 3, 0],
  [[2, 3], 31, 0],
  [[16, 8], 31, 0],
  [[17, 9], 31, 0],
  [[67, 25], 31, 0],
  [[67, 25], 31, 1],
  [[3, 40], 15, -1],
  [[41, 3], 7, 0],
  [[100, 2], 63, 0],
];

export const cases: OpCase[] = [
  ...shapes.map(([shape, width, axis]): OpCase => ({
    covers: ["runningMedian"],
    name: `runningMedian of ${shape.join("×")} over ${width} along ${axis}`,
    inputs: [{ shape }],
    run: ([x]) => T.runningMedian(x, { width, axis }),
    reference: ([x]) => referenceMedian(x, width, axis < 0 ? axis + 2 : axis),
    tolerance: 0,
    forwardOnly: true,
  })),
  {
    covers: ["runningMedian"],
    name: "runningMedian of many equal values",
    inputs: [{ shape: [40, 11], values: (i) => i * 7 % 4 }],
    run: ([x]) => T.runningMedian(x, { width: 31, axis: 0 }),
    reference: ([x]) => referenceMedian(x, 31, 0),
    tolerance: 0,
    forwardOnly: true,
  },
];
