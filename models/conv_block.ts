/**
 * The block that all CNNs of the paper are made of (§3.3.3): 3×3 convolution with padding 1, batch
 * norm, ReLU, 2×2 max pooling with stride 2; in this order.
 */
import { BatchNorm, Conv2d, type LayerContext } from "../engine/nn/layers.ts";
import { Module } from "../engine/nn/module.ts";
import { reshape } from "../engine/ops/movement.ts";
import type { Tensor } from "../engine/tensor.ts";

/** `[N, in, H, W]` → `[N, out, H/2, W/2]`. */
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

/** One block for each number of feature maps, the first on an image of one channel. */
export function convBlocks(context: LayerContext, maps: readonly number[]): ConvBlock[] {
  return maps.map((outputs, i) => new ConvBlock(context, maps[i - 1] ?? 1, outputs));
}

/** `[N, 128, 128]` images through all blocks, flattened: `[N, features]`. */
export function featuresOf(images: Tensor, blocks: readonly ConvBlock[]): Tensor {
  const maps = blocks.reduce<Tensor>((x, block) => block.forward(x), oneChannel(images));
  return reshape(maps, [maps.shape[0], -1]);
}

/** `[N, H, W]` → `[N, 1, H, W]`. */
export function oneChannel(images: Tensor): Tensor {
  const [n, height, width] = images.shape;
  return reshape(images, [n, 1, height, width]);
}
