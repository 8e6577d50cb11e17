/**
 * The layers that Wav2Vec2 is made of, channels last, initialised as transformers initialise them:
 * linear weights normal with the configuration's deviation, convolutions Kaiming-normal, biases of
 * linear layers 0, layer norms at scale 1 and shift 0. Where weights are about to be loaded nothing
 * is drawn.
 */
import type { LayerContext } from "../../engine/nn/layers.ts";
import { Module } from "../../engine/nn/module.ts";
import { conv1d, type Conv1dOptions } from "../../engine/ops/conv1d.ts";
import { full, zeros } from "../../engine/ops/create.ts";
import { mul, sub } from "../../engine/ops/elementwise.ts";
import { groupNorm } from "../../engine/ops/group_norm.ts";
import { layerNorm } from "../../engine/ops/layer_norm.ts";
import { matmul } from "../../engine/ops/matmul.ts";
import { normal, uniform } from "../../engine/ops/random_ops.ts";
import type { Shape } from "../../engine/shape.ts";
import type { Tensor } from "../../engine/tensor.ts";

export interface NetworkContext extends LayerContext {
  /** The caller loads the weights: their first values are not drawn, and mean nothing. */
  readonly blank?: boolean;
}

/** The same for weights that a file need not hold. */
export function drawn({ device, random }: NetworkContext): NetworkContext {
  return { device, random };
}

/** A trained tensor that begins as `first` gives it. */
export function parameter(context: NetworkContext, shape: Shape, first: () => Tensor): Tensor {
  const { device, blank } = context;
  const made = blank ? device.empty(shape) : device.scope(first);
  made.requiresGrad = true;
  return device.keep(made);
}

/** Normal values of mean 0. */
export function gaussian(context: NetworkContext, shape: Shape, deviation: number): Tensor {
  const { device, random } = context;
  return parameter(context, shape, () => mul(normal(device, shape, random), deviation));
}

/** Uniform values in ±bound. */
export function evenly(context: NetworkContext, shape: Shape, bound: number): Tensor {
  const { device, random } = context;
  return parameter(context, shape, () => mul(sub(uniform(device, shape, random), 0.5), 2 * bound));
}

export function constant(context: NetworkContext, shape: Shape, value: number): Tensor {
  const { device } = context;
  return parameter(
    context,
    shape,
    () => value === 0 ? zeros(device, shape) : full(device, shape, value),
  );
}

export interface Sizes {
  readonly inputs: number;
  readonly outputs: number;
}

/** y = x Wᵀ + b, `[…, inputs]` → `[…, outputs]`. */
export class Linear extends Module {
  readonly weight: Tensor; // [outputs, inputs]
  readonly bias: Tensor;

  /** @param deviation of the first weights */
  constructor(context: NetworkContext, { inputs, outputs }: Sizes, deviation: number) {
    super();
    this.weight = gaussian(context, [outputs, inputs], deviation);
    this.bias = constant(context, [outputs], 0);
  }

  forward(x: Tensor): Tensor {
    return matmul(x, this.weight, { transposeB: true, bias: this.bias });
  }
}

/** Scale and shift of a norm, `[C]` each. */
abstract class Norm extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor;

  constructor(context: NetworkContext, channels: number) {
    super();
    this.weight = constant(context, [channels], 1);
    this.bias = constant(context, [channels], 0);
  }
}

/** Over the channels of each frame. */
export class LayerNorm extends Norm {
  readonly #eps: number;

  constructor(context: NetworkContext, channels: number, eps = 1e-5) {
    super(context, channels);
    this.#eps = eps;
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight, this.bias, { eps: this.#eps });
  }
}

/** Over the time of each channel (group norm with a group a channel): what a clip's padding changes. */
export class TimeNorm extends Norm {
  forward(x: Tensor): Tensor {
    return groupNorm(x, this.weight, this.bias, { groups: this.weight.size });
  }
}

/** `[B, T, inputs]` → `[B, T', outputs]`, without padding. */
export class Conv1d extends Module {
  readonly weight: Tensor; // [outputs, inputs, kernel]
  readonly bias?: Tensor;
  readonly #options: Conv1dOptions;

  constructor(
    context: NetworkContext,
    { inputs, outputs }: Sizes,
    { kernel, stride, bias }: {
      readonly kernel: number;
      readonly stride: number;
      readonly bias: boolean;
    },
  ) {
    super();
    const fanIn = inputs * kernel;
    this.weight = gaussian(context, [outputs, inputs, kernel], Math.sqrt(2 / fanIn));
    if (bias) this.bias = evenly(context, [outputs], 1 / Math.sqrt(fanIn));
    this.#options = { stride };
  }

  forward(x: Tensor): Tensor {
    const { weight, bias } = this;
    return conv1d(x, weight, { ...this.#options, ...(bias && { bias }) });
  }
}
