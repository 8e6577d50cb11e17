/**
 * Two-dimensional convolution and its transpose. Each is the other's gradient with respect to its
 * input, and they share the gradient of the weights, so three kernels serve both.
 */
import { type Arg, type BackwardContext, defineOp, type Op, type TensorSpec } from "../op.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { like, operand, operandType } from "./cast.ts";
import { cpuConv, cpuConvWeight } from "./conv_cpu.ts";
import { gpuConv, gpuConvWeight } from "./conv_gpu.ts";
import {
  type ConvAttrs,
  type ConvBuffers,
  type ConvWeightBuffers,
  forwardPlan,
  inputGradientPlans,
  type Pair,
} from "./conv_plan.ts";
import { reluGrad } from "./elementwise.ts";
import { sum } from "./reduce.ts";

/** How the taps move over the input. */
export interface Conv2dOptions {
  /** One number, or rows and columns; default 1. */
  readonly stride?: number | Pair;
  /** Zeros on each side; default 0. */
  readonly padding?: number | Pair;
  /** Distance between taps; default 1. */
  readonly dilation?: number | Pair;
  /** Channels are split into as many independent groups; default 1. */
  readonly groups?: number;
  /** One number an output channel, added. */
  readonly bias?: Tensor;
}

function attrsOf(name: string, options: Conv2dOptions): ConvAttrs {
  const pair = (what: string, v: number | Pair, least: number): Pair => {
    const [y, x] = typeof v === "number" ? [v, v] : v;
    if (![y, x].every((n) => Number.isInteger(n) && n >= least)) {
      throw new Error(`${name}: ${what} must be whole and at least ${least}, got [${y}, ${x}]`);
    }
    return [y, x];
  };
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  return {
    stride: pair("stride", stride, 1),
    padding: pair("padding", padding, 0),
    dilation: pair("dilation", dilation, 1),
    groups: pair("groups", groups, 1)[0],
  };
}

function check4(name: string, x: TensorSpec, w: TensorSpec): void {
  if (x.shape.length !== 4 || w.shape.length !== 4) {
    throw new Error(
      `${name}: needs an input and weights of 4 axes, got ${formatShape(x.shape)} and ${
        formatShape(w.shape)
      }`,
    );
  }
}

function checkBias(name: string, bias: TensorSpec | undefined, outputs: number): void {
  if (bias && (bias.dtype !== "f32" || bias.shape.length !== 1 || bias.shape[0] !== outputs)) {
    throw new Error(
      `${name}: the bias must be f32 ${outputs}, got ${bias.dtype} ${formatShape(bias.shape)}`,
    );
  }
}

/** Shape of the convolution of x with w; throws where they do not fit. */
function convShape(name: string, x: TensorSpec, w: TensorSpec, attrs: ConvAttrs): Shape {
  check4(name, x, w);
  operandType(name, [x, w]);
  const [n, c, ...size] = x.shape;
  const [o, per, ...taps] = w.shape;
  const { groups } = attrs;
  if (c !== per * groups || o % groups !== 0) {
    throw new Error(
      `${name}: channels differ (input ${formatShape(x.shape)}, weights ${
        formatShape(w.shape)
      }, groups ${groups})`,
    );
  }
  const out = size.map((d, i) => {
    const reach = (taps[i] - 1) * attrs.dilation[i] + 1;
    return Math.floor((d + 2 * attrs.padding[i] - reach) / attrs.stride[i]) + 1;
  });
  if (out.some((d) => d < 1)) {
    throw new Error(
      `${name}: ${formatShape(taps)} taps do not fit an input of ${formatShape(size)} ` +
        `padded by ${formatShape(attrs.padding)}`,
    );
  }
  return [n, o, ...out];
}

type Scratch = ConvBuffers["scratch"];

function buffersOf(
  [x, w, bias]: readonly [Arg, Arg, Arg | undefined],
  out: Arg,
  scratch: Scratch,
): ConvBuffers {
  const half = x.dtype === "f16";
  return { half, x: x.memory, w: w.memory, bias: bias?.memory, out: out.memory, scratch };
}

function weightBuffersOf(
  [x, g]: readonly [Arg, Arg],
  [weights, biases]: readonly [Arg, Arg],
  scratch: Scratch,
): ConvWeightBuffers {
  const half = x.dtype === "f16";
  return {
    ...{ half, x: x.memory, g: g.memory, weights: weights.memory, biases: biases.memory },
    scratch,
  };
}

function defineConv(name: string, relu: boolean): Op<ConvAttrs> {
  return defineOp<ConvAttrs>({
    name,
    infer: ([x, w, bias], attrs) => {
      const shape = convShape("conv2d", x, w, attrs);
      checkBias("conv2d", bias, shape[1]);
      return [{ shape, dtype: "f32" }];
    },
    cpu: ({ inputs: [x, w, bias], outputs: [out], attrs, scratch }, caps) => {
      const plan = forwardPlan(x.shape, w.shape, out.shape, attrs);
      const buffers = buffersOf([x, w, bias], out, scratch);
      return cpuConv(plan, buffers, { caps, relu });
    },
    gpu: ({ inputs: [x, w, bias], outputs: [out], attrs, scratch }, caps) => {
      const plan = forwardPlan(x.shape, w.shape, out.shape, attrs);
      const buffers = buffersOf([x, w, bias], out, scratch);
      return gpuConv(plan, buffers, { caps, relu });
    },
    half: true,
    save: { inputs: [0, 1], outputs: relu ? [0] : [] },
    backward: ([g], c) => convGradients(relu ? reluGrad(g!, c.output(0)) : g!, c),
  });
}

const convOp = defineConv("conv2d", false);
const convReluOp = defineConv("conv2dRelu", true);

/**
 * Cross-correlation of x [N, C, H, W] with w [O, C/groups, KH, KW] → [N, O, OH, OW], as
 * torch.nn.functional.conv2d; `relu` clips the result below at 0 in the same pass.
 */
export function conv2d(
  x: Tensor,
  w: Tensor,
  options: Conv2dOptions & { readonly relu?: boolean } = {},
): Tensor {
  const attrs = attrsOf("conv2d", options);
  const inputs = [operand(x), operand(w), ...options.bias ? [options.bias] : []];
  return (options.relu ? convReluOp : convOp).apply(inputs, attrs)[0];
}

function convGradients(g: Tensor, c: BackwardContext<ConvAttrs>): (Tensor | null)[] {
  const [x] = c.inputSpecs;
  const { attrs } = c;
  const h = like(x, g);
  const dx = c.wants(0)
    ? transposeOp.apply([h, c.input(1)], { ...attrs, size: [x.shape[2], x.shape[3]] })[0]
    : null;
  const needed = c.wants(1) || (c.inputSpecs.length > 2 && c.wants(2));
  const taps: Pair = [c.inputSpecs[1].shape[2], c.inputSpecs[1].shape[3]];
  const [dw, db] = needed ? weightOp.apply([c.input(0), h], { ...attrs, taps }) : [null, null];
  return c.inputSpecs.length > 2 ? [dx, dw, db] : [dx, dw];
}

interface TransposeAttrs extends ConvAttrs {
  /** Rows and columns of the result: several fit where the stride is past 1. */
  readonly size: Pair;
}

const transposeOp = defineOp<TransposeAttrs>({
  name: "convTranspose2d",
  infer: ([g, w, bias], attrs) => {
    const name = "convTranspose2d";
    check4(name, g, w);
    const shape = [g.shape[0], w.shape[1] * attrs.groups, ...attrs.size];
    // It is right if a convolution of the result gives back the input's shape.
    const back = convShape(name, { shape, dtype: g.dtype }, w, attrs);
    if (back.some((d, i) => d !== g.shape[i])) {
      throw new Error(
        `${name}: channels differ (input ${formatShape(g.shape)}, weights ${formatShape(w.shape)})`,
      );
    }
    checkBias(name, bias, shape[1]);
    return [{ shape, dtype: "f32" }];
  },
  cpu: ({ inputs: [g, w, bias], outputs: [out], attrs, scratch }, caps) => {
    const buffers = buffersOf([g, w, bias], out, scratch);
    return inputGradientPlans(g.shape, w.shape, out.shape, attrs)
      .flatMap((plan) => cpuConv(plan, buffers, { caps, relu: false }));
  },
  gpu: ({ inputs: [g, w, bias], outputs: [out], attrs, scratch }, caps) => {
    const buffers = buffersOf([g, w, bias], out, scratch);
    return inputGradientPlans(g.shape, w.shape, out.shape, attrs)
      .flatMap((plan) => gpuConv(plan, buffers, { caps, relu: false }));
  },
  half: true,
  save: { inputs: [0, 1] },
  backward: ([g], c) => {
    const { size: _, ...attrs } = c.attrs;
    const taps: Pair = [c.inputSpecs[1].shape[2], c.inputSpecs[1].shape[3]];
    const h = like(c.inputSpecs[0], g!);
    const grads: (Tensor | null)[] = [
      c.wants(0) ? convOp.apply([h, c.input(1)], attrs)[0] : null,
      c.wants(1) ? weightOp.apply([h, c.input(0)], { ...attrs, taps })[0] : null,
    ];
    if (c.inputSpecs.length > 2) grads.push(c.wants(2) ? sum(g!, { axes: [0, 2, 3] }) : null);
    return grads;
  },
});

/**
 * Transposed convolution of x [N, C, H, W] with w [C, O/groups, KH, KW] → [N, O, OH, OW], as
 * torch.nn.functional.conv_transpose2d: OH = (H − 1)·stride − 2·padding + dilation·(KH − 1) +
 * outputPadding + 1. Throws where outputPadding is not below the stride.
 */
export function convTranspose2d(
  x: Tensor,
  w: Tensor,
  options: Conv2dOptions & { readonly outputPadding?: number | Pair } = {},
): Tensor {
  const attrs = attrsOf("convTranspose2d", options);
  const { outputPadding = 0, bias } = options;
  const extra = typeof outputPadding === "number" ? [outputPadding, outputPadding] : outputPadding;
  check4("convTranspose2d", x, w);
  const size = [0, 1].map((i) => {
    if (!(extra[i] >= 0 && extra[i] < attrs.stride[i])) {
      throw new Error(
        `convTranspose2d: output padding ${extra[i]} must be below the stride ${attrs.stride[i]}`,
      );
    }
    return (x.shape[2 + i] - 1) * attrs.stride[i] - 2 * attrs.padding[i] +
      attrs.dilation[i] * (w.shape[2 + i] - 1) + extra[i] + 1;
  });
  const inputs = [operand(x), operand(w), ...bias ? [bias] : []];
  return transposeOp.apply(inputs, { ...attrs, size: [size[0], size[1]] })[0];
}

interface WeightAttrs extends ConvAttrs {
  readonly taps: Pair;
}

/** Gradients of weights and bias of a convolution from its input and its output's gradient. */
const weightOp = defineOp<WeightAttrs>({
  name: "conv2dWeight",
  infer: ([x, g], { groups, taps }) => {
    operandType("conv2dWeight", [x, g]);
    return [
      { shape: [g.shape[1], x.shape[1] / groups, ...taps], dtype: "f32" },
      { shape: [g.shape[1]], dtype: "f32" },
    ];
  },
  cpu: ({ inputs: [x, g], outputs: [dw, db], attrs, scratch }, caps) => {
    const plan = forwardPlan(x.shape, dw.shape, g.shape, attrs);
    const buffers = weightBuffersOf([x, g], [dw, db], scratch);
    return cpuConvWeight(plan, buffers, caps);
  },
  gpu: ({ inputs: [x, g], outputs: [dw, db], attrs, scratch }, caps) => {
    const plan = forwardPlan(x.shape, dw.shape, g.shape, attrs);
    const buffers = weightBuffersOf([x, g], [dw, db], scratch);
    return gpuConvWeight(plan, buffers, caps);
  },
  half: true,
  backward: null,
});

/**
 * The gradient of conv2d's weights from its input x [N, C, H, W] and its output's gradient g: [O,
 * C/groups, KH, KW]. `backward` computes it where it is wanted; alone it serves to be measured.
 */
export function conv2dWeight(
  x: Tensor,
  g: Tensor,
  options: Omit<Conv2dOptions, "bias"> & { readonly taps: Pair },
): Tensor {
  const attrs = attrsOf("conv2dWeight", options);
  const [weights, biases] = weightOp.apply([operand(x), operand(g)], {
    ...attrs,
    taps: options.taps,
  });
  biases.dispose();
  return weights;
}
