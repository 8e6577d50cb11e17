/**
 * The backbone, from samples to hidden states, in steps that can be entered and left at any depth: what
 * no training changes is run once a clip, and training begins above it.
 *
 * A clip's states never depend on the batch it comes in: padding is masked in attention, zero for the
 * positional convolution, and kept out of norms over time. That is what transformers give for a clip
 * alone, and for a batch with an attention mask. Without a mask, transformers let padding into a batch;
 * nothing here does.
 */
import { Module } from "../../engine/nn/module.ts";
import type { Sequences } from "../../engine/nn/sequences.ts";
import type { Random } from "../../engine/random.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { AttentionInput } from "./attention.ts";
import type { Wav2Vec2Architecture } from "./config.ts";
import { Encoder } from "./encoder.ts";
import { FeatureEncoder } from "./feature_encoder.ts";
import { FeatureProjection } from "./feature_projection.ts";
import { drawn, type NetworkContext, parameter } from "./layers.ts";
import { uniform } from "../../engine/ops/random_ops.ts";
import { specAugment } from "./spec_augment.ts";
import { isPadded, withZerosPastEnds } from "./sequences.ts";

/**
 * How far a batch has come: samples `[B, T, 1]`, the feature encoder's frames `[B, T, C]`, or hidden
 * state k `[B, T, H]`, from 0 (what the first layer takes) to the number of layers, which is the end.
 */
export type Depth = "samples" | "frames" | number;

export interface RunOptions {
  /** Where the batch stands; default "samples". */
  readonly from?: Depth;
  /** How far to go; default: to the end, behind the last layer norm where it stands there. */
  readonly to?: Depth;
  /** Is shown each hidden state on the way, as transformers list them: the last before any layer norm. */
  readonly onHidden?: (state: Tensor, k: number) => void;
}

export class Wav2Vec2Model extends Module<Sequences> {
  readonly featureExtractor: FeatureEncoder;
  readonly featureProjection: FeatureProjection;
  /** Stands for masked frames while training. */
  readonly maskedSpecEmbed?: Tensor; // [H]
  readonly encoder: Encoder;
  readonly layers: number;
  /** Values of a frame, and of a hidden state at a frame. */
  readonly frameSize: number;
  readonly hiddenSize: number;
  readonly #config: Wav2Vec2Architecture;
  readonly #random: Random;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture) {
    super();
    const { hiddenSize, maskTimeProb, maskFeatureProb, numHiddenLayers } = config;
    this.featureExtractor = new FeatureEncoder(context, config);
    this.featureProjection = new FeatureProjection(context, config);
    if (maskTimeProb > 0 || maskFeatureProb > 0) {
      const first = () => uniform(context.device, [hiddenSize], context.random);
      this.maskedSpecEmbed = parameter(drawn(context), [hiddenSize], first);
    }
    this.encoder = new Encoder(context, config);
    this.layers = numHiddenLayers;
    this.frameSize = config.convDim.at(-1)!;
    this.hiddenSize = hiddenSize;
    this.#config = config;
    this.#random = context.random;
  }

  /** The last hidden state, `[B, T', H]`. */
  forward(x: Sequences): Tensor {
    return this.run(x).values;
  }

  /** Takes a batch from one depth to another; what is made on the way belongs to the current scope. */
  run(x: Sequences, { from = "samples", to = this.layers, onHidden }: RunOptions = {}): Sequences {
    if (from === to) return x;
    let at: Depth = from;
    let y = x;
    if (at === "samples" && to !== at) {
      y = this.featureExtractor.encode(y);
      at = "frames";
    }
    if (at === "frames" && to !== at) {
      y = this.#embed(y);
      at = 0;
      onHidden?.(y.values, at);
    }
    if (typeof at !== "number" || typeof to !== "number") return y;
    const input: AttentionInput = isPadded(y) ? { lengths: y.lengths } : {};
    for (; at < to; at++) {
      y = { ...y, values: this.encoder.layer(at, y.values, input) };
      onHidden?.(y.values, at + 1);
    }
    return at === this.layers ? { ...y, values: this.encoder.finish(y.values) } : y;
  }

  /** Hidden state 0 of frames: projected, masked while training, placed. */
  #embed(frames: Sequences): Sequences {
    const { values } = frames;
    const embedded = values.device.scope(() => {
      const projected = this.#masked(this.featureProjection.forward(values), frames);
      return this.encoder.embed(withZerosPastEnds({ ...frames, values: projected }).values);
    });
    return { ...frames, values: embedded };
  }

  /** With spans masked, where there is training and the configuration asks for it. */
  #masked(x: Tensor, { hostLengths }: Sequences): Tensor {
    const embed = this.maskedSpecEmbed;
    if (!embed || !this.training || !this.#config.applySpecAugment) return x;
    return specAugment(x, {
      ...this.#config,
      embed,
      random: this.#random,
      lengths: Array.from(hostLengths),
    });
  }
}
