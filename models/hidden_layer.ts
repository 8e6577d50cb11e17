/**
 * A hidden layer as the paper's tables 1 and 5 list it: linear, batch norm, ReLU and dropout. The
 * tables leave the order open; this is the one taken.
 */
import { BatchNorm, Dropout, type LayerContext, Linear } from "../engine/nn/layers.ts";
import { Module } from "../engine/nn/module.ts";
import { relu } from "../engine/ops/elementwise.ts";
import type { Tensor } from "../engine/tensor.ts";

/** `[N, in]` → `[N, out]`. */
export class HiddenLayer extends Module {
  readonly linear: Linear;
  readonly norm: BatchNorm;
  readonly dropout: Dropout;

  constructor(context: LayerContext, inputs: number, outputs: number, drop: number) {
    super();
    this.linear = new Linear(context, inputs, outputs);
    this.norm = new BatchNorm(context, outputs);
    this.dropout = new Dropout(context, drop);
  }

  forward(x: Tensor): Tensor {
    return this.dropout.forward(relu(this.norm.forward(this.linear.forward(x))));
  }
}
