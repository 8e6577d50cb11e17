/**
 * Networks that name an emotion: the backbone, its frames averaged over a clip, and a head.
 *
 * `ProjectorHead` is transformers' Wav2Vec2ForSequenceClassification, which the paper's large model is
 * (table 6: projector 256, classifier 8). The checkpoint it began from brings another head, dense with a
 * tanh (classifier.dense, classifier.output), which the paper says was not taken over; so no tanh
 * stands here: table 6 and §3.5.1's account of the loading are followed. Transformers project each frame
 * and average then; projection is linear, so the average is projected here, once a clip.
 *
 * `DenseHead` is that other head, which a family of fine-tuned checkpoints has: it answers where such a
 * checkpoint is asked as it is, and nothing here trains it.
 *
 * `PaperHead` is the head of the paper's base model (table 7): average over time, dropout 0.1, linear to
 * 256, ReLU, dropout 0.2, linear to the classes. The prose puts the first dropout before the average; the
 * table's order is taken.
 */
import { Dropout } from "../../engine/nn/layers.ts";
import { Module } from "../../engine/nn/module.ts";
import type { Sequences } from "../../engine/nn/sequences.ts";
import { mul, relu, tanh } from "../../engine/ops/elementwise.ts";
import { concat, reshape } from "../../engine/ops/movement.ts";
import { sum } from "../../engine/ops/reduce.ts";
import { softmax } from "../../engine/ops/softmax.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Wav2Vec2Architecture } from "./config.ts";
import { constant, drawn, Linear, type NetworkContext } from "./layers.ts";
import { type Depth, Wav2Vec2Model } from "./model.ts";
import { average } from "./sequences.ts";

/** Where a network's inputs stand: at a depth of the backbone, or behind it, averaged over time. */
export type Entry = Depth | "pooled";

/** Batches `[B, T, C]` as they stand at `entry` → `[B, classes]` logits. */
export abstract class Wav2Vec2Network extends Module<Sequences> {
  readonly wav2vec2: Wav2Vec2Model;
  /** May be moved up to where training begins. */
  entry: Entry = "samples";

  constructor(context: NetworkContext, config: Wav2Vec2Architecture) {
    super();
    this.wav2vec2 = new Wav2Vec2Model(context, config);
  }

  /** Its head takes all hidden states, not the last alone. */
  get mixesStates(): boolean {
    return false;
  }

  /** Values of a clip that `pool` gives. */
  get pooledSize(): number {
    const { layers, hiddenSize } = this.wav2vec2;
    return this.mixesStates ? (layers + 1) * hiddenSize : hiddenSize;
  }

  forward(x: Sequences): Tensor {
    const { entry } = this;
    if (entry !== "pooled") return this.classify(this.pool(x, entry));
    const [batch, , channels] = x.values.shape;
    return this.classify(reshape(x.values, [batch, channels]));
  }

  /** Logits of clips, from what `pool` gives. */
  protected abstract classify(pooled: Tensor): Tensor;

  /** What gives the logits. */
  abstract get output(): Linear;

  /** Averages over time of what the head takes, `[B, H]` or several of them, `[B, n · H]`. */
  pool(x: Sequences, from: Depth): Tensor {
    return average(this.wav2vec2.run(x, { from }));
  }
}

export class ProjectorHead extends Wav2Vec2Network {
  /** Weights of all hidden states before their softmax, where the head takes a mixture of them. */
  readonly layerWeights?: Tensor; // [layers + 1]
  readonly projector: Linear;
  readonly classifier: Linear;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture, classes: number) {
    super(context, config);
    const { hiddenSize, classifierProjSize: width, initializerRange: deviation } = config;
    const states = config.numHiddenLayers + 1;
    if (config.useWeightedLayerSum) {
      this.layerWeights = constant(drawn(context), [states], 1 / states);
    }
    const linear = (inputs: number, outputs: number) =>
      new Linear(drawn(context), { inputs, outputs }, deviation);
    this.projector = linear(hiddenSize, width);
    this.classifier = linear(width, classes);
  }

  override get mixesStates(): boolean {
    return this.layerWeights !== undefined;
  }

  get output(): Linear {
    return this.classifier;
  }

  override pool(x: Sequences, from: Depth): Tensor {
    if (!this.layerWeights) return super.pool(x, from);
    const { wav2vec2 } = this;
    if (typeof from === "number" && from > 0) {
      throw new Error("a mixture of all hidden states cannot begin in the midst of them");
    }
    const states: Tensor[] = from === 0 ? [x.values] : [];
    const last = wav2vec2.run(x, { from, onHidden: (values) => states.push(values) });
    return concat(states.map((values) => average({ ...last, values })), -1);
  }

  protected classify(pooled: Tensor): Tensor {
    return this.classifier.forward(this.projector.forward(this.#mixed(pooled)));
  }

  /** `[B, (layers + 1) · H]` → `[B, H]`, where there are weights. */
  #mixed(pooled: Tensor): Tensor {
    if (!this.layerWeights) return pooled;
    const states = this.layerWeights.size;
    const [batch, width] = pooled.shape;
    const shares = reshape(softmax(this.layerWeights), [states, 1]);
    const parts = reshape(pooled, [batch, states, width / states]);
    return sum(mul(parts, shares), { axes: 1 });
  }
}

/** Dropout, linear, ReLU, dropout, linear: of what the paper calls the classifier head. */
class TwoLayers extends Module {
  readonly before: Dropout;
  readonly hidden: Linear;
  readonly between: Dropout;
  readonly output: Linear;

  constructor(context: NetworkContext, { inputs, outputs }: { inputs: number; outputs: number }) {
    super();
    const deviation = 1 / Math.sqrt(3 * inputs);
    this.before = new Dropout(context, 0.1);
    this.hidden = new Linear(context, { inputs, outputs: HIDDEN }, deviation);
    this.between = new Dropout(context, 0.2);
    this.output = new Linear(context, { inputs: HIDDEN, outputs }, 1 / Math.sqrt(3 * HIDDEN));
  }

  forward(x: Tensor): Tensor {
    const hidden = relu(this.hidden.forward(this.before.forward(x)));
    return this.output.forward(this.between.forward(hidden));
  }
}

const HIDDEN = 256;

export class PaperHead extends Wav2Vec2Network {
  readonly head: TwoLayers;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture, classes: number) {
    super(context, config);
    this.head = new TwoLayers(drawn(context), { inputs: config.hiddenSize, outputs: classes });
  }

  get output(): Linear {
    return this.head.output;
  }

  protected classify(pooled: Tensor): Tensor {
    return this.head.forward(pooled);
  }
}

/** Linear, tanh, linear: `classifier.dense` and `classifier.output` in files. */
class DenseLayers extends Module {
  readonly dense: Linear;
  readonly output: Linear;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture, classes: number) {
    super();
    const { hiddenSize: inputs, initializerRange: deviation } = config;
    this.dense = new Linear(context, { inputs, outputs: inputs }, deviation);
    this.output = new Linear(context, { inputs, outputs: classes }, deviation);
  }

  forward(x: Tensor): Tensor {
    return this.output.forward(tanh(this.dense.forward(x)));
  }
}

export class DenseHead extends Wav2Vec2Network {
  readonly classifier: DenseLayers;

  constructor(context: NetworkContext, config: Wav2Vec2Architecture, classes: number) {
    super(context, config);
    this.classifier = new DenseLayers(drawn(context), config, classes);
  }

  get output(): Linear {
    return this.classifier.output;
  }

  protected classify(pooled: Tensor): Tensor {
    return this.classifier.forward(pooled);
  }
}
