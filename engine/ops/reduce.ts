/** Reductions over any axes: sum, mean, maximum, variance, and the place of the maximum. */
import { type Call, defineOp, type TensorSpec } from "../op.ts";
import { formatShape, normalizeAxes, normalizeAxis, reducedShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { grainFor } from "./copy_plan.ts";
import { div, equal, mul, square, sub } from "./elementwise.ts";
import { broadcastTo, reshape } from "./movement.ts";
import {
  aroundAxis,
  cpuReduce,
  gpuReduce,
  type ReduceWork,
  type Reduction,
} from "./reduce_plan.ts";
import { lanesConstants, lanesFor, rowGrid } from "./rows.ts";

/** What is reduced, and what stays of it. */
export interface ReduceOptions {
  /** Axes to reduce, counted from the end where negative; default all. */
  readonly axes?: number | readonly number[];
  /** Keep reduced axes with size 1. */
  readonly keepDims?: boolean;
}

interface ReduceAttrs {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

interface SumAttrs extends ReduceAttrs {
  /** Factor on every sum: 1/n makes a mean. */
  readonly scale: number;
}

function inferReduced(name: string, x: TensorSpec, { axes, keepDims }: ReduceAttrs): TensorSpec[] {
  if (x.dtype !== "f32") throw new Error(`${name}: needs f32, got ${x.dtype}`);
  return [{ shape: reducedShape(x.shape, axes, keepDims), dtype: "f32" }];
}

function workOf(kind: Reduction, call: Call<ReduceAttrs>, scale = 1): ReduceWork {
  const { inputs: [x], outputs: [out], attrs: { axes } } = call;
  return { kind, x: x.memory, out: out.memory, shape: x.shape, axes, scale, scratch: call.scratch };
}

const sumOp = defineOp<SumAttrs>({
  name: "sum",
  infer: ([x], attrs) => inferReduced("sum", x, attrs),
  cpu: (call, caps) => cpuReduce(workOf("sum", call, call.attrs.scale), caps),
  gpu: (call, caps) => gpuReduce(workOf("sum", call, call.attrs.scale), caps),
  backward: ([g], c) => {
    const { axes, scale } = c.attrs;
    const shape = c.inputSpecs[0].shape;
    const kept = reshape(g!, reducedShape(shape, axes, true));
    return [broadcastTo(scale === 1 ? kept : mul(kept, scale), shape)];
  },
});

const maxOp = defineOp<ReduceAttrs>({
  name: "max",
  infer: ([x], attrs) => {
    if (attrs.axes.some((a) => x.shape[a] === 0)) {
      throw new Error(`max: nothing to compare in ${formatShape(x.shape)}`);
    }
    return inferReduced("max", x, attrs);
  },
  cpu: (call, caps) => cpuReduce(workOf("max", call), caps),
  gpu: (call, caps) => gpuReduce(workOf("max", call), caps),
  save: { inputs: [0], outputs: [0] },
  backward: ([g], c) => {
    const x = c.input(0);
    const { axes } = c.attrs;
    const kept = (t: Tensor) => reshape(t, reducedShape(x.shape, axes, true));
    const winners = equal(x, kept(c.output(0)));
    return [mul(winners, div(kept(g!), sum(winners, { axes, keepDims: true })))];
  },
});

const argmaxOp = defineOp<{ readonly axis: number }>({
  name: "argmax",
  infer: ([x], { axis }) => {
    if (x.dtype !== "f32") throw new Error(`argmax: needs f32, got ${x.dtype}`);
    if (x.shape[axis] === 0) throw new Error(`argmax: axis ${axis} of ${formatShape(x.shape)}`);
    return [{ shape: reducedShape(x.shape, [axis], false), dtype: "i32" }];
  },
  cpu: ({ inputs: [x], outputs: [out], attrs }, caps) => {
    const { n, inner } = aroundAxis(x.shape, attrs.axis);
    return [{
      kernel: "argmax",
      buffers: [x.memory, out.memory],
      params: [n, inner],
      items: out.size,
      grain: grainFor(out.size, n, caps),
    }];
  },
  gpu: ({ inputs: [x], outputs: [out], attrs }, caps) => {
    const { n, inner } = aroundAxis(x.shape, attrs.axis);
    const lanes = lanesFor(n, caps);
    return [{
      shader: "argmax",
      constants: lanesConstants(lanes),
      buffers: [x.memory, out.memory],
      params: [out.size, n, inner],
      grid: rowGrid(out.size, lanes),
    }];
  },
  backward: null,
});

function attrsOf(name: string, x: Tensor, options: ReduceOptions): ReduceAttrs {
  return {
    axes: normalizeAxes(name, options.axes, x.rank),
    keepDims: options.keepDims ?? false,
  };
}

const countOf = (shape: Shape, axes: readonly number[]) =>
  axes.reduce((n, axis) => n * shape[axis], 1);

/** Sum over `axes`; a scalar where all are reduced. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  return sumOp.apply([x], { ...attrsOf("sum", x, options), scale: 1 })[0];
}

/** Arithmetic mean over `axes`. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const attrs = attrsOf("mean", x, options);
  return sumOp.apply([x], { ...attrs, scale: 1 / countOf(x.shape, attrs.axes) })[0];
}

/** Largest element over `axes`, NaN where one is. Its gradient is shared equally among equals (`torch.amax`). */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  return maxOp.apply([x], attrsOf("max", x, options))[0];
}

/**
 * Variance over `axes`: squared deviations from the mean, summed and divided by n − `correction`
 * (0 by default: the biased variance; 1 for the sample's, `torch.var`'s default).
 */
export function variance(
  x: Tensor,
  options: ReduceOptions & { readonly correction?: number } = {},
): Tensor {
  const attrs = attrsOf("variance", x, options);
  const n = countOf(x.shape, attrs.axes) - (options.correction ?? 0);
  const deviations = sub(x, mean(x, { axes: attrs.axes, keepDims: true }));
  return sumOp.apply([square(deviations)], { ...attrs, scale: 1 / Math.max(n, 0) })[0];
}

/**
 * Index (i32) of the largest element along `axis`, default the last: the first of equals, as
 * PyTorch. NaN is never chosen. No gradient.
 */
export function argmax(x: Tensor, axis = -1): Tensor {
  return argmaxOp.apply([x], { axis: normalizeAxis("argmax", axis, x.rank) })[0];
}
