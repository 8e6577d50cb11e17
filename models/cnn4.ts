/**
 * CNN-4 (paper §3.3, tables 2 and 3): four convolution blocks of 16, 32, 64 and 128 maps over the
 * 128 × 128 mel image, then two linear layers. 1,803,448 parameters.
 *
 * Where the paper leaves a choice open: the width of the hidden linear layer is not given; 208 is
 * what its count of about 1.8 million leaves. The patience of early stopping is not given; 8 here.
 */
import { type LayerContext, Linear } from "../engine/nn/layers.ts";
import { Module } from "../engine/nn/module.ts";
import { relu } from "../engine/ops/elementwise.ts";
import type { Tensor } from "../engine/tensor.ts";
import { type ConvBlock, convBlocks, featuresOf } from "./conv_block.ts";
import { CNN_RECIPE, equalRows, type System } from "./system.ts";

export class Cnn4 extends Module {
  readonly blocks: ConvBlock[];
  readonly hidden: Linear;
  readonly output: Linear;

  constructor(context: LayerContext, classes: number) {
    super();
    this.blocks = convBlocks(context, [16, 32, 64, 128]);
    this.hidden = new Linear(context, 128 * 8 * 8, 208);
    this.output = new Linear(context, 208, classes);
  }

  /** `[N, 128, 128]` normalised mel images → `[N, classes]` logits. */
  forward(images: Tensor): Tensor {
    return this.output.forward(relu(this.hidden.forward(featuresOf(images, this.blocks))));
  }
}

export const cnn4: System = {
  name: "cnn4",
  title: "CNN-4",
  input: "mel-image",
  normalization: "standardize",
  recipe: CNN_RECIPE,
  paper: { accuracy: 0.7788, n: 217, where: "table 3" },
  paperAugmented: { accuracy: 0.5945, n: 217, where: "table 3" },
  build: (context, { classes }) => new Cnn4(context, classes),
  source: equalRows,
};
