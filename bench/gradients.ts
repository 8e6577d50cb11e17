/**
 * A small input for every op that has a gradient, for `gradcheck OP` to try it on. The cases of the
 * op tests are not used here: they seek out borders of tiles and hold references, and nothing outside
 * tests/ may lean on them. What a person studies wants few elements, all of which fit a screen.
 */
import * as T from "../engine/mod.ts";
import type { Device, Shape, Tensor } from "../engine/mod.ts";

type Named<V> = Readonly<Record<string, V>>;

export interface GradientSample {
  /** Shapes of the inputs by name. */
  readonly inputs: Named<Shape>;
  /** Inputs kept at 0.5 or above: where the op has a pole or a border at 0. */
  readonly positive?: readonly string[];
  /** Added to an input: keeps what a ReLU sees away from its kink. */
  readonly offset?: Named<number>;
  readonly run: (inputs: Named<Tensor>) => Tensor;
}

const VECTOR = { x: [6] };
const PAIR = { a: [2, 3], b: [3] };
const unary = (op: (x: Tensor) => Tensor, positive?: readonly string[]): GradientSample => ({
  inputs: VECTOR,
  positive,
  run: ({ x }) => op(x),
});
const binary = (op: (a: Tensor, b: Tensor) => Tensor): GradientSample => ({
  inputs: PAIR,
  run: ({ a, b }) => op(a, b),
});
const of = (run: (x: Tensor) => Tensor, shape: Shape): GradientSample => ({
  inputs: { x: shape },
  run: ({ x }) => run(x),
});
const indices = ({ device }: Tensor, values: readonly number[]) =>
  device.tensor(Int32Array.from(values));

const IMAGE = { x: [1, 2, 4, 4], w: [2, 2, 3, 3], bias: [2] };
const MATRICES = { a: [3, 4], b: [4, 2], bias: [2] };
const NORM = { x: [2, 2, 2, 4], gamma: [2], beta: [2] };
/** Pushes what a ReLU sees to its open side. */
const OPEN = 12;

function batchNormOf(
  op: typeof T.batchNormReluMaxPool | typeof T.batchNorm,
  offset?: Named<number>,
): GradientSample {
  return {
    inputs: NORM,
    offset,
    run: ({ x, gamma, beta }) =>
      op(x, gamma, beta, {
        runningMean: T.zeros(x.device, [2]),
        runningVar: T.full(x.device, [2], 1),
        training: true,
      }),
  };
}

/** x as two halves, the second what is left of the first: f16 alone is too coarse for differences. */
function split(x: Tensor): Tensor {
  const rounded = (value: Tensor) => T.cast(T.cast(value, "f16"), "f32");
  const high = rounded(x);
  return T.add(high, rounded(T.sub(x, high)));
}

/** By the name under which the op is registered. */
export const GRADIENT_SAMPLES: Named<GradientSample> = {
  neg: unary(T.neg),
  exp: unary(T.exp),
  log: unary(T.log, ["x"]),
  sqrt: unary(T.sqrt, ["x"]),
  tanh: unary(T.tanh),
  sigmoid: unary(T.sigmoid),
  relu: unary(T.relu),
  gelu: unary(T.gelu),
  square: unary(T.square),
  abs: unary(T.abs),
  reciprocal: unary(T.reciprocal, ["x"]),
  add: binary(T.add),
  sub: binary(T.sub),
  mul: binary(T.mul),
  div: { ...binary(T.div), positive: ["b"] },
  maximum: binary(T.maximum),
  minimum: binary(T.minimum),
  transpose: of((x) => T.transpose(x), [2, 3]),
  broadcastTo: of((x) => T.broadcastTo(x, [2, 2, 3]), [2, 1]),
  slice: of((x) => T.slice(x, [null, { begin: 1, end: 6, step: 2 }]), [2, 6]),
  embed: of((x) => T.pad(x, [[1, 1], [0, 2]]), [2, 3]),
  concat: { inputs: { a: [2, 2], b: [2, 3] }, run: ({ a, b }) => T.concat([a, b], 1) },
  sum: of((x) => T.sum(x, { axes: 1 }), [3, 4]),
  max: of((x) => T.max(x, { axes: 1 }), [3, 4]),
  matmul: { inputs: MATRICES, run: ({ a, b, bias }) => T.matmul(a, b, { bias }) },
  matmulRelu: {
    inputs: MATRICES,
    offset: { bias: OPEN },
    run: ({ a, b, bias }) => T.matmul(a, b, { bias, relu: true }),
  },
  conv2d: { inputs: IMAGE, run: ({ x, w, bias }) => T.conv2d(x, w, { bias, padding: 1 }) },
  conv2dRelu: {
    inputs: IMAGE,
    offset: { bias: 2 * OPEN },
    run: ({ x, w, bias }) => T.conv2d(x, w, { bias, padding: 1, relu: true }),
  },
  conv1d: {
    inputs: { x: [1, 6, 2], w: [2, 2, 3], bias: [2] },
    run: ({ x, w, bias }) => T.conv1d(x, w, { bias, padding: 1, stride: 2 }),
  },
  convTranspose2d: {
    inputs: { x: [1, 2, 3, 3], w: [2, 1, 3, 3], bias: [1] },
    run: ({ x, w, bias }) => T.convTranspose2d(x, w, { bias, stride: 2, outputPadding: 1 }),
  },
  batchNorm: batchNormOf(T.batchNorm),
  batchNormReluMaxPool: batchNormOf(T.batchNormReluMaxPool, { beta: OPEN }),
  groupNorm: {
    inputs: { x: [2, 3, 4], gamma: [4], beta: [4] },
    run: ({ x, gamma, beta }) => T.groupNorm(x, gamma, beta, { groups: 2 }),
  },
  layerNorm: {
    inputs: { x: [3, 5], gamma: [5], beta: [5] },
    run: ({ x, gamma, beta }) => T.layerNorm(x, gamma, beta),
  },
  maxPool2d: of((x) => T.maxPool2d(x, { kernel: 2 }), [1, 1, 4, 4]),
  avgPool2d: of((x) => T.avgPool2d(x, { kernel: 2 }), [1, 1, 4, 4]),
  softmax: of((x) => T.softmax(x), [2, 4]),
  logSoftmax: of((x) => T.logSoftmax(x), [2, 4]),
  crossEntropy: of((x) => T.crossEntropy(x, indices(x, [1, 3, 0])), [3, 4]),
  attention: {
    inputs: { q: [1, 3, 4], k: [1, 3, 4], v: [1, 3, 4] },
    run: ({ q, k, v }) => T.attention(q, k, v, { heads: 2 }),
  },
  maskFrames: of((x) => T.maskFrames(x, indices(x, [2, 0])), [2, 3, 2]),
  rfft: of((x) => T.rfft(x), [1, 8]),
  irfft: of((x) => T.irfft(x), [1, 5, 2]),
  gather: of((x) => T.gather(x, indices(x, [2, 0, 2])), [3, 2]),
  scatterAdd: of((x) => T.scatterAdd(x, indices(x, [1, 0, 1]), 2), [3, 2]),
  frame: of((x) => T.frame(x, { size: 4, hop: 2 }), [1, 8]),
  overlapAdd: of((x) => T.overlapAdd(x, { hop: 2, length: 8 }), [1, 3, 4]),
  // The stream is made anew each time, so that every run drops the same elements.
  cast: of(split, [6]),
  dropout: of((x) => T.dropout(x, 0.5, T.Random.of(1, "gradcheck")), [2, 6]),
};

const NARROWEST = 0.08;

/**
 * Inputs of a sample: shuffled values that stand at least 0.08 apart and 0.04 from 0, so that the
 * differences of `gradcheck` meet no tie and no kink. The caller frees them.
 */
export function makeInputs(
  { inputs, positive = [], offset = {} }: GradientSample,
  device: Device,
  random: T.Random,
): Map<string, Tensor> {
  const total = Object.values(inputs).reduce((n, shape) => n + sizeOf(shape), 0);
  const gap = Math.max(NARROWEST, 3 / total);
  const order = random.permutation(total);
  let taken = 0;
  return new Map(
    Object.entries(inputs).map(([name, shape]) => {
      const values = Float32Array.from({ length: sizeOf(shape) }, () => {
        const value = (order[taken++] + 0.5 - Math.floor(total / 2)) * gap;
        return (positive.includes(name) ? 0.5 + Math.abs(value) : value) + (offset[name] ?? 0);
      });
      const tensor = device.keep(device.tensor(values, shape));
      tensor.requiresGrad = true;
      return [name, tensor];
    }),
  );
}

function sizeOf(shape: Shape): number {
  return shape.reduce((n, d) => n * d, 1);
}
