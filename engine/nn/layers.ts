/**
 * Layers with trained tensors, initialised as PyTorch initialises them: weights and biases of
 * linear and convolutional layers uniform in ±1/√fan-in, batch norm at scale 1 and shift 0.
 */
import type { Device } from "../device.ts";
import type { Random } from "../random.ts";
import { full, zeros } from "../ops/create.ts";
import { mul, sub } from "../ops/elementwise.ts";
import { batchNorm, batchNormReluMaxPool } from "../ops/batch_norm.ts";
import { conv2d, type Conv2dOptions, convTranspose2d } from "../ops/conv.ts";
import { dropout } from "../ops/dropout.ts";
import { matmul } from "../ops/matmul.ts";
import { uniform } from "../ops/random_ops.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

/** What every layer needs: where its tensors live, and the numbers they start from. */
export interface LayerContext {
  /** Where its tensors live. */
  readonly device: Device;
  /** Where its first values come from. */
  readonly random: Random;
}

/** Makes a leaf to be trained of a tensor, and keeps it past its scope. */
export function trained(tensor: Tensor): Tensor {
  tensor.requiresGrad = true;
  return tensor.device.keep(tensor);
}

/** Uniform in ±1/√fanIn (torch.nn.Linear.reset_parameters). */
export function uniformInit({ device, random }: LayerContext, shape: Shape, fanIn: number): Tensor {
  const bound = 1 / Math.sqrt(fanIn);
  return trained(device.scope(() => mul(sub(uniform(device, shape, random), 0.5), 2 * bound)));
}

/** y = x Wᵀ + b, as torch.nn.Linear. `[…, in]` → `[…, out]`. */
export class Linear extends Module {
  /** [outputs, inputs]. */
  readonly weight: Tensor;
  /** [outputs]. */
  readonly bias: Tensor;

  /** From `inputs` features to `outputs`. */
  constructor(context: LayerContext, inputs: number, outputs: number) {
    super();
    this.weight = uniformInit(context, [outputs, inputs], inputs);
    this.bias = uniformInit(context, [outputs], inputs);
  }

  /** `[…, inputs]` → `[…, outputs]`. */
  forward(x: Tensor): Tensor {
    return matmul(x, this.weight, { transposeB: true, bias: this.bias });
  }
}

/** Two-dimensional convolution, as torch.nn.Conv2d. `[N, C, H, W]` → `[N, O, H', W']`. */
export class Conv2d extends Module {
  /** [O, C / groups, kernel, kernel]. */
  readonly weight: Tensor;
  /** [O]. */
  readonly bias: Tensor;
  readonly #options: Conv2dOptions;

  /** `channels` in and out, and the side of the kernel. */
  constructor(
    context: LayerContext,
    channels: readonly [number, number],
    kernel: number,
    options: Conv2dOptions = {},
  ) {
    super();
    const [inputs, outputs] = channels;
    const perGroup = inputs / (options.groups ?? 1);
    const fanIn = perGroup * kernel * kernel;
    this.weight = uniformInit(context, [outputs, perGroup, kernel, kernel], fanIn);
    this.bias = uniformInit(context, [outputs], fanIn);
    this.#options = options;
  }

  /** `[N, C, H, W]` → `[N, O, H', W']`. */
  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight, { ...this.#options, bias: this.bias });
  }
}

type TransposeOptions = Conv2dOptions & { readonly outputPadding?: number };

/** Transposed convolution, as torch.nn.ConvTranspose2d. `[N, C, H, W]` → `[N, O, H', W']`. */
export class ConvTranspose2d extends Module {
  /** [C, O / groups, kernel, kernel]. */
  readonly weight: Tensor;
  /** [O]. */
  readonly bias: Tensor;
  readonly #options: TransposeOptions;

  /** `channels` in and out, and the side of the kernel. */
  constructor(
    context: LayerContext,
    channels: readonly [number, number],
    kernel: number,
    options: TransposeOptions = {},
  ) {
    super();
    const [inputs, outputs] = channels;
    const perGroup = outputs / (options.groups ?? 1);
    const fanIn = perGroup * kernel * kernel; // as PyTorch counts it: from the second axis
    this.weight = uniformInit(context, [inputs, perGroup, kernel, kernel], fanIn);
    this.bias = uniformInit(context, [outputs], fanIn);
    this.#options = options;
  }

  /** `[N, C, H, W]` → `[N, O, H', W']`. */
  forward(x: Tensor): Tensor {
    return convTranspose2d(x, this.weight, { ...this.#options, bias: this.bias });
  }
}

/** Scale, shift and running statistics of batch norm (momentum 0.1, eps 1e-5). */
export class BatchNorm extends Module {
  /** [features], the scale gamma. */
  readonly weight: Tensor;
  /** [features], the shift beta. */
  readonly bias: Tensor;
  /** [features], used in evaluation. */
  readonly runningMean: Tensor;
  /** [features], unbiased, used in evaluation. */
  readonly runningVar: Tensor;

  /** One scale and shift for each of `features` channels. */
  constructor({ device }: LayerContext, features: number) {
    super();
    this.weight = trained(full(device, [features], 1));
    this.bias = trained(zeros(device, [features]));
    this.runningMean = device.keep(zeros(device, [features]));
    this.runningVar = device.keep(full(device, [features], 1));
  }

  /** Per-channel normalisation of `[N, C, …]`. */
  forward(x: Tensor): Tensor {
    return batchNorm(x, this.weight, this.bias, this.#options());
  }

  /** The same, then ReLU, in one pass. */
  forwardRelu(x: Tensor): Tensor {
    return batchNorm(x, this.weight, this.bias, { ...this.#options(), relu: true });
  }

  /** Normalisation, ReLU and 2×2 max pooling in one pass: `[N, C, H, W]` → `[N, C, H/2, W/2]`. */
  forwardReluMaxPool(x: Tensor): Tensor {
    return batchNormReluMaxPool(x, this.weight, this.bias, this.#options());
  }

  #options() {
    const { runningMean, runningVar, training } = this;
    return { runningMean, runningVar, training };
  }
}

/** Zeroes each value with probability p while training and scales the rest by 1/(1 − p). */
export class Dropout extends Module {
  readonly #random: Random;
  readonly #p: number;

  /** `p` from 0 to 1; masks are drawn from the context's stream. */
  constructor({ random }: LayerContext, p: number) {
    super();
    this.#random = random;
    this.#p = p;
  }

  /** `x` itself in evaluation. */
  forward(x: Tensor): Tensor {
    return this.training ? dropout(x, this.#p, this.#random) : x;
  }
}
