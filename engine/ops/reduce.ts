/** Reductions over any axes. */
import { linearGrid, type Param } from "../backend.ts";
import { defineOp } from "../op.ts";
import { normalizeAxes, reducedShape, type Shape, stridesOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { full } from "./create.ts";
import { mul } from "./elementwise.ts";
import { reshape } from "./movement.ts";

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

/** Sizes and strides of the kept and the reduced axes, innermost first, as the kernels walk them. */
function planReduce(shape: Shape, axes: readonly number[]): { params: Param[]; reduced: number } {
  const strides = stridesOf(shape);
  const pick = (reduced: boolean) =>
    shape.map((size, i) => ({ size, stride: strides[i], i }))
      .filter(({ i }) => axes.includes(i) === reduced).reverse();
  const kept = pick(false);
  const gone = pick(true);
  const params: Param[] = [kept.length, gone.length];
  for (const d of [...kept, ...gone]) params.push(d.size, d.stride);
  return { params, reduced: gone.reduce((n, d) => n * d.size, 1) };
}

const sumOp = defineOp<ReduceAttrs>({
  name: "sum",
  infer: ([x], { axes, keepDims }) => [
    { shape: reducedShape(x.shape, axes, keepDims), dtype: "f32" },
  ],
  cpu: ({ inputs: [x], outputs: [out], attrs }) => {
    const { params, reduced } = planReduce(x.shape, attrs.axes);
    return [{
      kernel: "sum",
      buffers: [x.memory, out.memory],
      params: [reduced, ...params],
      items: out.size,
    }];
  },
  gpu: ({ inputs: [x], outputs: [out], attrs }) => {
    const { params, reduced } = planReduce(x.shape, attrs.axes);
    const words: Param[] = [out.size, reduced, params[0], params[1]];
    for (let i = 0; i < 8; i++) words.push(params[2 + 2 * i] ?? 1, params[3 + 2 * i] ?? 0, 0, 0);
    return [{
      shader: "reduce",
      buffers: [x.memory, out.memory],
      params: words,
      grid: linearGrid(out.size),
    }];
  },
  backward: ([g], c) => {
    const { axes } = c.attrs;
    const shape = c.inputSpecs[0].shape;
    const kept = reshape(g!, reducedShape(shape, axes, true));
    return [mul(kept, full(g!.device, shape, 1))];
  },
});

/** Sum over `axes`; a scalar where all are reduced. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  const axes = normalizeAxes("sum", options.axes, x.rank);
  return sumOp.apply([x], { axes, keepDims: options.keepDims ?? false })[0];
}
