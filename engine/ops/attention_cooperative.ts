/**
 * Attention of halves on cooperative matrices, where an adapter has them: which it suits, and its launch.
 * Others take the shader that any adapter runs, and so do all gradients.
 */
import { type GpuLaunch, linearGrid, type Memory } from "../backend.ts";
import { type AttentionAttrs, type AttentionSizes, shaderParams } from "./attention_plan.ts";

/** Queries a workgroup takes, and keys at a time. */
const TILE = 32;
/** Channels of a matrix, and of a head at most. */
const SIDE = 16;
const MOST_CHANNELS = 64;

/** Whether there is a whole tile of queries, and heads are whole matrices. */
export function suitsCooperative({ T, D }: AttentionSizes): boolean {
  return T >= TILE && D % SIDE === 0 && D <= MOST_CHANNELS;
}

/** The launch of `shaders/attention_cooperative.wgsl`; `buffers` as `shaders/attention.wgsl` has them. */
export function cooperativeAttention(
  { B, T, D, heads }: AttentionSizes,
  attrs: AttentionAttrs,
  { masked, buffers }: { readonly masked: boolean; readonly buffers: readonly Memory[] },
): GpuLaunch {
  const { dropout, params } = shaderParams({ B, T, D, heads }, attrs);
  return {
    shader: "attention_cooperative",
    constants: { DEPTHS: D / SIDE, MASKED: Number(masked), DROPOUT: dropout },
    buffers,
    params,
    grid: linearGrid(B * heads * Math.ceil(T / TILE), 1),
  };
}
