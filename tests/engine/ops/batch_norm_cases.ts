/** Batch norm, plain and with ReLU and pooling, while training and in evaluation. */
import * as T from "../../../engine/mod.ts";
import { sizeOf } from "../../../engine/shape.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

const EPS = 1e-5;

/** Channel of element i of [N, C, …]. */
function channelOf(shape: readonly number[], i: number): number {
  return Math.floor(i / sizeOf(shape.slice(2))) % shape[1];
}

function statistics(x: Nd): { mean: number[]; variance: number[]; count: number } {
  const C = x.shape[1];
  const count = x.data.length / C;
  const mean = new Array<number>(C).fill(0), variance = new Array<number>(C).fill(0);
  x.data.forEach((v, i) => mean[channelOf(x.shape, i)] += v / count);
  x.data.forEach((v, i) => {
    const c = channelOf(x.shape, i);
    variance[c] += (v - mean[c]) ** 2 / count;
  });
  return { mean, variance, count };
}

function normalize(x: Nd, gamma: Nd, beta: Nd, given: { mean: number[]; variance: number[] }): Nd {
  return nd(x.shape, (i) => {
    const c = channelOf(x.shape, i);
    const scale = gamma.data[c] / Math.sqrt(given.variance[c] + EPS);
    return (x.data[i] - given.mean[c]) * scale + beta.data[c];
  });
}

function reluMaxPool(y: Nd): Nd {
  const [N, C, H, W] = y.shape;
  const h = H >> 1, w = W >> 1;
  return nd([N, C, h, w], (i) => {
    const column = i % w, row = Math.floor(i / w) % h, map = Math.floor(i / (w * h));
    const at = (map * H + 2 * row) * W + 2 * column;
    return Math.max(0, y.data[at], y.data[at + 1], y.data[at + W], y.data[at + W + 1]);
  });
}

/** Running statistics as tensors of the device of `like`. */
function running(like: T.Tensor, C: number) {
  const of = (f: (c: number) => number) =>
    like.device.tensor(Float32Array.from({ length: C }, (_, c) => f(c)));
  return { runningMean: of((c) => 0.3 * c - 0.5), runningVar: of((c) => 0.4 + 0.3 * c) };
}

function given(C: number) {
  const of = (f: (c: number) => number) => Array.from({ length: C }, (_, c) => Math.fround(f(c)));
  return { mean: of((c) => 0.3 * c - 0.5), variance: of((c) => 0.4 + 0.3 * c) };
}

interface Options {
  readonly training: boolean;
  readonly relu?: boolean;
  readonly pool?: boolean;
  readonly values?: (i: number, random: () => number) => number;
  readonly tolerance?: number;
  readonly forwardOnly?: boolean;
}

const covers = [
  "batchNorm",
  "batchNormGrad",
  "batchNormStatistics",
  "batchNormRunning",
  "batchNormReluMaxPool",
  "batchNormReluMaxPoolGrad",
];

function norm(shape: number[], o: Options): OpCase {
  const C = shape[1];
  const { training, relu, values, tolerance, forwardOnly } = o;
  const words = [o.pool ? "batchNormReluMaxPool" : relu ? "batchNorm with relu" : "batchNorm"];
  words.push(training ? "training" : "evaluation", `on ${shape.join("×")}`);
  return {
    covers,
    name: words.join(" ") + (values ? ", far from 0" : ""),
    inputs: [
      { shape, values },
      { shape: [C], values: (i) => (i % 2 ? -1 : 1) * (0.6 + 0.2 * i) },
      { shape: [C], values: (i) => 0.3 - 0.11 * i },
    ],
    run: ([x, gamma, beta]) => {
      const options = { ...running(x, C), training, relu };
      return o.pool
        ? T.batchNormReluMaxPool(x, gamma, beta, options)
        : T.batchNorm(x, gamma, beta, options);
    },
    reference: ([x, gamma, beta]) => {
      const y = normalize(x, gamma, beta, training ? statistics(x) : given(C));
      if (o.pool) return reluMaxPool(y);
      return relu ? nd(y.shape, (i) => Math.max(0, y.data[i])) : y;
    },
    tolerance,
    forwardOnly,
  };
}

/** The running statistics after one training step. */
function updated(which: "runningMean" | "runningVar", shape: number[]): OpCase {
  const C = shape[1];
  return {
    covers: ["batchNormRunning"],
    name: `${which} after a step on ${shape.join("×")}`,
    inputs: [{ shape }, { shape: [C] }, { shape: [C] }],
    run: ([x, gamma, beta]) => {
      const stats = running(x, C);
      T.batchNorm(x, gamma, beta, { ...stats, training: true, momentum: 0.25 });
      return stats[which];
    },
    reference: ([x]) => {
      const { mean, variance, count } = statistics(x);
      const before = given(C);
      return nd(
        [C],
        (c) =>
          which === "runningMean"
            ? before.mean[c] * 0.75 + 0.25 * mean[c]
            : before.variance[c] * 0.75 + 0.25 * variance[c] * count / (count - 1),
      );
    },
    forwardOnly: true,
  };
}

const plain: number[][] = [[3, 1], [7, 5], [131, 19], [3, 2, 5], [2, 3, 4, 5], [3, 2, 7, 11], [
  2,
  2,
  9,
  33,
]];
const pooled: number[][] = [[2, 1, 2, 2], [2, 3, 4, 6], [1, 2, 5, 7], [2, 2, 8, 16], [2, 3, 3, 21]];

export const cases: OpCase[] = [
  ...plain.flatMap((shape) => [
    norm(shape, { training: true }),
    norm(shape, { training: false }),
    norm(shape, { training: true, relu: true }),
    norm(shape, { training: false, relu: true }),
  ]),
  ...pooled.flatMap((shape) => [
    norm(shape, { training: true, pool: true }),
    norm(shape, { training: false, pool: true }),
  ]),
  updated("runningMean", [4, 3, 5, 7]),
  updated("runningVar", [4, 3, 5, 7]),
  // Several blocks and chunks a channel.
  norm([3, 2, 67, 67], { training: true, forwardOnly: true }),
  norm([2, 2, 130, 66], { training: true, pool: true, forwardOnly: true }),
  // Past 65,535 workgroups of 64 threads.
  norm([2, 3, 1000, 700], { training: false, forwardOnly: true }),
  // Mean 1,000 deviations away: x itself holds the deviation to 6e-5 of it, and so does the result.
  ...[[5, 3, 21, 23], [331, 19]].map((shape) =>
    norm(shape, {
      training: true,
      values: (_, random) => 1000 + random(),
      tolerance: 2e-4,
      forwardOnly: true,
    })
  ),
];
