/** Softmax family and losses: short and long rows, extreme logits, smoothing, ties. */
import * as T from "../../../engine/mod.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";
import { groupsOf } from "./reduce_cases.ts";

const logSumExp = (g: readonly number[]) => {
  const m = g.reduce((a, b) => Math.max(a, b), -Infinity);
  return m + Math.log(g.reduce((s, v) => s + Math.exp(v - m), 0));
};

/** f(value, its group's log-sum-exp) for groups along one axis. */
function along(x: Nd, axis: number, f: (v: number, lse: number) => number): Nd {
  const a = axis < 0 ? axis + x.shape.length : axis;
  const inner = x.shape.slice(a + 1).reduce((n, d) => n * d, 1);
  const sums = groupsOf(x, a).groups.map(logSumExp);
  return nd(x.shape, (i) => {
    const outer = Math.floor(i / (inner * x.shape[a]));
    return f(x.data[i], sums[outer * inner + i % inner]);
  });
}

const shapes: [number[], number][] = [
  [[1], -1],
  [[3, 8], -1],
  [[2, 3, 67], -1],
  [[5, 7], 0],
  [[2, 5, 3], 1],
  [[2, 8200], -1],
];

const softmaxes: OpCase[] = shapes.flatMap(([shape, axis]): OpCase[] => [
  {
    covers: ["softmax", "softmaxGrad"],
    name: `softmax of ${shape.join("×")} along ${axis}`,
    inputs: [{ shape }],
    run: ([x]) => T.softmax(x, axis),
    reference: ([x]) => along(x, axis, (v, lse) => Math.exp(v - lse)),
  },
  {
    covers: ["logSoftmax", "logSoftmaxGrad"],
    name: `logSoftmax of ${shape.join("×")} along ${axis}`,
    inputs: [{ shape }],
    run: ([x]) => T.logSoftmax(x, axis),
    reference: ([x]) => along(x, axis, (v, lse) => v - lse),
  },
]);

const losses: OpCase[] = [[1, 1, 0], [5, 8, 0], [64, 8, 0.1], [3, 67, 0.2], [2, 8200, 0.1], [
  300,
  3,
  1,
]]
  .map(([rows, classes, labelSmoothing]) => {
    const label = (i: number) => i * 5 % classes;
    return {
      covers: ["crossEntropy", "crossEntropyGrad"],
      name: `crossEntropy of ${rows}×${classes} with smoothing ${labelSmoothing}`,
      inputs: [{ shape: [rows, classes] }, { shape: [rows], dtype: "i32", values: label }],
      run: ([x, labels]) => T.crossEntropy(x, labels, { labelSmoothing }),
      reference: ([x]) => {
        const groups = groupsOf(x, 1).groups;
        const row = (g: number[], i: number) => {
          const lse = logSumExp(g);
          const spread = g.reduce((s, v) => s + lse - v, 0) / classes;
          return (1 - labelSmoothing) * (lse - g[label(i)]) + labelSmoothing * spread;
        };
        return nd([], () => groups.reduce((s, g, i) => s + row(g, i), 0) / rows);
      },
    } as OpCase;
  });

const counts: OpCase[] = [[1, 1], [67, 8], [5, 100], [3, 8200]].map(([rows, classes]) => ({
  covers: ["countCorrect"],
  name: `countCorrect of ${rows}×${classes}`,
  inputs: [
    { shape: [rows, classes], values: (i) => i * 31 % 7 },
    { shape: [rows], dtype: "i32", values: (i) => i * 3 % Math.min(classes, 7) },
  ],
  run: ([x, labels]) => T.countCorrect(x, labels),
  reference: ([x, labels]) =>
    nd(
      [],
      () =>
        groupsOf(x, 1).groups.filter((g, i) => g.indexOf(Math.max(...g)) === labels.data[i]).length,
    ),
  forwardOnly: true,
}));

export const cases: OpCase[] = [
  ...softmaxes,
  ...losses,
  ...counts,
  {
    covers: ["softmax"],
    name: "softmax of logits far apart",
    inputs: [{ shape: [2, 3], values: (i) => [1e4, 0, -1e4, -5e3, -5e3, -5e3][i] }],
    run: ([x]) => T.softmax(x),
    reference: ([x]) => along(x, 1, (v, lse) => Math.exp(v - lse)),
  },
  {
    covers: ["softmax"],
    name: "softmax past 65,535 workgroups",
    inputs: [{ shape: [65_537 * 64, 1] }],
    run: ([x]) => T.softmax(x),
    reference: ([x]) => nd(x.shape, () => 1),
    forwardOnly: true,
  },
  {
    covers: ["crossEntropy"],
    name: "crossEntropy of a label outside is NaN",
    inputs: [{ shape: [2, 3] }, { shape: [2], dtype: "i32", values: (i) => [0, 3][i] }],
    run: ([x, labels]) => T.crossEntropy(x, labels),
    reference: () => nd([], () => NaN),
    forwardOnly: true,
  },
  {
    covers: [],
    name: "mse of 5×13",
    inputs: [{ shape: [5, 13] }, { shape: [5, 13] }],
    run: ([x, y]) => T.mse(x, y),
    reference: ([x, y]) =>
      nd([], () => x.data.reduce((s, v, i) => s + (v - y.data[i]) ** 2, 0) / 65),
  },
];
