/**
 * Scaled dot-product attention, forward and backward each fused: no T × T matrix is ever stored. The
 * backward pass makes the probabilities anew from the log-sum-exp of every row (Dao et al.,
 * "FlashAttention", 2022), and the dropout mask from its place in the stream.
 */
import { defineOp, type Op } from "../op.ts";
import type { Random } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { like, operand } from "./cast.ts";
import { cpuAttention, cpuAttentionGrad } from "./attention_cpu.ts";
import { gpuAttention, gpuAttentionGrad } from "./attention_gpu.ts";
import {
  type AttentionAttrs,
  type AttentionDropout,
  checkAttention,
  maskBlocks,
  sizesOf,
} from "./attention_plan.ts";

const attentionOp: Op<AttentionAttrs> = defineOp<AttentionAttrs>({
  name: "attention",
  infer: (inputs, attrs) => {
    checkAttention(inputs, attrs);
    const { B, T, heads } = sizesOf(inputs[0].shape, attrs);
    return [
      { shape: inputs[0].shape, dtype: "f32" },
      { shape: [B, heads, T], dtype: "f32" },
    ];
  },
  cpu: cpuAttention,
  gpu: gpuAttention,
  half: true,
  save: { inputs: [0, 1, 2, 3], outputs: [0, 1] },
  backward: ([g], c) => {
    if (!g) return [];
    const [q, k, v, ...lengths] = c.inputSpecs.map((_, i) => c.input(i));
    return attentionGradOp.apply(
      [like(q, g), q, k, v, c.output(0), c.output(1), ...lengths],
      c.attrs,
    );
  },
});

/** From dO, q, k, v, O, log-sum-exp (and lengths) the gradients of q, k and v. */
const attentionGradOp = defineOp<AttentionAttrs>({
  name: "attentionGrad",
  infer: ([_, q]) => [q, q, q].map(({ shape }) => ({ shape, dtype: "f32" })),
  cpu: cpuAttentionGrad,
  gpu: gpuAttentionGrad,
  half: true,
  backward: null,
});

/** How heads lie, and which keys count. */
export interface AttentionOptions {
  /** Heads that share the channels: C = heads · D with D ≤ 128. */
  readonly heads: number;
  /** i32 [B]: keys at or past a clip's length are masked out. Default: none. */
  readonly lengths?: Tensor;
  /** Factor on the scores; default 1/√D. */
  readonly scale?: number;
  /**
   * Each probability is zeroed with probability `p`, the others scaled by 1 / (1 − p). Takes
   * B · heads · ⌈T/2⌉ · T blocks of `random`; none where p is 0.
   */
  readonly dropout?: { readonly p: number; readonly random: Random };
}

/**
 * softmax(scale · q kᵀ) v of every head, with q, k, v and the result [B, T, C]: head h has channels
 * h · D … h · D + D − 1, as linear layers leave them, so nothing is transposed
 * (`torch.nn.functional.scaled_dot_product_attention`). Queries past a clip's length attend to its
 * valid keys, as in transformers; a clip of length 0 gives 0. What keys and values hold past the
 * length does not matter, and their gradient there is 0.
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): Tensor {
  const { heads, lengths, scale = 1 / Math.sqrt((q.shape.at(-1) ?? 0) / heads) } = options;
  const inputs = [...[q, k, v].map((x) => operand(x)), ...lengths ? [lengths] : []];
  checkAttention(inputs, { heads, scale, dropout: null });
  const [out, lse] = attentionOp.apply(inputs, { heads, scale, dropout: placeMask(q, options) });
  lse.dispose(); // the tape holds its own, where a gradient will want it
  return out;
}

/** Sets the mask's stretch of the stream aside. */
function placeMask(q: Tensor, { heads, dropout }: AttentionOptions): AttentionDropout | null {
  if (!dropout) return null;
  const { p, random } = dropout;
  if (!(p >= 0 && p < 1)) {
    throw new Error(`attention: the dropout probability must be in [0, 1), got ${p}`);
  }
  const threshold = Math.min(Math.round(p * 2 ** 32), 2 ** 32 - 1);
  if (threshold === 0) return null;
  const blocks = maskBlocks(q.shape, heads);
  if (blocks > 2 ** 32) {
    throw new Error(`attention: a dropout mask of ${blocks} blocks, 2^32 can be told apart`);
  }
  return { threshold, keep: 1 / (1 - p), key: random.key, counter: random.take(blocks) };
}
