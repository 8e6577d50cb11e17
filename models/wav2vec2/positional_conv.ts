/**
 * Where a frame stands, told by its neighbours: a grouped convolution over many frames with weight norm,
 * then GELU. `[B, T, H]` → `[B, T, H]`. An even kernel padded by half of it on both sides gives a frame
 * too many, the last, which is dropped; here it is not computed.
 */
import { Module } from "../../engine/nn/module.ts";
import { conv1d } from "../../engine/ops/conv1d.ts";
import { gelu } from "../../engine/ops/elementwise.ts";
import { normExcept, weightNorm } from "../../engine/ops/weight_norm.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Wav2Vec2Architecture } from "./config.ts";
import { constant, gaussian, type NetworkContext, parameter } from "./layers.ts";

/** w = g · v / ‖v‖, the norm of each tap over all channels (`torch.nn.utils.weight_norm`, dim 2). */
class WeightNormConv extends Module {
  readonly weightG: Tensor; // [1, 1, K]
  readonly weightV: Tensor; // [H, H / groups, K]
  readonly bias: Tensor;
  readonly #groups: number;
  #folded?: Tensor;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture) {
    super();
    const { hiddenSize, numConvPosEmbeddings: kernel, numConvPosEmbeddingGroups: groups } = config;
    const deviation = 2 * Math.sqrt(1 / (kernel * hiddenSize));
    this.weightV = gaussian(context, [hiddenSize, hiddenSize / groups, kernel], deviation);
    this.weightG = parameter(
      context,
      [1, 1, kernel],
      () => normExcept(this.weightV, 2),
    );
    this.bias = constant(context, [hiddenSize], 0);
    this.#groups = groups;
  }

  forward(x: Tensor): Tensor {
    const kernel = this.weightG.size;
    const before = Math.floor(kernel / 2);
    return conv1d(x, this.#weight(), {
      bias: this.bias,
      padding: [before, kernel - 1 - before],
      groups: this.#groups,
    });
  }

  /** Made once where nothing trains it. */
  #weight(): Tensor {
    const { weightV, weightG } = this;
    const make = () => weightNorm(weightV, weightG, { dim: 2 });
    if (weightV.requiresGrad || weightG.requiresGrad) return make();
    return this.#folded ??= weightV.device.keep(make());
  }

  override dispose(): void {
    this.#folded?.dispose();
    super.dispose();
  }
}

export class PositionalConv extends Module {
  readonly conv: WeightNormConv;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture) {
    super();
    this.conv = new WeightNormConv(context, config);
  }

  forward(x: Tensor): Tensor {
    return x.device.scope(() => gelu(this.conv.forward(x)));
  }
}
