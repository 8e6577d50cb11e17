/**
 * Optimiser steps as ops that overwrite trained tensors, and the clip factor they multiply gradients
 * by. The factor stays a tensor of one element on the device, so that clipping waits for no
 * read-back. Sums run in a fixed order: f64 on the CPU, chunks joined in order on the GPU.
 */
import { type CpuLaunch, f32, type GpuLaunch, linearGrid } from "../backend.ts";
import { type Arg, defineOp, type Op, type TensorSpec } from "../op.ts";
import { formatShape, sameShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

export interface SgdAttrs {
  readonly rate: number;
  /** L2 weight decay, added to the gradient. */
  readonly decay: number;
  readonly momentum: number;
  /** Weight of the gradient in the velocity: 1 − dampening, 1 at the first step. */
  readonly weight: number;
  readonly nesterov: boolean;
}

export interface AdamAttrs {
  /** rate / (1 − β1ᵗ). */
  readonly size: number;
  /** 1 / √(1 − β2ᵗ). */
  readonly root: number;
  readonly eps: number;
  readonly beta1: number;
  readonly beta2: number;
  /** L2 weight decay, added to the gradient (Adam). */
  readonly decay: number;
  /** Factor on the weights before the step: 1 − rate · decay in AdamW, else 1. */
  readonly shrink: number;
  /** t, which counts if the scale of the gradients says how many steps were skipped. */
  readonly count: number;
}

function checkStep(name: string, inputs: readonly TensorSpec[], slots: readonly number[]): [] {
  const [w, , scale] = inputs;
  for (const i of slots) {
    if (!sameShape(inputs[i].shape, w.shape)) {
      throw new Error(
        `${name}: a tensor and its gradient or state differ (${formatShape(w.shape)} and ${
          formatShape(inputs[i].shape)
        })`,
      );
    }
  }
  if (scale.dtype === "f32" && sizeOf(scale.shape) > 0) return [];
  throw new Error(`${name}: the gradient scale must be an f32 tensor of at least one value`);
}

const sgdOp: Op<SgdAttrs> = defineOp<SgdAttrs>({
  name: "sgd",
  infer: (inputs) => checkStep("sgd", inputs, inputs.length > 3 ? [1, 3] : [1]),
  cpu: ({ inputs, attrs, scratch }) => [{
    kernel: "sgd",
    buffers: withVelocity(inputs, scratch),
    params: sgdParams(attrs),
    items: inputs[0].size,
  }],
  gpu: ({ inputs, attrs, scratch }) => [{
    shader: "sgd",
    buffers: withVelocity(inputs, scratch),
    params: [inputs[0].size, ...sgdParams(attrs)],
    grid: linearGrid(inputs[0].size),
  }],
  mutates: [0, 3],
  backward: null,
});

function withVelocity(inputs: readonly Arg[], scratch: (elements: number) => Arg["memory"]) {
  const buffers = inputs.map((t) => t.memory);
  return inputs.length > 3 ? buffers : [...buffers, scratch(1)];
}

function sgdParams({ rate, decay, momentum, weight, nesterov }: SgdAttrs) {
  return [...[rate, decay, momentum, weight].map(f32), Number(nesterov)];
}

const adamOp: Op<AdamAttrs> = defineOp<AdamAttrs>({
  name: "adam",
  infer: (inputs) => checkStep("adam", inputs, [1, 3, 4]),
  cpu: ({ inputs, attrs }) => [{
    kernel: "adam",
    buffers: inputs.map((t) => t.memory),
    params: adamParams(attrs, inputs[2]),
    items: inputs[0].size,
  }],
  gpu: ({ inputs, attrs }) => [{
    shader: "adam",
    buffers: inputs.map((t) => t.memory),
    params: [inputs[0].size, ...adamParams(attrs, inputs[2])],
    grid: linearGrid(inputs[0].size),
  }],
  mutates: [0, 3, 4],
  backward: null,
});

function adamParams(attrs: AdamAttrs, scale: TensorSpec) {
  const { size, root, eps, beta1, beta2, decay, shrink, count } = attrs;
  return [
    ...[size, root, eps, 1 - beta1, beta2, 1 - beta2, decay, shrink].map(f32),
    sizeOf(scale.shape) > 2 ? count : 0,
    ...[beta1, beta2].map((beta) => f32(Math.log(beta))),
  ];
}

/** Elements a partial sum covers: fixed, so that the norm's bits do not depend on threads. */
const CHUNK = 4096;

const gradNormOp = defineOp<{ readonly maxNorm: number }>({
  name: "gradNormScale",
  infer: (inputs) => {
    const wrong = inputs.find(({ dtype }) => dtype !== "f32");
    if (wrong) throw new Error(`gradNormScale: needs f32, got ${wrong.dtype}`);
    return [{ shape: [2], dtype: "f32" }];
  },
  cpu: ({ inputs, outputs: [out], attrs, scratch }) => {
    const { slots, chunks, total } = planSlots(inputs);
    const partial = scratch(total * 2);
    const sums = inputs.map((x, i): CpuLaunch => ({
      kernel: "sumSquares",
      buffers: [x.memory, partial],
      params: [x.size, CHUNK, slots[i]],
      items: chunks[i],
      work: CHUNK,
    }));
    const buffers = [partial, out.memory];
    const params = [total, f32(attrs.maxNorm)];
    return [...sums, { kernel: "clipScale", buffers, params, items: 1 }];
  },
  gpu: ({ inputs, outputs: [out], attrs, scratch }) => {
    const { slots, chunks, total } = planSlots(inputs);
    const partial = scratch(total);
    const sums = inputs.map((x, i): GpuLaunch => ({
      shader: "sum_squares",
      buffers: [x.memory, partial],
      params: [x.size, CHUNK, slots[i], chunks[i]],
      grid: linearGrid(chunks[i], 1),
    }));
    const buffers = [partial, out.memory];
    const params = [total, f32(attrs.maxNorm)];
    return [...sums, { shader: "clip_scale", buffers, params, grid: [1, 1, 1] }];
  },
  backward: null,
});

/** Where each tensor's partial sums lie, one slot a chunk. */
function planSlots(inputs: readonly Arg[]) {
  const chunks = inputs.map((x) => Math.ceil(x.size / CHUNK));
  const slots: number[] = [];
  let total = 0;
  for (const n of chunks) {
    slots.push(total);
    total += n;
  }
  return { slots, chunks, total };
}

/**
 * One step of stochastic gradient descent on `weights`, as torch.optim.SGD. The gradient is
 * multiplied by the first value of `scale`, and one below 0 skips the step; `velocity` is needed with
 * momentum.
 */
export function sgdStep(
  tensors: { weights: Tensor; grad: Tensor; scale: Tensor; velocity?: Tensor },
  attrs: SgdAttrs,
): void {
  const { weights, grad, scale, velocity } = tensors;
  if (attrs.momentum !== 0 && !velocity) throw new Error("sgd: momentum needs a velocity");
  sgdOp.apply([weights, grad, scale, ...velocity ? [velocity] : []], attrs);
}

/**
 * One step of Adam or AdamW on `weights`, as torch.optim's; `m` and `v` are its moments. `scale` as for
 * `sgdStep`; one of three values says in the third how many of `count` steps were skipped.
 */
export function adamStep(
  tensors: { weights: Tensor; grad: Tensor; scale: Tensor; m: Tensor; v: Tensor },
  attrs: AdamAttrs,
): void {
  const { weights, grad, scale, m, v } = tensors;
  adamOp.apply([weights, grad, scale, m, v], attrs);
}

/**
 * What clipping needs of all gradients together, [2]: the factor min(1, maxNorm / (norm + 1e-6))
 * that brings their 2-norm to `maxNorm` at most, then the norm itself
 * (torch.nn.utils.clip_grad_norm_). NaN stays NaN. Throws where there is no gradient.
 */
export function gradNormScale(grads: readonly Tensor[], maxNorm: number): Tensor {
  if (grads.length === 0) throw new Error("gradNormScale: there is no gradient");
  return gradNormOp.apply(grads, { maxNorm })[0];
}
