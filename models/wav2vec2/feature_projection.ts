/** From the feature encoder's channels to the encoder's: layer norm, linear, dropout. `[B, T, C]` → `[B, T, H]`. */
import { Dropout } from "../../engine/nn/layers.ts";
import { Module } from "../../engine/nn/module.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Wav2Vec2Architecture } from "./config.ts";
import { LayerNorm, Linear, type NetworkContext } from "./layers.ts";

export class FeatureProjection extends Module {
  readonly layerNorm: LayerNorm;
  readonly projection: Linear;
  readonly dropout: Dropout;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture) {
    super();
    const { convDim, hiddenSize, layerNormEps, featProjDropout, initializerRange } = config;
    const inputs = convDim.at(-1)!;
    this.layerNorm = new LayerNorm(context, inputs, layerNormEps);
    this.projection = new Linear(context, { inputs, outputs: hiddenSize }, initializerRange);
    this.dropout = new Dropout(context, featProjDropout);
  }

  forward(x: Tensor): Tensor {
    return this.dropout.forward(this.projection.forward(this.layerNorm.forward(x)));
  }
}
