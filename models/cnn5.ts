/**
 * CNN-5 (paper §3.3, tables 2 and 3): five convolution blocks of 32, 64, 128, 256 and 512 maps over
 * the 128 × 128 mel image, then three linear layers with dropout 0.2. 9,683,336 parameters.
 *
 * Where the paper leaves a choice open: the widths of the two hidden linear layers are not given;
 * 960 and 256 come near its count of about 9.5 million. It does not say where dropout stands: after
 * the ReLU of each hidden linear layer here. The patience of early stopping is not given; 8 here.
 */
import { Dropout, type LayerContext, Linear } from "../engine/nn/layers.ts";
import { Module } from "../engine/nn/module.ts";
import { relu } from "../engine/ops/elementwise.ts";
import type { Tensor } from "../engine/tensor.ts";
import { type ConvBlock, convBlocks, featuresOf } from "./conv_block.ts";
import { CNN_RECIPE, equalRows, type System } from "./system.ts";

export class Cnn5 extends Module {
  readonly blocks: ConvBlock[];
  readonly hidden: Linear[];
  readonly dropout: Dropout;
  readonly output: Linear;

  constructor(
    context: LayerContext,
    classes: number,
    { dropout = 0.2 }: { readonly dropout?: number } = {},
  ) {
    super();
    this.blocks = convBlocks(context, [32, 64, 128, 256, 512]);
    this.hidden = [new Linear(context, 512 * 4 * 4, 960), new Linear(context, 960, 256)];
    this.dropout = new Dropout(context, dropout);
    this.output = new Linear(context, 256, classes);
  }

  /** `[N, 128, 128]` normalised mel images → `[N, classes]` logits. */
  forward(images: Tensor): Tensor {
    const x = this.hidden.reduce(
      (h, layer) => this.dropout.forward(relu(layer.forward(h))),
      featuresOf(images, this.blocks),
    );
    return this.output.forward(x);
  }
}

export const cnn5: System = {
  name: "cnn5",
  title: "CNN-5",
  input: "mel-image",
  normalization: "standardize",
  recipe: CNN_RECIPE,
  paper: { accuracy: 0.6728, n: 217, where: "table 3" },
  paperAugmented: { accuracy: 0.5991, n: 217, where: "table 3" },
  build: (context, { classes }) => new Cnn5(context, classes),
  source: equalRows,
};
