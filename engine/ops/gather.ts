/** Rows picked by index, and overlapping frames; each with the sum that is its gradient. */
import { linearGrid } from "../backend.ts";
import { defineOp, type Op, type TensorSpec } from "../op.ts";
import { formatShape, type Shape, sizeOf, stridesOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cpuCopy, gpuCopy, grainFor, planCopy } from "./copy_plan.ts";
import { ownWalk, slice } from "./movement.ts";

type None = Record<string, never>;

/** What a row outside the input becomes: a NaN that shows in every loss, or −1. */
const OUTSIDE = { f32: 0x7fc00000, i32: -1 } as const;

const rowSize = (shape: Shape) => sizeOf(shape.slice(1));

function checkIndices(name: string, indices: TensorSpec): void {
  if (indices.dtype !== "i32" || indices.shape.length !== 1) {
    throw new Error(
      `${name}: indices must be i32 of rank 1, got ${indices.dtype} ${formatShape(indices.shape)}`,
    );
  }
}

const gatherOp: Op<None> = defineOp<None>({
  name: "gather",
  infer: ([x, indices]) => {
    checkIndices("gather", indices);
    if (x.shape.length === 0) throw new Error("gather: a scalar has no rows");
    return [{ shape: [indices.shape[0], ...x.shape.slice(1)], dtype: x.dtype }];
  },
  cpu: ({ inputs: [x, indices], outputs: [out] }, caps) => [{
    kernel: "gather",
    buffers: [x.memory, indices.memory, out.memory],
    params: [x.shape[0], rowSize(x.shape), OUTSIDE[x.dtype === "i32" ? "i32" : "f32"]],
    items: indices.size,
    grain: grainFor(indices.size, rowSize(x.shape), caps),
  }],
  gpu: ({ inputs: [x, indices], outputs: [out] }) => [{
    shader: "gather",
    buffers: [x.memory, indices.memory, out.memory],
    params: [out.size, x.shape[0], rowSize(x.shape), OUTSIDE[x.dtype === "i32" ? "i32" : "f32"]],
    grid: linearGrid(out.size),
  }],
  save: { inputs: [1] },
  backward: ([g], c) => [
    scatterAddOp.apply([g!, c.input(1)], { rows: c.inputSpecs[0].shape[0] })[0],
    null,
  ],
});

/**
 * Rows of `x` [N, …] by i32 `indices` [M] → [M, …], as `x[indices]`. An index outside 0…N−1 gives a
 * row of NaN (−1 for i32): a device cannot throw, and a NaN does not go unnoticed. Throws where
 * `indices` is not i32 of rank 1.
 */
export function gather(x: Tensor, indices: Tensor): Tensor {
  return gatherOp.apply([x, indices], {})[0];
}

/** Indices one GPU invocation looks through at most; see `reduce_plan.ts`. */
const INDICES_A_LAUNCH = 32_768;

const scatterAddOp: Op<{ readonly rows: number }> = defineOp<{ readonly rows: number }>({
  name: "scatterAdd",
  infer: ([g, indices], { rows }) => {
    checkIndices("scatterAdd", indices);
    if (g.dtype !== "f32" || g.shape[0] !== indices.shape[0]) {
      throw new Error(
        `scatterAdd: needs ${indices.shape[0]} rows of f32, got ${g.dtype} ${formatShape(g.shape)}`,
      );
    }
    return [{ shape: [rows, ...g.shape.slice(1)], dtype: "f32" }];
  },
  cpu: ({ inputs: [g, indices], outputs: [out], attrs: { rows } }, { threads }) => {
    const width = rowSize(g.shape);
    return [{
      kernel: "scatterAdd",
      buffers: [g.memory, indices.memory, out.memory],
      params: [rows, indices.size, width],
      items: width,
      grain: Math.max(64, Math.ceil(width / threads)),
    }];
  },
  gpu: ({ inputs: [g, indices], outputs: [out] }) => {
    const launches = Math.max(1, Math.ceil(indices.size / INDICES_A_LAUNCH));
    return Array.from({ length: launches }, (_, i) => ({
      shader: "scatter_add",
      buffers: [g.memory, indices.memory, out.memory],
      params: [
        ...[out.size, rowSize(g.shape), i * INDICES_A_LAUNCH],
        Math.min((i + 1) * INDICES_A_LAUNCH, indices.size),
      ],
      grid: linearGrid(out.size),
    }));
  },
  save: { inputs: [1] },
  backward: ([g], c) => [gatherOp.apply([g!, c.input(1)], {})[0], null],
});

/**
 * The sum, for each of `rows` rows, of the rows of `g` [M, …] whose index names it → [rows, …].
 * Rows are added in their order, so the result is the same every time; indices outside are left out.
 */
export function scatterAdd(g: Tensor, indices: Tensor, rows: number): Tensor {
  return scatterAddOp.apply([g, indices], { rows })[0];
}

/** How a signal is cut into frames. */
export interface FrameAttrs {
  /** Samples of a frame. */
  readonly size: number;
  /** Samples from one frame's start to the next. */
  readonly hop: number;
}

/** Number of whole frames in `length` samples. */
export const frameCount = (length: number, { size, hop }: FrameAttrs): number =>
  length < size ? 0 : 1 + Math.floor((length - size) / hop);

const frameWalk = (x: Shape, { hop }: FrameAttrs) => ({
  strides: [stridesOf(x)[0], hop, 1],
  offset: 0,
});

const frameOp = defineOp<FrameAttrs>({
  name: "frame",
  infer: ([x], attrs) => {
    const { size, hop } = attrs;
    if (x.shape.length !== 2) throw new Error(`frame: needs [B, T], got ${formatShape(x.shape)}`);
    if (!(Number.isInteger(size) && Number.isInteger(hop) && size > 0 && hop > 0)) {
      throw new Error(`frame: size and hop must be positive integers, got ${size} and ${hop}`);
    }
    return [{ shape: [x.shape[0], frameCount(x.shape[1], attrs), size], dtype: x.dtype }];
  },
  cpu: ({ inputs: [x], outputs: [out], attrs }, caps) => {
    const plan = planCopy(out.shape, frameWalk(x.shape, attrs), ownWalk(out.shape));
    return [cpuCopy(plan, x.memory, out.memory, caps)];
  },
  gpu: ({ inputs: [x], outputs: [out], attrs }, caps) => {
    const plan = planCopy(out.shape, frameWalk(x.shape, attrs), ownWalk(out.shape));
    return [gpuCopy(plan, x.memory, out.memory, caps)];
  },
  backward: ([g], { attrs: { hop }, inputSpecs: [{ shape }] }) => [
    overlapAdd(g!, { hop, length: shape[1] }),
  ],
});

/**
 * Overlapping frames of every row: `x` [B, T] → [B, frames, size] with
 * out[b, f, i] = x[b, f·hop + i] and 1 + ⌊(T − size) / hop⌋ frames, without padding
 * (`librosa.util.frame`, frames first).
 */
export function frame(x: Tensor, { size, hop }: FrameAttrs): Tensor {
  return frameOp.apply([x], { size, hop })[0];
}

/** Where frames lie in what `overlapAdd` makes. */
export interface OverlapAttrs {
  /** Samples from one frame's start to the next. */
  readonly hop: number;
  /** Samples of a row. */
  readonly length: number;
}

const overlapAddOp = defineOp<OverlapAttrs>({
  name: "overlapAdd",
  infer: ([g], { hop, length }) => {
    const [batch, frames, size] = g.shape;
    if (
      g.dtype !== "f32" || g.shape.length !== 3 ||
      (frames > 0 && (frames - 1) * hop + size > length)
    ) {
      throw new Error(
        `overlapAdd: ${g.dtype} ${formatShape(g.shape)} frames with hop ${hop} pass ${length}`,
      );
    }
    return [{ shape: [batch, length], dtype: "f32" }];
  },
  cpu: ({ inputs: [g], outputs: [out], attrs: { hop, length } }, caps) => [{
    kernel: "overlapAdd",
    buffers: [g.memory, out.memory],
    params: [g.shape[1], g.shape[2], hop, length],
    items: out.size,
    grain: grainFor(out.size, Math.ceil(g.shape[2] / hop), caps),
  }],
  gpu: ({ inputs: [g], outputs: [out], attrs: { hop, length } }) => [{
    shader: "overlap_add",
    buffers: [g.memory, out.memory],
    params: [out.size, g.shape[1], g.shape[2], hop, length],
    grid: linearGrid(out.size),
  }],
  backward: ([g], { attrs: { hop }, inputSpecs: [{ shape }] }) => {
    const [, frames, size] = shape;
    if (frames === 0) return [null];
    const used = slice(g!, [null, { end: (frames - 1) * hop + size }]);
    return [frame(used, { size, hop })];
  },
});

/**
 * Frames [B, F, size] added up at their places, `hop` apart, into rows of `length`: the inverse walk
 * of `frame`, and its gradient.
 */
export function overlapAdd(g: Tensor, { hop, length }: OverlapAttrs): Tensor {
  return overlapAddOp.apply([g], { hop, length })[0];
}
