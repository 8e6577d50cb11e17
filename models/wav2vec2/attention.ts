/** Self-attention of several heads, with LoRA beside its projections where a training asks for it. */
import { Module } from "../../engine/nn/module.ts";
import { add, mul } from "../../engine/ops/elementwise.ts";
import { attention } from "../../engine/ops/attention.ts";
import { operand } from "../../engine/ops/cast.ts";
import { matmul } from "../../engine/ops/matmul.ts";
import type { Random } from "../../engine/random.ts";
import type { Tensor } from "../../engine/tensor.ts";
import type { Wav2Vec2Architecture } from "./config.ts";
import { constant, evenly, Linear, type NetworkContext } from "./layers.ts";

/** LoRA's α over its rank: how much the update counts. */
const LORA_SCALE = 2;

/** A low-rank update of a linear layer, W + 2 · B A (Hu et al. 2021); B is 0 at first. */
export class Lora extends Module {
  readonly a: Tensor; // [rank, inputs]
  readonly b: Tensor; // [outputs, rank]

  constructor(context: NetworkContext, { weight }: Linear, rank: number) {
    super();
    const [outputs, inputs] = weight.shape;
    // As its authors' code has it: Kaiming-uniform with a = √5, which is ±1/√inputs.
    this.a = evenly(context, [rank, inputs], 1 / Math.sqrt(inputs));
    this.b = constant(context, [outputs, rank], 0);
  }

  forward(x: Tensor): Tensor {
    const low = matmul(x, this.a, { transposeB: true });
    return mul(matmul(low, this.b, { transposeB: true }), LORA_SCALE);
  }

  /** What is added to the layer's weights, `[outputs, inputs]`. */
  update(): Tensor {
    return mul(matmul(this.b, this.a), LORA_SCALE);
  }
}

export const PROJECTIONS = ["q", "k", "v", "out"] as const;
export type Projection = typeof PROJECTIONS[number];

/** Where the keys end, where a batch is padded. */
export interface AttentionInput {
  readonly lengths?: Tensor;
}

export class SelfAttention extends Module {
  readonly kProj: Linear;
  readonly vProj: Linear;
  readonly qProj: Linear;
  readonly outProj: Linear;
  kLora?: Lora;
  vLora?: Lora;
  qLora?: Lora;
  outLora?: Lora;
  readonly #heads: number;
  readonly #dropout: { readonly p: number; readonly random: Random };

  constructor(context: NetworkContext, config: Wav2Vec2Architecture) {
    super();
    const { hiddenSize, numAttentionHeads, attentionDropout, initializerRange } = config;
    const linear = () =>
      new Linear(context, { inputs: hiddenSize, outputs: hiddenSize }, initializerRange);
    this.kProj = linear();
    this.vProj = linear();
    this.qProj = linear();
    this.outProj = linear();
    this.#heads = numAttentionHeads;
    this.#dropout = { p: attentionDropout, random: context.random };
  }

  /** Puts an update of this rank beside each projection; the projections themselves are to be frozen. */
  addLora(context: NetworkContext, rank: number): void {
    for (const one of PROJECTIONS) this[`${one}Lora`] = new Lora(context, this[`${one}Proj`], rank);
  }

  /** `[B, T, H]` → `[B, T, H]`. */
  forward(x: Tensor, { lengths }: AttentionInput = {}): Tensor {
    const given = operand(x); // once for the three that read it
    const [q, k, v] = (["q", "k", "v"] as const).map((one) => this.#project(one, given));
    const options = {
      heads: this.#heads,
      ...(lengths && { lengths }),
      ...(this.training && { dropout: this.#dropout }),
    };
    return this.#project("out", attention(q, k, v, options));
  }

  #project(one: Projection, x: Tensor): Tensor {
    const y = this[`${one}Proj`].forward(x);
    const lora = this[`${one}Lora`];
    return lora ? add(y, lora.forward(x)) : y;
  }
}
