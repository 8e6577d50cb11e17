/** What an attention op knows of its arguments: sizes, and where in a random stream its mask lies. */
import { f32, type Param } from "../backend.ts";
import type { TensorSpec } from "../op.ts";
import { formatShape, sameShape, type Shape } from "../shape.ts";
import type { Words } from "../random.ts";
import { operandType } from "./cast.ts";
import { streamParams } from "./random_ops.ts";

/** Dropout of the probabilities, as `dropout` draws: words below `threshold` drop. */
export interface AttentionDropout {
  readonly threshold: number;
  /** Factor on the others. */
  readonly keep: number;
  readonly key: Words;
  readonly counter: number;
}

export interface AttentionAttrs {
  readonly heads: number;
  /** Factor on the scores. */
  readonly scale: number;
  readonly dropout: AttentionDropout | null;
}

export interface AttentionSizes {
  readonly B: number;
  readonly T: number;
  /** Channels of all heads, and of one. */
  readonly C: number;
  readonly D: number;
  readonly heads: number;
}

export function sizesOf([B, T, C]: Shape, { heads }: AttentionAttrs): AttentionSizes {
  return { B, T, C, D: C / heads, heads };
}

/** Channels of a head that the kernels hold. */
const MOST_CHANNELS = 128;

/** Throws where q, k, v and lengths do not fit, with their shapes. */
export function checkAttention(inputs: readonly TensorSpec[], attrs: AttentionAttrs): void {
  const [q, k, v, lengths] = inputs;
  const C = q.shape.at(-1) ?? 0;
  operandType("attention", [q, k, v]);
  const fits = (t: TensorSpec) => sameShape(t.shape, q.shape);
  const D = C / attrs.heads;
  const lengthsFit = !lengths || lengths.dtype === "i32" && sameShape(lengths.shape, [q.shape[0]]);
  if (q.shape.length !== 3 || ![q, k, v].every(fits) || !lengthsFit) {
    throw new Error(
      `attention: needs q, k, v of one shape [B, T, C] (and i32 lengths [B]), got ${
        inputs.map((t) => `${t.dtype} ${formatShape(t.shape)}`).join(", ")
      }`,
    );
  }
  if (!Number.isInteger(D) || D < 1 || D > MOST_CHANNELS) {
    throw new Error(
      `attention: ${C} channels do not make ${attrs.heads} heads of 1 to ${MOST_CHANNELS}`,
    );
  }
}

/** Blocks of the random stream that a mask takes: one for a query and two neighbouring keys. */
export function maskBlocks([B, T]: Shape, heads: number): number {
  return B * heads * Math.ceil(T / 2) * T;
}

/** Dropout as kernels read it; a threshold of 0 means none. */
export function dropoutParams(
  { dropout }: AttentionAttrs,
): { threshold: number; keep: number; stream: Param[] } {
  if (!dropout) return { threshold: 0, keep: 1, stream: [0, 0, 0, 0] };
  const { threshold, keep, key, counter } = dropout;
  return { threshold, keep, stream: streamParams(key, counter) };
}

/** The parameters of `shaders/attention*.wgsl`, and whether they drop any probability. */
export function shaderParams(
  { B, T, D, heads }: Omit<AttentionSizes, "C">,
  attrs: AttentionAttrs,
): { dropout: number; params: Param[] } {
  const { threshold, keep, stream } = dropoutParams(attrs);
  return {
    dropout: Number(threshold !== 0),
    params: [B * heads, heads, T, D, f32(attrs.scale), threshold, f32(keep), ...stream],
  };
}
