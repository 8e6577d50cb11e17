/**
 * CNN-4 (paper §3.3, tables 2 and 3): four blocks of 3×3 convolution, batch norm, ReLU and 2×2 max
 * pooling over the 128 × 128 mel image, then two linear layers. 1,803,448 parameters.
 *
 * Where the paper leaves a choice open: the width of the hidden linear layer is not given; 208 is
 * what its count of about 1.8 million leaves. The patience of early stopping is not given; 8 here.
 */
import { BatchNorm, Conv2d, type LayerContext, Linear } from "../engine/nn/layers.ts";
import { Module } from "../engine/nn/module.ts";
import { relu } from "../engine/ops/elementwise.ts";
import { reshape } from "../engine/ops/movement.ts";
import type { Tensor } from "../engine/tensor.ts";
import { CNN_RECIPE, type System } from "./system.ts";

/** Convolution, batch norm, ReLU, max pooling: `[N, in, H, W]` → `[N, out, H/2, W/2]`. */
export class ConvBlock extends Module {
  readonly conv: Conv2d;
  readonly norm: BatchNorm;

  constructor(context: LayerContext, inputs: number, outputs: number) {
    super();
    this.conv = new Conv2d(context, [inputs, outputs], 3, { padding: 1 });
    this.norm = new BatchNorm(context, outputs);
  }

  forward(x: Tensor): Tensor {
    // In a scope, so that the full-size map between the two goes as soon as nothing needs it.
    return x.device.scope(() => this.norm.forwardReluMaxPool(this.conv.forward(x)));
  }
}

export class Cnn4 extends Module {
  readonly blocks: ConvBlock[];
  readonly hidden: Linear;
  readonly output: Linear;

  constructor(context: LayerContext, classes: number) {
    super();
    const widths = [1, 16, 32, 64, 128];
    this.blocks = widths.slice(1).map((w, i) => new ConvBlock(context, widths[i], w));
    this.hidden = new Linear(context, 128 * 8 * 8, 208);
    this.output = new Linear(context, 208, classes);
  }

  /** `[N, 128, 128]` normalised mel images → `[N, classes]` logits. */
  forward(images: Tensor): Tensor {
    let x = reshape(images, [-1, 1, 128, 128]);
    for (const block of this.blocks) x = block.forward(x);
    return this.output.forward(relu(this.hidden.forward(reshape(x, [x.shape[0], -1]))));
  }
}

export const cnn4: System = {
  name: "cnn4",
  title: "CNN-4",
  input: "mel-image",
  recipe: CNN_RECIPE,
  paper: { accuracy: 0.7788, n: 217, where: "table 3" },
  build: (context, { classes }) => new Cnn4(context, classes),
};
