/** Reductions over leading, trailing, middle and all axes; long ones; ties. */
import * as T from "../../../engine/mod.ts";
import { normalizeAxes, reducedShape, stridesOf } from "../../../engine/shape.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

type Axes = number | number[] | undefined;

/** Groups of elements that share an output, in output order. */
export function groupsOf(x: Nd, axes: Axes): { shape: number[]; groups: number[][] } {
  const gone = normalizeAxes("reference", axes, x.shape.length);
  const shape = reducedShape(x.shape, gone, false);
  const strides = stridesOf(x.shape);
  const kept = x.shape.map((_, i) => i).filter((i) => !gone.includes(i));
  const outStrides = stridesOf(shape);
  const groups: number[][] = Array.from({ length: shape.reduce((n, d) => n * d, 1) }, () => []);
  x.data.forEach((v, i) => {
    let o = 0;
    kept.forEach((axis, k) => o += Math.floor(i / strides[axis]) % x.shape[axis] * outStrides[k]);
    groups[o].push(v);
  });
  return { shape, groups };
}

export const axesCases: [number[], Axes][] = [
  [[1], undefined],
  [[131], undefined],
  [[5, 7], 0],
  [[5, 7], -1],
  [[3, 4, 5], 1],
  [[3, 4, 5], [0, 2]],
  [[2, 3, 4, 5], [0, 2, 3]],
  [[2, 3, 4, 5], [1, 3]],
  [[3, 1, 67], [0, 1]],
  [[2, 300, 37], 1],
  [[37, 300], 1],
];

/** Forward only: enough elements for chunks, blocks and folded grids. */
const longCases: [number[], Axes][] = [
  [[300_007], undefined],
  [[70_001, 3], 0],
  [[9001, 41], 0],
  [[3, 70_001], 1],
  [[4, 5, 20_011], [0, 2]],
];

const sumOf = (g: number[]) => g.reduce((s, v) => s + v, 0);
const maxOf = (g: number[]) => g.reduce((m, v) => Math.max(m, v), -Infinity);
const varianceOf = (correction: number) => (g: number[]) => {
  const mean = sumOf(g) / g.length;
  return sumOf(g.map((v) => (v - mean) ** 2)) / (g.length - correction);
};

interface Reducer {
  readonly covers: string;
  readonly name: string;
  readonly run: (x: T.Tensor, options: T.ReduceOptions) => T.Tensor;
  readonly of: (group: number[]) => number;
}

const reducers: Reducer[] = [
  { covers: "sum", name: "sum", run: T.sum, of: sumOf },
  { covers: "sum", name: "mean", run: T.mean, of: (g) => sumOf(g) / g.length },
  { covers: "max", name: "max", run: T.max, of: maxOf },
  { covers: "sum", name: "variance", run: T.variance, of: varianceOf(0) },
];

function reduction(r: Reducer, shape: number[], axes: Axes, extra: Partial<OpCase> = {}): OpCase {
  return {
    covers: [r.covers],
    name: `${r.name} of ${shape.join("×")} over ${axes ?? "all"}`,
    inputs: [{ shape }],
    run: ([x]) => r.run(x, { axes }),
    reference: ([x]) => {
      const { shape, groups } = groupsOf(x, axes);
      return nd(shape, (i) => r.of(groups[i]));
    },
    ...extra,
  };
}

/** Positive numbers: their sums grow long, and errors of rounding with them. */
const positive = (i: number) => 0.5 + (i * 37 % 101) / 101;

const argmaxes: OpCase[] =
  ([[[1], 0], [[5, 7], 0], [[5, 7], 1], [[3, 67, 2], 1], [[2, 9001], -1]] as [number[], number][])
    .map(([shape, axis]) => ({
      covers: ["argmax"],
      name: `argmax of ${shape.join("×")} along ${axis}`,
      // Few distinct values: most largest ones are tied, and the first must win.
      inputs: [{ shape, values: (i) => i * 31 % 7 }],
      run: ([x]) => T.argmax(x, axis),
      reference: ([x]) => {
        const { shape, groups } = groupsOf(x, axis);
        return nd(shape, (i) => groups[i].indexOf(maxOf(groups[i])));
      },
      forwardOnly: true,
    }));

export const cases: OpCase[] = [
  ...reducers.flatMap((r) => axesCases.map(([shape, axes]) => reduction(r, shape, axes))),
  ...[reducers[0], reducers[2]].flatMap((r) =>
    longCases.map(([shape, axes]) =>
      reduction(r, shape, axes, { inputs: [{ shape, values: positive }], forwardOnly: true })
    )
  ),
  reduction(
    { covers: "sum", name: "sample variance", run: sampleVariance, of: varianceOf(1) },
    [4, 9],
    1,
  ),
  {
    covers: ["sum"],
    name: "sum keeps dimensions when asked",
    inputs: [{ shape: [3, 4, 5] }],
    run: ([x]) => T.sum(x, { axes: [0, 2], keepDims: true }),
    reference: ([x]) => nd([1, 4, 1], (i) => sumOf(groupsOf(x, [0, 2]).groups[i])),
  },
  {
    covers: ["max"],
    name: "max shares its gradient among equals",
    inputs: [{ shape: [2, 4], values: (i) => [1, 3, 3, 0, 2, 2, 2, 1][i] }],
    run: ([x]) => {
      const leaf = T.copy(x);
      leaf.requiresGrad = true;
      T.backward(T.sum(T.max(leaf, { axes: 1 })));
      return T.copy(leaf.grad!);
    },
    reference: () => nd([2, 4], (i) => [0, 0.5, 0.5, 0, 1 / 3, 1 / 3, 1 / 3, 0][i]),
    forwardOnly: true,
  },
  {
    covers: ["sum"],
    name: "sum past 65,535 workgroups",
    inputs: [{ shape: [65_537 * 64, 2], values: positive }],
    run: ([x]) => T.sum(x, { axes: 1 }),
    reference: ([x]) => nd([65_537 * 64], (i) => x.data[2 * i] + x.data[2 * i + 1]),
    forwardOnly: true,
  },
  ...([[[3, 70], 1], [[70, 3], 0], [[2, 300], 1]] as [number[], number][]).map(([shape, axes]) =>
    reduction(reducers[2], shape, axes, {
      name: `max of ${shape.join("×")} over ${axes} is NaN where one is`,
      inputs: [{ shape, values: (i) => i === 67 ? NaN : i }],
      forwardOnly: true,
    })
  ),
  ...argmaxes,
];

function sampleVariance(x: T.Tensor, options: T.ReduceOptions): T.Tensor {
  return T.variance(x, { ...options, correction: 1 });
}
