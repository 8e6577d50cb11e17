/** Movement: every permutation kind, ranges with steps, joins along each axis, rows by index. */
import * as T from "../../../engine/mod.ts";
import { sizeOf, stridesOf } from "../../../engine/shape.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

/** The array whose element at an index comes from `pick(index)` of the input. */
function remap(shape: readonly number[], pick: (at: number[]) => number): Nd {
  const strides = stridesOf(shape);
  return nd(shape, (i) => pick(shape.map((d, a) => Math.floor(i / strides[a]) % d)));
}

const element = (x: Nd, at: readonly number[]) =>
  x.data[stridesOf(x.shape).reduce((s, d, a) => s + d * at[a], 0)];

const permutations: [number[], number[]][] = [
  [[1, 1], [1, 0]],
  [[3, 5], [1, 0]],
  [[37, 65], [1, 0]],
  [[17, 4], [1, 0]],
  [[2, 19, 21], [0, 2, 1]],
  [[7, 6, 5], [2, 1, 0]],
  [[7, 6, 5], [1, 0, 2]],
  [[2, 3, 17, 18], [0, 2, 3, 1]],
  [[2, 16, 5, 33], [3, 1, 0, 2]],
];

const transposes: OpCase[] = permutations.map(([shape, axes]) => ({
  covers: ["transpose"],
  name: `transpose of ${shape.join("×")} to [${axes}]`,
  inputs: [{ shape }],
  run: ([x]) => T.transpose(x, axes),
  reference: ([x]) =>
    remap(axes.map((a) => shape[a]), (at) => element(x, shape.map((_, a) => at[axes.indexOf(a)]))),
}));

const slices: OpCase[] = ([
  [[7], [{ begin: 2, end: 6 }]],
  [[9], [{ begin: 1, step: 3 }]],
  [[5, 70], [{ begin: -3 }, { begin: 3, end: -2 }]],
  [[4, 5, 6], [null, { begin: 1, end: 5, step: 2 }]],
  [[4, 5, 6], [{ end: 1 }, null, { step: 5 }]],
] as [number[], (T.Range | null)[]][]).map(([shape, ranges]) => {
  const picks = shape.map((d, a) =>
    Array.from({ length: d }, (_, i) => i)
      .slice(ranges[a]?.begin, ranges[a]?.end)
      .filter((_, i) => i % (ranges[a]?.step ?? 1) === 0)
  );
  return {
    covers: ["slice", "embed"],
    name: `slice of ${shape.join("×")} by ${JSON.stringify(ranges)}`,
    inputs: [{ shape }],
    run: ([x]) => T.slice(x, ranges),
    reference: ([x]) =>
      remap(picks.map((p) => p.length), (at) => element(x, at.map((i, a) => picks[a][i]))),
  };
});

const pads: OpCase[] = ([
  [[3], [[1, 2]]],
  [[4, 33], [[0, 1], [5, 0]]],
  [[2, 3, 5, 4], [[0, 0], [0, 0], [1, 1], [2, 2]]],
] as [number[], [number, number][]][]).map(([shape, widths]) => ({
  covers: ["embed"],
  name: `pad of ${shape.join("×")} by ${JSON.stringify(widths)}`,
  inputs: [{ shape }],
  run: ([x]) => T.pad(x, widths, -1.5),
  reference: ([x]) =>
    remap(shape.map((d, a) => d + widths[a][0] + widths[a][1]), (at) => {
      const from = at.map((i, a) => i - widths[a][0]);
      return from.every((i, a) => i >= 0 && i < shape[a]) ? element(x, from) : -1.5;
    }),
}));

const joins: OpCase[] = ([
  [[[3], [4], [1]], 0],
  [[[3, 17], [2, 17]], 0],
  [[[3, 17], [3, 40], [3, 1]], 1],
  [[[2, 3, 4], [2, 5, 4]], -2],
] as [number[][], number][]).map(([shapes, axis]) => {
  const a = axis < 0 ? axis + shapes[0].length : axis;
  const total = shapes.reduce((n, s) => n + s[a], 0);
  return {
    covers: ["concat"],
    name: `concat of ${shapes.map((s) => s.join("×")).join(", ")} along ${axis}`,
    inputs: shapes.map((shape) => ({ shape })),
    run: (inputs) => T.concat(inputs, axis),
    reference: (inputs) =>
      remap(shapes[0].map((d, i) => i === a ? total : d), (at) => {
        let i = at[a], k = 0;
        while (i >= shapes[k][a]) i -= shapes[k++][a];
        return element(inputs[k], at.with(a, i));
      }),
  };
});

const stretches: OpCase[] = ([
  [[], [3]],
  [[1], [67]],
  [[3, 1], [3, 9]],
  [[9], [4, 9]],
  [[2, 1, 5, 1], [3, 2, 4, 5, 7]],
] as [number[], number[]][]).map(([from, to]) => ({
  covers: ["broadcastTo"],
  name: `broadcastTo of [${from}] to [${to}]`,
  inputs: [{ shape: from }],
  run: ([x]) => T.broadcastTo(x, to),
  reference: ([x]) =>
    remap(
      to,
      (at) => element(x, from.map((d, i) => d === 1 ? 0 : at[to.length - from.length + i])),
    ),
}));

const gathers: OpCase[] = ([
  [[5], [4, 0, 4]],
  [[7, 33], [6, 6, 1, 0, 6]],
  [[3, 2, 4], [2]],
] as [number[], number[]][]).flatMap(([shape, indices]): OpCase[] => {
  const [rows, ...rest] = shape;
  const width = sizeOf(rest);
  const given = {
    shape: [indices.length],
    dtype: "i32" as const,
    values: (i: number) => indices[i],
  };
  return [{
    covers: ["gather", "scatterAdd"],
    name: `gather of ${shape.join("×")} at [${indices}]`,
    inputs: [{ shape }, given],
    run: ([x, at]) => T.gather(x, at),
    reference: ([x]) =>
      nd(
        [indices.length, ...rest],
        (i) => x.data[indices[Math.floor(i / width)] * width + i % width],
      ),
  }, {
    covers: ["scatterAdd"],
    name: `scatterAdd into ${shape.join("×")} at [${indices}]`,
    inputs: [{ shape: [indices.length, ...rest] }, given],
    run: ([g, at]) => T.scatterAdd(g, at, rows),
    reference: ([g]) =>
      nd(
        shape,
        (i) =>
          indices.reduce(
            (s, row, k) => row === Math.floor(i / width) ? s + g.data[k * width + i % width] : s,
            0,
          ),
      ),
  }];
});

const frames: OpCase[] = ([
  [[1, 5], 5, 1],
  [[2, 40], 7, 3],
  [[3, 33], 4, 6],
  [[2, 300], 64, 16],
] as [number[], number, number][]).flatMap(([[batch, length], size, hop]): OpCase[] => {
  const count = T.frameCount(length, { size, hop });
  return [{
    covers: ["frame", "overlapAdd"],
    name: `frame of ${batch}×${length} into ${size} by ${hop}`,
    inputs: [{ shape: [batch, length] }],
    run: ([x]) => T.frame(x, { size, hop }),
    reference: ([x]) =>
      remap([batch, count, size], ([b, f, i]) => x.data[b * length + f * hop + i]),
  }, {
    covers: ["overlapAdd"],
    name: `overlapAdd of ${count} frames of ${size} by ${hop} into ${length + 3}`,
    inputs: [{ shape: [batch, count, size] }],
    run: ([g]) => T.overlapAdd(g, { hop, length: length + 3 }),
    reference: ([g]) =>
      remap([batch, length + 3], ([b, t]) => {
        let total = 0;
        for (let f = 0; f < count; f++) {
          const i = t - f * hop;
          if (i >= 0 && i < size) total += g.data[(b * count + f) * size + i];
        }
        return total;
      }),
  }];
});

export const cases: OpCase[] = [
  ...transposes,
  ...slices,
  ...pads,
  ...joins,
  ...stretches,
  ...gathers,
  ...frames,
  {
    covers: ["copyInto"],
    name: "copyInto overwrites its target",
    inputs: [{ shape: [5, 13] }, { shape: [5, 13] }],
    run: ([dst, src]) => {
      const target = T.copy(dst);
      T.copyInto(target, src);
      return target;
    },
    reference: ([, src]) => src,
    forwardOnly: true,
  },
  {
    covers: ["transpose"],
    name: "transpose past 65,535 workgroups",
    inputs: [{ shape: [2, 2_100_001] }],
    run: ([x]) => T.transpose(x),
    reference: ([x]) => remap([2_100_001, 2], ([i, j]) => x.data[j * 2_100_001 + i]),
    forwardOnly: true,
  },
  {
    covers: ["gather"],
    name: "gather outside the rows gives NaN",
    inputs: [
      { shape: [3, 2] },
      { shape: [3], dtype: "i32", values: (i) => [-1, 1, 3][i] },
    ],
    run: ([x, at]) => T.gather(x, at),
    reference: ([x]) => nd([3, 2], (i) => i >> 1 === 1 ? x.data[i] : NaN),
    forwardOnly: true,
  },
];
