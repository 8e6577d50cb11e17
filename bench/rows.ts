/** What is bound by memory and works along rows or channels: batch norm, softmax, layer norm, reductions. */
import { batchNorm } from "../engine/ops/batch_norm.ts";
import { layerNorm } from "../engine/ops/layer_norm.ts";
import { sum } from "../engine/ops/reduce.ts";
import { softmax } from "../engine/ops/softmax.ts";
import type { Tensor } from "../engine/tensor.ts";
import { softmaxAt, type Values } from "./expected.ts";
import { softmaxGradient } from "./expected_gradients.ts";
import { batchNormed, layerNormed } from "./expected_norms.ts";
import type { BenchCase } from "./case.ts";
import { bytesOf, type Family, opCase, sizeText } from "./op_case.ts";
import type { Extent } from "./sizes.ts";

type Sizes = Readonly<Record<Extent, readonly (readonly number[])[]>>;

function softmaxCases([rows, n]: readonly number[]): BenchCase[] {
  const shape = [rows, n];
  const expected = (inputs: Values, i: number) => softmaxAt(inputs, shape, i);
  const base = { size: sizeText(shape), shapes: [shape], run: softmaxOf };
  return [
    opCase({ name: "softmax", ...base, bytes: bytesOf(shape, shape), expected }),
    // Forward reads x and writes y; backward reads g and y and writes dx.
    opCase({
      name: "softmax-training",
      ...base,
      bytes: bytesOf(shape, shape, shape, shape, shape),
      gradients: [0],
      expectedGradients: [softmaxGradient(n)],
    }),
  ];
}
const softmaxOf = ([x]: readonly Tensor[]) => softmax(x);

const SOFTMAX: Sizes = {
  tiny: [[70, 33]],
  usual: [[2388, 199], [4096, 1024], [64, 8]],
  large: [[2388, 199], [65536, 1024], [64, 8]],
};

export const softmaxFamily: Family = {
  name: "softmax",
  dims: "ROWSxN",
  cases: (extent) => SOFTMAX[extent].flatMap(softmaxCases),
  sweep: [64, 256, 1024, 4096].map((n) => [(1 << 20) / n, n]),
  at: softmaxCases,
};

function layerNormCases([rows, n]: readonly number[]): BenchCase[] {
  const x = [rows, n];
  const right = layerNormed(x);
  const base = {
    size: sizeText(x),
    shapes: [x, [n], [n]],
    run: ([x, gamma, beta]: readonly Tensor[]) => layerNorm(x, gamma, beta),
  };
  return [
    opCase({
      name: "layer-norm",
      ...base,
      bytes: bytesOf(x, x, [n], [n]),
      expected: right.at,
    }),
    opCase({
      name: "layer-norm-training",
      ...base,
      bytes: bytesOf(x, x, x, x, x),
      gradients: [0, 1, 2],
      expectedGradients: right.gradients,
    }),
  ];
}

const LAYER_NORM: Sizes = {
  tiny: [[35, 33]],
  usual: [[199, 768], [6399, 512]],
  large: [[3184, 768], [102384, 512]],
};

export const layerNormFamily: Family = {
  name: "layer-norm",
  dims: "ROWSxN",
  cases: (extent) => LAYER_NORM[extent].flatMap(layerNormCases),
  sweep: [64, 256, 1024].map((n) => [(1 << 20) / n, n]),
  at: layerNormCases,
};

function batchNormCases(dims: readonly number[]): BenchCase[] {
  const x = [...dims], channel = [dims[1]];
  const right = batchNormed(dims);
  const base = {
    size: sizeText(dims),
    shapes: [x, channel, channel, channel, channel],
    run: ([x, gamma, beta, runningMean, runningVar]: readonly Tensor[]) =>
      batchNorm(x, gamma, beta, { runningMean, runningVar, training: true }),
  };
  return [
    // Statistics read x, normalising reads it and writes.
    opCase({ name: "batch-norm", ...base, bytes: 3 * bytesOf(x), expected: right.at }),
    // The gradient reads g and x twice and writes.
    opCase({
      name: "batch-norm-training",
      ...base,
      bytes: 8 * bytesOf(x),
      gradients: [0, 1, 2],
      expectedGradients: right.gradients,
    }),
  ];
}

const BATCH_NORM: Sizes = {
  tiny: [[3, 5, 6, 7]],
  usual: [[64, 16, 128, 128], [64, 128, 16, 16]],
  large: [[64, 16, 128, 128], [64, 128, 16, 16]],
};

export const batchNormFamily: Family = {
  name: "batch-norm",
  dims: "NxCxHxW",
  check: ([n, , h, w]) => n * h * w > 1 ? null : "batch-norm: needs more than one value a channel",
  cases: (extent) => BATCH_NORM[extent].flatMap(batchNormCases),
  sweep: [16, 32, 64, 128].map((c) => [16, c, 32, 32]),
  at: batchNormCases,
};

function sumCase(dims: readonly number[], axes: readonly number[]): BenchCase {
  const [rows, n] = dims;
  const alongRows = axes.length === 1 && axes[0] === 1;
  return opCase({
    name: "reduce",
    size: sizeText(dims),
    variant: axes.length === 2 ? "all" : alongRows ? "rows" : "columns",
    bytes: bytesOf([...dims]),
    shapes: [[...dims]],
    run: ([x]) => sum(x, { axes }),
    expected([x], i) {
      let total = 0;
      if (axes.length === 2) { for (let j = 0; j < x.length; j++) total += x[j]; }
      else if (alongRows) { for (let j = 0; j < n; j++) total += x[i * n + j]; }
      else for (let j = 0; j < rows; j++) total += x[j * n + i];
      return total;
    },
  });
}

const sumCases = (dims: readonly number[]) => [[0, 1], [1], [0]].map((axes) => sumCase(dims, axes));

const REDUCE: Sizes = { tiny: [[65, 67]], usual: [[4096, 1024]], large: [[65536, 1024]] };

export const reduceFamily: Family = {
  name: "reduce",
  dims: "ROWSxN",
  cases: (extent) => REDUCE[extent].flatMap(sumCases),
  sweep: [64, 1024, 16384].map((n) => [(1 << 22) / n, n]),
  at: sumCases,
};
