/**
 * The temporal member of `timbre`: bands as channels, and residual blocks of convolutions over time
 * whose taps lie 1, 2, 4 and 8 frames apart, so that a place in the last one hears one second.
 */
import { BatchNorm, type LayerContext, Linear } from "../../engine/nn/layers.ts";
import { Module } from "../../engine/nn/module.ts";
import { Conv1d } from "../../engine/nn/sequence_layers.ts";
import { add, relu } from "../../engine/ops/elementwise.ts";
import { reshape } from "../../engine/ops/movement.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { AttentivePooling } from "./attentive_pooling.ts";
import { BANDS } from "./log_mel.ts";

const CHANNELS = 128;
const TAPS = 5;
const DILATIONS = [1, 2, 4, 8];
const ATTENTION = 64;

/** Convolution over time and batch norm: `[B, T, in]` → `[B, T, out]`. */
class ConvNorm extends Module {
  readonly conv: Conv1d;
  readonly norm: BatchNorm;

  constructor(context: LayerContext, inputs: number, taps: number, dilation = 1) {
    super();
    const padding = dilation * (taps - 1) / 2;
    this.conv = new Conv1d(context, [inputs, CHANNELS], taps, { padding, dilation });
    this.norm = new BatchNorm(context, CHANNELS);
  }

  forward(x: Tensor): Tensor {
    return this.#normalised(x, false);
  }

  /** With ReLU. */
  forwardRelu(x: Tensor): Tensor {
    return this.#normalised(x, true);
  }

  #normalised(x: Tensor, rectified: boolean): Tensor {
    return x.device.scope(() => {
      const y = this.conv.forward(x);
      const rows = reshape(y, [-1, CHANNELS]);
      const normalised = rectified ? this.norm.forwardRelu(rows) : this.norm.forward(rows);
      return reshape(normalised, y.shape);
    });
  }
}

/** relu(x + what two convolutions, the second of one tap, find in x): `[B, T, C]` → `[B, T, C]`. */
class ResidualBlock extends Module {
  readonly wide: ConvNorm;
  readonly point: ConvNorm;

  constructor(context: LayerContext, dilation: number) {
    super();
    this.wide = new ConvNorm(context, CHANNELS, TAPS, dilation);
    this.point = new ConvNorm(context, CHANNELS, 1);
  }

  forward(x: Tensor): Tensor {
    return relu(add(x, this.point.forward(this.wide.forwardRelu(x))));
  }
}

export class Temporal extends Module {
  readonly stem: ConvNorm;
  readonly blocks: ResidualBlock[];
  readonly pooling: AttentivePooling;
  readonly output: Linear;

  constructor(context: LayerContext, classes: number) {
    super();
    this.stem = new ConvNorm(context, BANDS, TAPS);
    this.blocks = DILATIONS.map((dilation) => new ResidualBlock(context, dilation));
    this.pooling = new AttentivePooling(context, CHANNELS, ATTENTION);
    this.output = new Linear(context, 2 * CHANNELS, classes);
  }

  /** `[B, T, BANDS]` → `[B, classes]` logits. */
  forward(frames: Tensor): Tensor {
    const heard = this.blocks.reduce<Tensor>(
      (x, block) => block.forward(x),
      this.stem.forwardRelu(frames),
    );
    return this.output.forward(this.pooling.forward(heard));
  }
}
