/**
 * Layers over time for sequences with channels last, [B, T, C], initialised as PyTorch initialises
 * them.
 */
import { conv1d, type Conv1dOptions } from "../ops/conv1d.ts";
import { full, zeros } from "../ops/create.ts";
import { groupNorm, type GroupNormOptions } from "../ops/group_norm.ts";
import { normExcept, weightNorm } from "../ops/weight_norm.ts";
import type { Tensor } from "../tensor.ts";
import { type LayerContext, trained, uniformInit } from "./layers.ts";
import { Module } from "./module.ts";

/** As `conv1d` takes them, and whether there is a bias. */
export interface Conv1dLayerOptions extends Omit<Conv1dOptions, "bias"> {
  /** Add a trained number to every output channel; default true. */
  readonly bias?: boolean;
}

/** Convolution over time, as torch.nn.Conv1d with channels last. `[B, T, C]` → `[B, T', O]`. */
export class Conv1d extends Module {
  /** [O, C / groups, kernel]. */
  readonly weight: Tensor;
  /** [O], where there is one. */
  readonly bias: Tensor | undefined;
  readonly #options: Conv1dOptions;

  /** `channels` in and out, and the taps of the kernel. */
  constructor(
    context: LayerContext,
    channels: readonly [number, number],
    kernel: number,
    { bias = true, ...options }: Conv1dLayerOptions = {},
  ) {
    super();
    const [inputs, outputs] = channels;
    const perGroup = inputs / (options.groups ?? 1);
    this.weight = uniformInit(context, [outputs, perGroup, kernel], perGroup * kernel);
    this.bias = bias ? uniformInit(context, [outputs], perGroup * kernel) : undefined;
    this.#options = options;
  }

  /** `[B, T, C]` → `[B, T', O]`. */
  forward(x: Tensor): Tensor {
    return conv1d(x, this.weight, { ...this.#options, bias: this.bias });
  }
}

/**
 * Convolution over time whose weight is a direction and a length, as torch.nn.utils.weight_norm of a
 * torch.nn.Conv1d: the length is a number a tap (`dim` 2) or an output channel (`dim` 0).
 */
export class WeightNormConv1d extends Module {
  /** [O, 1, 1] or [1, 1, kernel]: the lengths. */
  readonly weightG: Tensor;
  /** [O, C / groups, kernel]: the directions. */
  readonly weightV: Tensor;
  /** [O], where there is one. */
  readonly bias: Tensor | undefined;
  readonly #options: Conv1dOptions;
  readonly #dim: number;

  /** `channels` in and out, and the taps of the kernel. */
  constructor(
    context: LayerContext,
    channels: readonly [number, number],
    kernel: number,
    { bias = true, dim = 0, ...options }: Conv1dLayerOptions & { readonly dim?: number } = {},
  ) {
    super();
    const [inputs, outputs] = channels;
    const perGroup = inputs / (options.groups ?? 1);
    this.weightV = uniformInit(context, [outputs, perGroup, kernel], perGroup * kernel);
    const { device } = context;
    this.weightG = trained(device.noGrad(() => device.scope(() => normExcept(this.weightV, dim))));
    this.bias = bias ? uniformInit(context, [outputs], perGroup * kernel) : undefined;
    this.#options = options;
    this.#dim = dim;
  }

  /** The weight as a convolution takes it, [O, C / groups, K]: to compute once where it does not change. */
  weight(): Tensor {
    return weightNorm(this.weightV, this.weightG, { dim: this.#dim });
  }

  /** `[B, T, C]` → `[B, T', O]`. */
  forward(x: Tensor): Tensor {
    return conv1d(x, this.weight(), { ...this.#options, bias: this.bias });
  }
}

/** Group norm over time, as torch.nn.GroupNorm with channels last. `[B, T, C]`, eps 1e-5 by default. */
export class GroupNorm extends Module {
  /** [C], the scale gamma. */
  readonly weight: Tensor;
  /** [C], the shift beta. */
  readonly bias: Tensor;
  readonly #options: GroupNormOptions;

  /** One scale and shift for each of `channels`. */
  constructor({ device }: LayerContext, channels: number, options: GroupNormOptions) {
    super();
    this.weight = trained(full(device, [channels], 1));
    this.bias = trained(zeros(device, [channels]));
    this.#options = options;
  }

  /** `[B, T, C]` → `[B, T, C]`. */
  forward(x: Tensor): Tensor {
    return groupNorm(x, this.weight, this.bias, this.#options);
  }
}
