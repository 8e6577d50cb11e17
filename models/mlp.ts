/**
 * MLP (paper §3.2, table 1): three hidden layers of 256, 128 and 64, each with batch norm and
 * dropout, on one vector of features a clip.
 *
 * Where the paper leaves a choice open: it gives no number of epochs: 100 at most, stopped when the
 * validation loss has not fallen for 15. Features are standardised by the training clips.
 */
import { type LayerContext, Linear } from "../engine/nn/layers.ts";
import { Module } from "../engine/nn/module.ts";
import type { Tensor } from "../engine/tensor.ts";
import { HiddenLayer } from "./hidden_layer.ts";
import { equalRows, type System } from "./system.ts";

export class Mlp extends Module {
  readonly hidden: HiddenLayer[];
  readonly output: Linear;

  constructor(context: LayerContext, features: number, classes: number) {
    super();
    this.hidden = [
      new HiddenLayer(context, features, 256, 0.4),
      new HiddenLayer(context, 256, 128, 0.4),
      new HiddenLayer(context, 128, 64, 0.3),
    ];
    this.output = new Linear(context, 64, classes);
  }

  /** `[N, features]` → `[N, classes]` logits. */
  forward(x: Tensor): Tensor {
    return this.output.forward(this.hidden.reduce((h, layer) => layer.forward(h), x));
  }
}

export const mlp: System = {
  name: "mlp",
  title: "MLP",
  input: "vector",
  normalization: "standardize",
  recipe: {
    epochs: 100,
    batch: 32,
    learningRate: 1e-3,
    weightDecay: 0,
    clipNorm: null,
    plateau: null,
    patience: 15,
    labelSmoothing: 0,
  },
  paper: { accuracy: 0.6991, n: 216, where: "§3.2" },
  build: (context, { classes, inputShape }) => new Mlp(context, inputShape[0], classes),
  source: equalRows,
};
