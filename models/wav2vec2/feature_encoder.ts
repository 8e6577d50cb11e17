/**
 * The feature encoder: strided convolutions that turn 16,000 samples a second into about 50 frames,
 * each followed by GELU; the first, or all of them, by a norm. `[B, samples, 1]` → `[B, frames, C]`.
 *
 * Where the norm is over time (`group`), padding would change the frames: such clips go through one by
 * one, as long as they are. A norm over channels (`layer`) sees a frame alone, and a batch goes as one.
 */
import { Module } from "../../engine/nn/module.ts";
import type { Sequences } from "../../engine/nn/sequences.ts";
import { gelu } from "../../engine/ops/elementwise.ts";
import { concat, pad, slice } from "../../engine/ops/movement.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Wav2Vec2Architecture } from "./config.ts";
import { Conv1d, LayerNorm, type NetworkContext, TimeNorm } from "./layers.ts";
import { sequencesOf } from "./sequences.ts";

class ConvLayer extends Module {
  readonly conv: Conv1d;
  readonly layerNorm?: LayerNorm | TimeNorm;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture, layer: number) {
    super();
    const { convDim, convKernel, convStride, convBias, featExtractNorm } = config;
    const sizes = { inputs: layer === 0 ? 1 : convDim[layer - 1], outputs: convDim[layer] };
    const kernel = { kernel: convKernel[layer], stride: convStride[layer], bias: convBias };
    this.conv = new Conv1d(context, sizes, kernel);
    if (featExtractNorm === "layer") this.layerNorm = new LayerNorm(context, sizes.outputs);
    else if (layer === 0) this.layerNorm = new TimeNorm(context, sizes.outputs);
  }

  forward(x: Tensor): Tensor {
    return x.device.scope(() => {
      const y = this.conv.forward(x);
      return gelu(this.layerNorm?.forward(y) ?? y);
    });
  }
}

export class FeatureEncoder extends Module<Sequences> {
  readonly convLayers: ConvLayer[];
  readonly #config: Wav2Vec2Architecture;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture) {
    super();
    this.convLayers = config.convDim.map((_, layer) => new ConvLayer(context, config, layer));
    this.#config = config;
  }

  /** `[B, T', C]`; frames past a clip's own mean nothing. */
  forward(x: Sequences): Tensor {
    return this.encode(x).values;
  }

  encode(x: Sequences): Sequences {
    const frames = x.hostLengths.map((samples) => frameCount(this.#config, samples));
    const { values } = x;
    const padded = x.hostLengths.some((length) => length < values.shape[1]);
    const whole = !padded || this.#config.featExtractNorm === "layer";
    return sequencesOf(whole ? this.#stack(values) : this.#oneByOne(x, frames), frames);
  }

  #oneByOne({ values, hostLengths }: Sequences, frames: Int32Array): Tensor {
    const longest = frames.reduce((a, b) => Math.max(a, b));
    return values.device.scope(() =>
      concat(Array.from(hostLengths, (length, b) => {
        const clip = slice(values, [{ begin: b, end: b + 1 }, { end: length }]);
        return pad(this.#stack(clip), [[0, 0], [0, longest - frames[b]], [0, 0]]);
      }))
    );
  }

  /** Frees each layer's output when the next has read it; a tape keeps what it needs by itself. */
  #stack(samples: Tensor): Tensor {
    return this.convLayers.reduce((x, layer) => {
      const y = layer.forward(x);
      if (x !== samples) x.dispose();
      return y;
    }, samples);
  }
}

type Strides = Pick<Wav2Vec2Architecture, "convKernel" | "convStride">;

/** Frames that so many samples give; 0 or less where they are too few. */
export function frameCount({ convKernel, convStride }: Strides, samples: number): number {
  return convKernel.reduce((n, kernel, i) => Math.floor((n - kernel) / convStride[i]) + 1, samples);
}

/** Samples that one frame sees: what a clip must have at least. */
export function receptiveField({ convKernel, convStride }: Strides): number {
  return convKernel.reduceRight((n, kernel, i) => (n - 1) * convStride[i] + kernel, 1);
}
