/**
 * CNN-3 (paper §3.3, tables 2 and 3): three convolution blocks of 16, 32 and 64 maps over the
 * 128 × 128 mel image, then two linear layers. 1,203,824 parameters.
 *
 * Where the paper leaves a choice open: the width of the hidden linear layer is not given; 72 is
 * what its count of about 1.2 million leaves. The patience of early stopping is not given; 8 here.
 *
 * Pretraining (§3.3.3, "Greedy Layer-wise Pretraining"): 50 epochs a layer on the MSE, then 25 or
 * 30 with labels. The paper says "encoder: conv layer, decoder: transposed conv" and no more. A
 * layer is taken to be its whole block, with batch norm, ReLU and the pooling, for without the
 * pooling there would be nothing to compress: 16 maps can hold an image as it is. Its decoder is one
 * 3×3 transposed convolution of stride 2, which undoes the pooling, without a non-linearity, for
 * normalised decibels take both signs. Adam at 1e-3 and batches of 64, as in training. Clips of
 * validation and test are kept out of it.
 */
import { ConvTranspose2d, type LayerContext, Linear } from "../engine/nn/layers.ts";
import { Module } from "../engine/nn/module.ts";
import { relu } from "../engine/ops/elementwise.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Autoencoder } from "../engine/train/autoencoder.ts";
import { type ConvBlock, convBlocks, featuresOf, oneChannel } from "./conv_block.ts";
import { CNN_RECIPE, equalRows, type System } from "./system.ts";

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

/** Each block with its decoder, `[N, out, H/2, W/2]` → `[N, in, H, W]`. */
function autoencoders(context: LayerContext, blocks: readonly ConvBlock[]): Autoencoder[] {
  return blocks.map((encoder) => {
    const [outputs, inputs] = encoder.conv.weight.shape;
    const options = { stride: 2, padding: 1, outputPadding: 1 };
    return { encoder, decoder: new ConvTranspose2d(context, [outputs, inputs], 3, options) };
  });
}

export const cnn3: System = {
  name: "cnn3",
  title: "CNN-3",
  input: "mel-image",
  normalization: "standardize",
  recipe: CNN_RECIPE,
  paper: { accuracy: 0.7512, n: 217, where: "table 3" },
  paperAugmented: { accuracy: 0.5253, n: 217, where: "table 3" },
  pretraining: {
    recipe: { epochs: 50, batch: 64, learningRate: 1e-3 },
    epochs: 30,
    paper: new Map([
      [25, { accuracy: 0.7005, n: 217, where: "table 3" }],
      [30, { accuracy: 0.7281, n: 217, where: "table 3" }],
    ]),
    layers(context, model) {
      if (!(model instanceof Cnn3)) throw new Error("pretraining: not a CNN-3");
      return autoencoders(context, model.blocks);
    },
    prepare: oneChannel,
  },
  build: (context, { classes }) => new Cnn3(context, classes),
  source: equalRows,
};
