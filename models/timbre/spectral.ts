/**
 * The spectral member of `timbre`: log-mel frames as an image under four 3 × 3 convolutions, each with
 * batch norm, ReLU and pooling by two; what is left of frequency is folded into channels.
 */
import { type LayerContext, Linear } from "../../engine/nn/layers.ts";
import { Module } from "../../engine/nn/module.ts";
import { reshape, transpose } from "../../engine/ops/movement.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { type ConvBlock, convBlocks, oneChannel } from "../conv_block.ts";
import { AttentivePooling } from "./attentive_pooling.ts";
import { BANDS } from "./log_mel.ts";

const MAPS = [24, 48, 96, 128];
const ATTENTION = 64;

export class Spectral extends Module {
  readonly blocks: ConvBlock[];
  readonly pooling: AttentivePooling;
  readonly output: Linear;

  constructor(context: LayerContext, classes: number) {
    super();
    this.blocks = convBlocks(context, MAPS);
    const channels = MAPS[MAPS.length - 1] * BANDS / 2 ** MAPS.length;
    this.pooling = new AttentivePooling(context, channels, ATTENTION);
    this.output = new Linear(context, 2 * channels, classes);
  }

  /** `[B, T, BANDS]`, T at least 16 → `[B, classes]` logits. */
  forward(frames: Tensor): Tensor {
    const maps = this.blocks.reduce<Tensor>((x, block) => block.forward(x), oneChannel(frames));
    const [n, , time] = maps.shape; // [B, C, T / 16, BANDS / 16]
    const folded = reshape(transpose(maps, [0, 2, 1, 3]), [n, time, -1]);
    return this.output.forward(this.pooling.forward(folded));
  }
}
