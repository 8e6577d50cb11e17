/**
 * A layer of the encoder: self-attention, then a feed-forward network, each added to what it was given.
 * Its two layer norms stand after each sum (post-LN, as base has it) or before attention and feed-forward
 * (pre-LN, "stable", as large has it); names and tensors are the same.
 */
import { Dropout } from "../../engine/nn/layers.ts";
import { Module } from "../../engine/nn/module.ts";
import { add, gelu } from "../../engine/ops/elementwise.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { type AttentionInput, SelfAttention } from "./attention.ts";
import type { Wav2Vec2Architecture } from "./config.ts";
import { LayerNorm, Linear, type NetworkContext } from "./layers.ts";

/** `[B, T, H]` → `[B, T, H]`, wider in between. */
class FeedForward extends Module {
  readonly intermediateDropout: Dropout;
  readonly intermediateDense: Linear;
  readonly outputDense: Linear;
  readonly outputDropout: Dropout;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture) {
    super();
    const { hiddenSize, intermediateSize, initializerRange: deviation } = config;
    const up = { inputs: hiddenSize, outputs: intermediateSize };
    const down = { inputs: intermediateSize, outputs: hiddenSize };
    this.intermediateDropout = new Dropout(context, config.activationDropout);
    this.intermediateDense = new Linear(context, up, deviation);
    this.outputDense = new Linear(context, down, deviation);
    this.outputDropout = new Dropout(context, config.hiddenDropout);
  }

  forward(x: Tensor): Tensor {
    const wide = this.intermediateDropout.forward(gelu(this.intermediateDense.forward(x)));
    return this.outputDropout.forward(this.outputDense.forward(wide));
  }
}

export class EncoderLayer extends Module {
  readonly attention: SelfAttention;
  readonly dropout: Dropout;
  readonly layerNorm: LayerNorm;
  readonly feedForward: FeedForward;
  readonly finalLayerNorm: LayerNorm;
  readonly #normFirst: boolean;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture) {
    super();
    const { hiddenSize, layerNormEps } = config;
    this.attention = new SelfAttention(context, config);
    this.dropout = new Dropout(context, config.hiddenDropout);
    this.layerNorm = new LayerNorm(context, hiddenSize, layerNormEps);
    this.feedForward = new FeedForward(context, config);
    this.finalLayerNorm = new LayerNorm(context, hiddenSize, layerNormEps);
    this.#normFirst = config.doStableLayerNorm;
  }

  /** Freezes all weights there are now, and leaves the layer itself in training: its dropout goes on. */
  freezeWeights(): void {
    const { attention, layerNorm, feedForward, finalLayerNorm } = this;
    const { kProj, vProj, qProj, outProj } = attention;
    const { intermediateDense, outputDense } = feedForward;
    const all = [kProj, vProj, qProj, outProj, layerNorm, intermediateDense, outputDense];
    for (const part of [...all, finalLayerNorm]) part.freeze();
  }

  forward(x: Tensor, input: AttentionInput = {}): Tensor {
    const { layerNorm, finalLayerNorm, feedForward } = this;
    return x.device.scope(() => {
      if (this.#normFirst) {
        const y = add(x, this.#attend(layerNorm.forward(x), input));
        return add(y, feedForward.forward(finalLayerNorm.forward(y)));
      }
      const y = layerNorm.forward(add(x, this.#attend(x, input)));
      return finalLayerNorm.forward(add(y, feedForward.forward(y)));
    });
  }

  #attend(x: Tensor, input: AttentionInput): Tensor {
    return this.dropout.forward(this.attention.forward(x, input));
  }
}
