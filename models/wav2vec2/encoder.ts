/**
 * The encoder: positions are added to the projected frames, then layers of attention follow. Its one
 * layer norm stands before the layers (post-LN) or after the last (pre-LN).
 */
import { checkpoint } from "../../engine/autograd.ts";
import { Dropout } from "../../engine/nn/layers.ts";
import { Module } from "../../engine/nn/module.ts";
import { add } from "../../engine/ops/elementwise.ts";
import type { Random } from "../../engine/random.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { AttentionInput } from "./attention.ts";
import type { Wav2Vec2Architecture } from "./config.ts";
import { EncoderLayer } from "./encoder_layer.ts";
import { LayerNorm, type NetworkContext } from "./layers.ts";
import { PositionalConv } from "./positional_conv.ts";

export class Encoder extends Module {
  readonly posConvEmbed: PositionalConv;
  readonly layerNorm: LayerNorm;
  readonly dropout: Dropout;
  readonly layers: EncoderLayer[];
  /** The layer norm stands behind the layers, not before them. */
  readonly normLast: boolean;
  /** While training: keep what goes into a layer alone, and run it again for the gradient. */
  checkpointLayers = false;
  readonly #layerdrop: number;
  readonly #random: Random;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture) {
    super();
    const { hiddenSize, layerNormEps, numHiddenLayers: layers } = config;
    this.posConvEmbed = new PositionalConv(context, config);
    this.layerNorm = new LayerNorm(context, hiddenSize, layerNormEps);
    this.dropout = new Dropout(context, config.hiddenDropout);
    this.layers = Array.from({ length: layers }, () => new EncoderLayer(context, config));
    this.normLast = config.doStableLayerNorm;
    this.#layerdrop = config.layerdrop;
    this.#random = context.random;
  }

  /** All of it, from projected frames whose padding is zero. */
  forward(x: Tensor, input: AttentionInput = {}): Tensor {
    const first = this.embed(x);
    return this.finish(this.layers.reduce((h, _, i) => this.layer(i, h, input), first));
  }

  /** Hidden state 0. */
  embed(x: Tensor): Tensor {
    return x.device.scope(() => {
      const placed = add(x, this.posConvEmbed.forward(x));
      return this.dropout.forward(this.normLast ? placed : this.layerNorm.forward(placed));
    });
  }

  /** Hidden state i + 1 from hidden state i; while training a layer is left out now and then. */
  layer(i: number, x: Tensor, input: AttentionInput = {}): Tensor {
    const layer = this.layers[i];
    if (layer.training && this.#layerdrop > 0) {
      if (this.#random.nextU32() / 2 ** 32 < this.#layerdrop) return x;
    }
    if (!layer.training || !this.checkpointLayers) return layer.forward(x, input);
    return checkpoint((h, lengths?) => layer.forward(h, { lengths }), x, {
      random: this.#random,
      given: input.lengths ? [input.lengths] : [],
    });
  }

  /** What the network gives: the last hidden state, behind the layer norm of a pre-LN encoder. */
  finish(x: Tensor): Tensor {
    return this.normLast ? this.layerNorm.forward(x) : x;
  }
}
