/**
 * Ops that move or rename elements and compute nothing. Tensors are always contiguous, so all but
 * `reshape` copy; most are one strided walk (`copy_plan.ts`). f32 and i32 alike unless said.
 */
import { f32, linearGrid } from "../backend.ts";
import { defineOp, type Op, type OpSpec } from "../op.ts";
import {
  broadcastStrides,
  formatShape,
  normalizeAxis,
  resolveShape,
  type Shape,
  stridesOf,
} from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { cpuCopy, gpuCopy, planCopy, type Walk } from "./copy_plan.ts";

/** The walk over a tensor's own elements in order, from an offset. */
export const ownWalk = (shape: Shape, offset = 0): Walk => ({ strides: stridesOf(shape), offset });

/**
 * The same elements under another shape; one dimension may be −1. Costs nothing: both tensors share
 * one storage. Throws where the sizes differ.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const { device } = x;
  const out = new Tensor(
    device,
    x.storage.retain(),
    resolveShape("reshape", x.shape, shape),
    x.dtype,
  );
  if (device.tape.recording && x.needsGrad) {
    out.tracked = true;
    device.tape.push({
      op: "reshape",
      inputs: [x],
      wants: [true],
      outputIds: [out.id],
      backward: ([g]) => [reshape(g!, x.shape)],
      release() {},
    });
  }
  return out;
}

/** An op whose output is a strided walk over its input. */
function defineView<A>(
  name: string,
  shapeOf: (x: Shape, attrs: A) => number[],
  walk: (x: Shape, attrs: A) => Walk,
  backward: OpSpec<A>["backward"],
): Op<A> {
  return defineOp<A>({
    name,
    infer: ([x], attrs) => [{ shape: shapeOf(x.shape, attrs), dtype: x.dtype }],
    cpu: ({ inputs: [x], outputs: [out], attrs }, caps) => {
      const plan = planCopy(out.shape, walk(x.shape, attrs), ownWalk(out.shape));
      return [cpuCopy(plan, x.memory, out.memory, caps)];
    },
    gpu: ({ inputs: [x], outputs: [out], attrs }, caps) => {
      const plan = planCopy(out.shape, walk(x.shape, attrs), ownWalk(out.shape));
      return [gpuCopy(plan, x.memory, out.memory, caps)];
    },
    backward,
  });
}

const transposeOp = defineView<{ readonly axes: readonly number[] }>(
  "transpose",
  (x, { axes }) => axes.map((a) => x[a]),
  (x, { axes }) => ({ strides: axes.map((a) => stridesOf(x)[a]), offset: 0 }),
  ([g], { attrs: { axes } }) => [transpose(g!, axes.map((_, i) => axes.indexOf(i)))],
);

/** Axes in another order, `axes[i]` becoming axis i; default: all reversed. (`np.transpose`) */
export function transpose(x: Tensor, axes?: readonly number[]): Tensor {
  const order = axes?.map((a) => normalizeAxis("transpose", a, x.rank)) ??
    x.shape.map((_, i) => x.rank - 1 - i);
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    throw new Error(`transpose: [${axes}] does not name each axis of ${formatShape(x.shape)} once`);
  }
  return transposeOp.apply([x], { axes: order })[0];
}

const broadcastOp = defineView<{ readonly shape: Shape }>(
  "broadcastTo",
  (x, { shape }) => {
    const lead = shape.length - x.length;
    if (lead < 0 || x.some((d, i) => d !== 1 && d !== shape[lead + i])) {
      throw new Error(
        `broadcastTo: ${formatShape(x)} does not broadcast to ${formatShape(shape)}`,
      );
    }
    return [...shape];
  },
  (x, { shape }) => ({ strides: broadcastStrides(x, shape), offset: 0 }),
  ([g]) => [g], // autograd sums over what was stretched
);

/** x repeated along its axes of size 1, and along new leading ones, to `shape`. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return broadcastOp.apply([x], { shape })[0];
}

interface SliceAttrs {
  readonly begin: readonly number[];
  readonly step: readonly number[];
  /** Shape of the slice. */
  readonly shape: Shape;
}

/** The walk of a slice over the whole it is part of. */
function sliceWalk(whole: Shape, { begin, step }: SliceAttrs): Walk {
  const strides = stridesOf(whole);
  return {
    strides: strides.map((s, i) => s * step[i]),
    offset: strides.reduce((at, s, i) => at + s * begin[i], 0),
  };
}

const sliceOp: Op<SliceAttrs> = defineView<SliceAttrs>(
  "slice",
  (_, { shape }) => [...shape],
  sliceWalk,
  ([g], { attrs, inputSpecs: [{ shape: whole }] }) => [
    embedOp.apply([g!], { ...attrs, whole, value: 0 })[0],
  ],
);

/** Part of one axis: elements begin, begin + step, … before end; both count from the end where negative. */
export interface Range {
  /** First element; default 0. */
  readonly begin?: number;
  /** One past the last; default the axis's size. */
  readonly end?: number;
  /** At least 1, the default. */
  readonly step?: number;
}

/**
 * Part of a tensor, a range an axis (missing ones whole), as `x[begin:end:step]` with step ≥ 1.
 * Bounds past an axis are cut to it.
 */
export function slice(x: Tensor, ranges: readonly (Range | null)[]): Tensor {
  if (ranges.length > x.rank) {
    throw new Error(`slice: ${ranges.length} ranges for ${formatShape(x.shape)}`);
  }
  const parts = x.shape.map((size, i) => {
    const { begin = 0, end = size, step = 1 } = ranges[i] ?? {};
    if (![begin, end, step].every(Number.isInteger) || step < 1) {
      throw new Error(`slice: axis ${i} needs integers and a step of 1 or more, got step ${step}`);
    }
    const clamp = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
    const first = clamp(begin);
    return { first, step, count: Math.max(0, Math.ceil((clamp(end) - first) / step)) };
  });
  return sliceOp.apply([x], {
    begin: parts.map((p) => p.first),
    step: parts.map((p) => p.step),
    shape: parts.map((p) => p.count),
  })[0];
}

interface EmbedAttrs extends SliceAttrs {
  /** Shape of the whole that the input becomes a slice of. */
  readonly whole: Shape;
  /** Value of every other element. */
  readonly value: number;
}

const embedOp: Op<EmbedAttrs> = defineOp<EmbedAttrs>({
  name: "embed",
  infer: ([x], { whole }) => {
    if (x.dtype !== "f32") throw new Error(`pad: needs f32, got ${x.dtype}`);
    return [{ shape: [...whole], dtype: "f32" }];
  },
  cpu: ({ inputs: [x], outputs: [out], attrs }, caps) => {
    const plan = planCopy(x.shape, ownWalk(x.shape), sliceWalk(out.shape, attrs));
    return [
      { kernel: "fill", buffers: [out.memory], params: [f32(attrs.value)], items: out.size },
      cpuCopy(plan, x.memory, out.memory, caps),
    ];
  },
  gpu: ({ inputs: [x], outputs: [out], attrs }, caps) => {
    const plan = planCopy(x.shape, ownWalk(x.shape), sliceWalk(out.shape, attrs));
    const fill = {
      shader: "fill",
      buffers: [out.memory],
      params: [out.size, f32(attrs.value)],
      grid: linearGrid(out.size),
    };
    return x.size === 0 ? [fill] : [fill, gpuCopy(plan, x.memory, out.memory, caps)];
  },
  backward: ([g], { attrs: { begin, step, shape } }) => [
    sliceOp.apply([g!], { begin, step, shape })[0],
  ],
});

/** `x` with `[before, after]` elements of `value` (default 0) added along each axis. f32. */
export function pad(
  x: Tensor,
  widths: readonly (readonly [number, number])[],
  value = 0,
): Tensor {
  if (widths.length !== x.rank || widths.flat().some((w) => !Number.isInteger(w) || w < 0)) {
    throw new Error(
      `pad: ${formatShape(x.shape)} needs ${x.rank} pairs of non-negative integers, got ${
        JSON.stringify(widths)
      }`,
    );
  }
  return embedOp.apply([x], {
    begin: widths.map(([before]) => before),
    step: widths.map(() => 1),
    shape: x.shape,
    whole: x.shape.map((d, i) => d + widths[i][0] + widths[i][1]),
    value,
  })[0];
}

const concatOp = defineOp<{ readonly axis: number }>({
  name: "concat",
  infer: (inputs, { axis }) => {
    const [first] = inputs;
    let size = 0;
    for (const { shape, dtype } of inputs) {
      const fits = dtype === first.dtype && shape.length === first.shape.length &&
        shape.every((d, i) => i === axis || d === first.shape[i]);
      if (!fits) {
        throw new Error(
          `concat: ${dtype} ${formatShape(shape)} does not join ${first.dtype} ${
            formatShape(first.shape)
          } along axis ${axis}`,
        );
      }
      size += shape[axis];
    }
    return [{ shape: first.shape.map((d, i) => i === axis ? size : d), dtype: first.dtype }];
  },
  cpu: ({ inputs, outputs: [out], attrs: { axis } }, caps) =>
    offsetsAlong(inputs.map((x) => x.shape), axis).flatMap((at, i) => {
      const { shape, memory, size } = inputs[i];
      const to = ownWalk(out.shape, at * stridesOf(out.shape)[axis]);
      return size ? [cpuCopy(planCopy(shape, ownWalk(shape), to), memory, out.memory, caps)] : [];
    }),
  gpu: ({ inputs, outputs: [out], attrs: { axis } }, caps) =>
    offsetsAlong(inputs.map((x) => x.shape), axis).flatMap((at, i) => {
      const { shape, memory, size } = inputs[i];
      const to = ownWalk(out.shape, at * stridesOf(out.shape)[axis]);
      return size ? [gpuCopy(planCopy(shape, ownWalk(shape), to), memory, out.memory, caps)] : [];
    }),
  backward: ([g], { attrs: { axis }, inputSpecs, wants }) =>
    offsetsAlong(inputSpecs.map((x) => x.shape), axis).map((begin, i) => {
      if (!wants(i)) return null;
      const range = { begin, end: begin + inputSpecs[i].shape[axis] };
      return slice(g!, inputSpecs[i].shape.map((_, a) => a === axis ? range : null));
    }),
});

function offsetsAlong(shapes: readonly Shape[], axis: number): number[] {
  let at = 0;
  return shapes.map((s) => (at += s[axis]) - s[axis]);
}

/** Tensors joined along `axis` (default 0); all other sizes must agree. */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  if (tensors.length === 0) throw new Error("concat: needs at least one tensor");
  return concatOp.apply(tensors, { axis: normalizeAxis("concat", axis, tensors[0].rank) })[0];
}
