/** Elementwise ops: every formula on its interesting range, broadcasting in every position. */
import * as T from "../../../engine/mod.ts";
import { broadcastShapes, broadcastStrides, stridesOf } from "../../../engine/shape.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

/** Φ(x) by its series and continued fraction, to float64. */
function normalCdf(x: number): number {
  const a = Math.abs(x);
  let tail: number;
  if (a < 3) {
    let term = a, total = a;
    for (let k = 1; k < 200; k++) total += term *= a * a / (2 * k + 1);
    tail = 0.5 - total * Math.exp(-a * a / 2) / Math.sqrt(2 * Math.PI);
  } else {
    let f = a;
    for (let k = 200; k > 0; k--) f = a + k / f;
    tail = Math.exp(-a * a / 2) / Math.sqrt(2 * Math.PI) / f;
  }
  return x > 0 ? 1 - tail : tail;
}

/** Broadcasts two arrays through a formula. */
export function zip(a: Nd, b: Nd, f: (x: number, y: number) => number): Nd {
  const shape = broadcastShapes("reference", a.shape, b.shape);
  const sa = broadcastStrides(a.shape, shape), sb = broadcastStrides(b.shape, shape);
  const strides = stridesOf(shape);
  return nd(shape, (i) => {
    let ia = 0, ib = 0;
    shape.forEach((size, d) => {
      const at = Math.floor(i / strides[d]) % size;
      ia += at * sa[d];
      ib += at * sb[d];
    });
    return f(a.data[ia], b.data[ib]);
  });
}

const wide = (i: number) => ((i * 7) % 60 - 20) * 0.2;
const positive = (i: number) => 0.01 + (i % 50) * 0.21;

function unary(
  name: string,
  run: (x: T.Tensor) => T.Tensor,
  f: (x: number) => number,
  values?: (i: number) => number,
  also: string[] = [],
): OpCase[] {
  return [[1], [67], [2, 5, 13]].map((shape) => ({
    covers: [name, ...also],
    name: `${name} of ${shape.join("×")}`,
    inputs: [{ shape, values }],
    run: ([x]) => run(x),
    reference: ([x]) => nd(x.shape, (i) => f(x.data[i])),
  }));
}

const pairs: [number[], number[]][] = [
  [[7], [7]],
  [[3, 5], []],
  [[], [3, 5]],
  [[4, 3, 17], [17]],
  [[4, 3, 17], [3, 1]],
  [[2, 1, 6, 1], [3, 1, 5]],
  [[1, 9], [9, 1]],
  [[2, 3, 4, 5], [2, 1, 4, 1]],
];

function binary(
  name: string,
  run: (a: T.Tensor, b: T.Tensor) => T.Tensor,
  f: (x: number, y: number) => number,
  options: { forwardOnly?: boolean; values?: (i: number) => number } = {},
): OpCase[] {
  return pairs.map(([a, b]) => ({
    covers: [name],
    name: `${name} of [${a}] and [${b}]`,
    inputs: [{ shape: a }, { shape: b, values: options.values }],
    run: ([x, y]) => run(x, y),
    reference: ([x, y]) => zip(x, y, f),
    forwardOnly: options.forwardOnly,
  }));
}

export const cases: OpCase[] = [
  ...unary("neg", T.neg, (x) => -x),
  ...unary("exp", T.exp, Math.exp, (i) => (i % 40) * 0.2 - 4),
  ...unary("log", T.log, Math.log, positive),
  ...unary("sqrt", T.sqrt, Math.sqrt, positive),
  ...unary("tanh", T.tanh, Math.tanh, wide, ["tanhGrad"]),
  ...unary("sigmoid", T.sigmoid, (x) => 1 / (1 + Math.exp(-x)), wide, ["sigmoidGrad"]),
  ...unary("relu", T.relu, (x) => Math.max(x, 0), (i) => (i - 30) * 0.37 + 0.1, ["reluGrad"]),
  ...unary("gelu", T.gelu, (x) => x * normalCdf(x), (i) => (i - 30) * 0.1, ["geluGrad"]),
  ...unary("square", T.square, (x) => x * x),
  ...unary("abs", T.abs, Math.abs, (i) => (i - 30) * 0.37 + 0.1),
  ...unary("reciprocal", T.reciprocal, (x) => 1 / x, positive),
  ...binary("add", T.add, (x, y) => x + y),
  ...binary("sub", T.sub, (x, y) => x - y),
  ...binary("mul", T.mul, (x, y) => x * y),
  ...binary("div", T.div, (x, y) => x / y, { values: (i) => 0.5 + i * 0.1 }),
  ...binary("maximum", T.maximum, Math.max),
  ...binary("minimum", T.minimum, Math.min),
  ...binary("greater", T.greater, (x, y) => x > y ? 1 : 0, { forwardOnly: true }),
  ...binary("equal", T.equal, (x, y) => x === y ? 1 : 0, { forwardOnly: true }),
  {
    covers: ["add"],
    name: "add past 65,535 workgroups",
    inputs: [{ shape: [65_537, 65] }, { shape: [65] }],
    run: ([a, b]) => T.add(a, b),
    reference: ([a, b]) => zip(a, b, (x, y) => x + y),
    forwardOnly: true,
  },
];
