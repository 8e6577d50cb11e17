/**
 * Attention of halves on cooperative matrices, where an adapter has them: which it suits, and its launches.
 * Others take the shaders that any adapter runs.
 */
import { type GpuLaunch, linearGrid, type Memory } from "../backend.ts";
import { type AttentionAttrs, type AttentionSizes, shaderParams } from "./attention_plan.ts";

/** Rows a workgroup takes, and of the other side at a time. */
const TILE = 32;
/** Channels of a matrix, and of a head at most. */
const SIDE = 16;
const MOST_CHANNELS = 64;

/** Whether there is a whole tile of rows, and heads are whole matrices. */
export function suitsCooperative({ T, D }: AttentionSizes): boolean {
  return T >= TILE && D % SIDE === 0 && D <= MOST_CHANNELS;
}

/** What both directions share: constants and parameters, and the grid. */
function plan(
  { B, T, D, heads }: AttentionSizes,
  attrs: AttentionAttrs,
  masked: boolean,
): Pick<GpuLaunch, "constants" | "params" | "grid"> {
  const { dropout, params } = shaderParams({ B, T, D, heads }, attrs);
  return {
    constants: { DEPTHS: D / SIDE, MASKED: Number(masked), DROPOUT: dropout },
    params,
    grid: linearGrid(B * heads * Math.ceil(T / TILE), 1),
  };
}

interface Buffers {
  readonly masked: boolean;
  readonly buffers: readonly Memory[];
}

/** The launch of `shaders/attention_cooperative.wgsl`; `buffers` as `shaders/attention.wgsl` has them. */
export function cooperativeAttention(
  sizes: AttentionSizes,
  attrs: AttentionAttrs,
  { masked, buffers }: Buffers,
): GpuLaunch {
  return { shader: "attention_cooperative", buffers, ...plan(sizes, attrs, masked) };
}

/**
 * The launches of `shaders/attention_grad_cooperative.wgsl`: dq, then dk and dv. `buffers` are those it
 * reads, in its order; `unused` is bound where the first has nothing to write.
 */
export function cooperativeAttentionGrad(
  sizes: AttentionSizes,
  attrs: AttentionAttrs,
  { masked, buffers, dq, dk, dv, unused }: Buffers & {
    readonly dq: Memory;
    readonly dk: Memory;
    readonly dv: Memory;
    readonly unused: Memory;
  },
): GpuLaunch[] {
  const { constants, ...rest } = plan(sizes, attrs, masked);
  return [[dq, unused], [dk, dv]].map((outputs, KEYS) => ({
    shader: "attention_grad_cooperative",
    constants: { KEYS, ...constants },
    buffers: [...buffers, ...outputs],
    ...rest,
  }));
}
