/**
 * Convolution over time of sequences with channels last, [B, T, C], and its gradients. In this layout
 * a window of the input is a run of adjacent values, so that all three are matrix products whose
 * operands overlap; nothing is unfolded in memory.
 */
import { type Arg, defineOp, type TensorSpec } from "../op.ts";
import { formatShape, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { like, operand, operandType } from "./cast.ts";
import { cpuConv1d, cpuConv1dWeight } from "./conv1d_cpu.ts";
import { gpuConv1d, gpuConv1dWeight } from "./conv1d_gpu.ts";
import { type Conv1dAttrs, forwardPlan, inputGradientPlans } from "./conv1d_plan.ts";
import { sum } from "./reduce.ts";

/** How the taps move over the sequence. */
export interface Conv1dOptions {
  /** Default 1. */
  readonly stride?: number;
  /** Zeros on each side, or before and after; default 0. */
  readonly padding?: number | readonly [number, number];
  /** Distance between taps; default 1. */
  readonly dilation?: number;
  /** Channels are split into as many independent groups; default 1. */
  readonly groups?: number;
  /** One number an output channel, added. */
  readonly bias?: Tensor;
}

function attrsOf(options: Conv1dOptions): Conv1dAttrs {
  const whole = (what: string, n: number, least: number): number => {
    if (Number.isInteger(n) && n >= least) return n;
    throw new Error(`conv1d: ${what} must be whole and at least ${least}, got ${n}`);
  };
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const [before, after] = typeof padding === "number" ? [padding, padding] : padding;
  return {
    stride: whole("stride", stride, 1),
    padding: [whole("padding", before, 0), whole("padding", after, 0)],
    dilation: whole("dilation", dilation, 1),
    groups: whole("groups", groups, 1),
  };
}

/** Shape of the convolution of x with w; throws where they do not fit. */
function outputShape(x: TensorSpec, w: TensorSpec, attrs: Conv1dAttrs): Shape {
  const { stride, padding: [before, after], dilation, groups } = attrs;
  operandType("conv1d", [x, w]);
  if (x.shape.length !== 3 || w.shape.length !== 3) {
    throw new Error(
      `conv1d: needs x [B, T, C] and weights [O, C/groups, K], got ${formatShape(x.shape)} and ${
        formatShape(w.shape)
      }`,
    );
  }
  const [batch, length, channels] = x.shape;
  const [outputs, per, taps] = w.shape;
  if (channels !== per * groups || outputs % groups !== 0) {
    throw new Error(
      `conv1d: channels differ (input ${formatShape(x.shape)}, weights ${
        formatShape(w.shape)
      }, groups ${groups})`,
    );
  }
  const count = Math.floor((length + before + after - dilation * (taps - 1) - 1) / stride) + 1;
  if (taps < 1 || count < 1) {
    throw new Error(
      `conv1d: ${taps} taps, ${dilation} apart, do not fit ${length} times padded by ${before} and ${after}`,
    );
  }
  return [batch, count, outputs];
}

/** What is convolved, as launches take it. */
const inputOf = (x: Arg) => ({ half: x.dtype === "f16", x: x.memory });

const convOp = defineOp<Conv1dAttrs>({
  name: "conv1d",
  infer: ([x, w, bias], attrs) => {
    const shape = outputShape(x, w, attrs);
    if (bias && (bias.dtype !== "f32" || !sameShape(bias.shape, [shape[2]]))) {
      throw new Error(
        `conv1d: the bias must be f32 ${shape[2]}, got ${bias.dtype} ${formatShape(bias.shape)}`,
      );
    }
    return [{ shape, dtype: "f32" }];
  },
  cpu: ({ inputs: [x, w, bias], outputs: [out], attrs, scratch }, caps) => {
    const plan = forwardPlan(x.shape, w.shape, out.shape, attrs);
    const buffers = { ...inputOf(x), w: w.memory, bias: bias?.memory, out: out.memory, scratch };
    return cpuConv1d(plan, buffers, caps);
  },
  gpu: ({ inputs: [x, w, bias], outputs: [out], attrs, scratch }, caps) => {
    const plan = forwardPlan(x.shape, w.shape, out.shape, attrs);
    const buffers = { ...inputOf(x), w: w.memory, bias: bias?.memory, out: out.memory, scratch };
    return gpuConv1d(plan, buffers, caps);
  },
  half: true,
  save: { inputs: [0, 1] },
  backward: ([g], c) => {
    const [x, w, bias] = c.inputSpecs;
    const h = like(x, g!);
    const dx = c.wants(0)
      ? inputOp.apply([h, c.input(1)], { ...c.attrs, length: x.shape[1] })[0]
      : null;
    const dw = c.wants(1)
      ? weightOp.apply([c.input(0), h], { ...c.attrs, taps: w.shape[2] })[0]
      : null;
    return bias ? [dx, dw, c.wants(2) ? sum(g!, { axes: [0, 1] }) : null] : [dx, dw];
  },
});

/** Gradient of the input, `length` times long, from the output's gradient and the weights. */
const inputOp = defineOp<Conv1dAttrs & { readonly length: number }>({
  name: "conv1dInput",
  infer: ([g, w], { length, groups }) => [
    { shape: [g.shape[0], length, w.shape[1] * groups], dtype: "f32" },
  ],
  cpu: ({ inputs: [g, w], outputs: [out], attrs, scratch }, caps) => {
    const buffers = { ...inputOf(g), w: w.memory, out: out.memory, scratch };
    return inputGradientPlans(g.shape, w.shape, out.shape, attrs)
      .flatMap((plan) => cpuConv1d(plan, buffers, caps));
  },
  gpu: ({ inputs: [g, w], outputs: [out], attrs, scratch }, caps) => {
    const buffers = { ...inputOf(g), w: w.memory, out: out.memory, scratch };
    return inputGradientPlans(g.shape, w.shape, out.shape, attrs)
      .flatMap((plan) => gpuConv1d(plan, buffers, caps));
  },
  half: true,
  backward: null,
});

/** Gradient of the weights from the input and the output's gradient. */
const weightOp = defineOp<Conv1dAttrs & { readonly taps: number }>({
  name: "conv1dWeight",
  infer: ([x, g], { groups, taps }) => [
    { shape: [g.shape[2], x.shape[2] / groups, taps], dtype: "f32" },
  ],
  cpu: ({ inputs: [x, g], outputs: [out], attrs, scratch }, caps) => {
    const plan = forwardPlan(x.shape, out.shape, g.shape, attrs);
    return cpuConv1dWeight(plan, { ...inputOf(x), g: g.memory, out: out.memory, scratch }, caps);
  },
  gpu: ({ inputs: [x, g], outputs: [out], attrs, scratch }, caps) => {
    const plan = forwardPlan(x.shape, out.shape, g.shape, attrs);
    return gpuConv1dWeight(plan, { ...inputOf(x), g: g.memory, out: out.memory, scratch }, caps);
  },
  half: true,
  backward: null,
});

/**
 * Cross-correlation over time of x [B, T, C] with w [O, C/groups, K] → [B, T', O], T' =
 * ⌊(T + before + after − dilation·(K − 1) − 1) / stride⌋ + 1: `torch.nn.functional.conv1d` with
 * channels last in input and output. Throws where channels differ or the taps do not fit.
 */
export function conv1d(x: Tensor, w: Tensor, options: Conv1dOptions = {}): Tensor {
  const inputs = [operand(x), operand(w), ...options.bias ? [options.bias] : []];
  return convOp.apply(inputs, attrsOf(options))[0];
}
