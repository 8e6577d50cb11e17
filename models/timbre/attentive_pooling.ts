/**
 * Attentive statistics pooling (Okabe et al. 2018): weights over time learned for every channel, then
 * the weighted mean and deviation of each. A sequence of any length becomes one vector.
 */
import { type LayerContext, Linear } from "../../engine/nn/layers.ts";
import { Module } from "../../engine/nn/module.ts";
import { maximum, mul, sqrt, square, sub, tanh } from "../../engine/ops/elementwise.ts";
import { concat } from "../../engine/ops/movement.ts";
import { sum } from "../../engine/ops/reduce.ts";
import { softmax } from "../../engine/ops/softmax.ts";
import type { Tensor } from "../../engine/tensor.ts";

/** Keeps the root's slope finite where a channel does not vary. */
const LEAST_VARIANCE = 1e-5;

export class AttentivePooling extends Module {
  readonly inner: Linear;
  readonly outer: Linear;

  constructor(context: LayerContext, channels: number, width: number) {
    super();
    this.inner = new Linear(context, channels, width);
    this.outer = new Linear(context, width, channels);
  }

  /** `[B, T, C]` → `[B, 2 C]`. */
  forward(x: Tensor): Tensor {
    const weights = softmax(this.outer.forward(tanh(this.inner.forward(x))), 1);
    const weighted = mul(weights, x);
    const mean = sum(weighted, { axes: [1] });
    const variance = sub(sum(mul(weighted, x), { axes: [1] }), square(mean));
    return concat([mean, sqrt(maximum(variance, LEAST_VARIANCE))], 1);
  }
}
