import { Module } from "../../engine/nn/module.ts";
import type { LayerContext } from "../../engine/nn/layers.ts";
import { mul, sub } from "../../engine/ops/elementwise.ts";
import { conv1d, type Conv1dOptions } from "../../engine/ops/conv1d.ts";
import { uniform } from "../../engine/ops/random_ops.ts";
import type { Tensor } from "../../engine/tensor.ts";
export class Conv1d extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly #options: Conv1dOptions;
  constructor(
    { device, random }: LayerContext,
    [i, o]: readonly [number, number],
    k: number,
    options: Conv1dOptions = {},
  ) {
    super();
    const init = (shape: number[]) => {
      const t = device.scope(() =>
        mul(sub(uniform(device, shape, random), 0.5), 2 / Math.sqrt(i * k))
      );
      t.requiresGrad = true;
      return device.keep(t);
    };
    this.weight = init([o, i, k]);
    this.bias = init([o]);
    this.#options = options;
  }
  forward(x: Tensor): Tensor {
    return conv1d(x, this.weight, { ...this.#options, bias: this.bias });
  }
}
