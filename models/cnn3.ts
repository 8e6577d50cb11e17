/**
 * CNN-3 (paper §3.3, tables 2 and 3): three convolution blocks of 16, 32 and 64 maps over the
 * 128 × 128 mel image, then two linear layers. 1,203,824 parameters.
 *
 * Where the paper leaves a choice open: the width of the hidden linear layer is not given; 72 is
 * what its count of about 1.2 million leaves. The patience of early stopping is not given; 8 here.
 */
import { type LayerContext, Linear } from "../engine/nn/layers.ts";
import { Module } from "../engine/nn/module.ts";
import { relu } from "../engine/ops/elementwise.ts";
import type { Tensor } from "../engine/tensor.ts";
import { type ConvBlock, convBlocks, featuresOf } from "./conv_block.ts";
import { CNN_RECIPE, type System } from "./system.ts";

export class Cnn3 extends Module {
  readonly blocks: ConvBlock[];
  readonly hidden: Linear;
  readonly output: Linear;

  constructor(context: LayerContext, classes: number) {
    super();
    this.blocks = convBlocks(context, [16, 32, 64]);
    this.hidden = new Linear(context, 64 * 16 * 16, 72);
    this.output = new Linear(context, 72, classes);
  }

  /** `[N, 128, 128]` normalised mel images → `[N, classes]` logits. */
  forward(images: Tensor): Tensor {
    return this.output.forward(relu(this.hidden.forward(featuresOf(images, this.blocks))));
  }
}

export const cnn3: System = {
  name: "cnn3",
  title: "CNN-3",
  input: "mel-image",
  normalization: "standardize",
  recipe: CNN_RECIPE,
  paper: { accuracy: 0.7512, n: 217, where: "table 3" },
  build: (context, { classes }) => new Cnn3(context, classes),
};
