/** Launches of `kernels/attention*.ts`: scratch for every thread, and how work is shared out. */
import { type CpuCaps, type CpuLaunch, f32, type Param } from "../backend.ts";
import type { Call } from "../op.ts";
import { type AttentionAttrs, dropoutParams, sizesOf } from "./attention_plan.ts";

/** Blocks as the kernels have them. */
const FORWARD_KEYS = 256;
const GRAD_KEYS = 192;
const GRAD_QUERIES = 48;

const padded = (words: number) => Math.ceil(words / 16) * 16;

/** Parts a head's queries are cut into, so that few heads still give every thread work. */
function queryParts(heads: number, T: number, { threads }: CpuCaps): number {
  const wanted = Math.ceil(threads * 2 / heads);
  return Math.max(1, Math.min(wanted, Math.floor(T / 128)));
}

export function cpuAttention(call: Call<AttentionAttrs>, caps: CpuCaps): CpuLaunch[] {
  const { inputs: [q, k, v, lengths], outputs: [out, lse], attrs } = call;
  const { B, T, D, heads } = sizesOf(q.shape, attrs);
  const parts = queryParts(B * heads, T, caps);
  const keyPanels = Math.ceil(T / 6), depthPanels = Math.ceil(D / 6);
  const words = padded(Math.max(FORWARD_KEYS, D)) + 48 + 16 * D + 96 * depthPanels +
    96 * keyPanels + padded(6 * keyPanels * D) + padded(6 * depthPanels * T);
  const scratch = call.scratch(words * caps.threads);
  return [{
    kernel: "attention",
    buffers: [...[q, k, v, lengths ?? q, out, lse].map((t) => t.memory), scratch],
    params: [heads, T, D, parts, Number(lengths !== undefined), words, ...tail(attrs)],
    items: B * heads * parts,
    grain: 1,
  }];
}

export function cpuAttentionGrad(call: Call<AttentionAttrs>, caps: CpuCaps): CpuLaunch[] {
  const { inputs: [g, q, k, v, out, lse, lengths], outputs, attrs } = call;
  const { B, T, D, heads } = sizesOf(q.shape, attrs);
  const rows = Math.ceil(T / GRAD_QUERIES) * GRAD_QUERIES, depthPanels = Math.ceil(D / 6);
  const words = padded(Math.max(GRAD_KEYS, D)) + 48 + rows * (2 + 2 * D + 18 * depthPanels) +
    GRAD_KEYS * (2 * D + 18 * depthPanels + 32 + 2 * GRAD_QUERIES);
  const scratch = call.scratch(words * caps.threads);
  const inputs = [g, q, k, v, lengths ?? q, out, lse];
  return [{
    kernel: "attentionGrad",
    buffers: [...[...inputs, ...outputs].map((t) => t.memory), scratch],
    params: [heads, T, D, Number(lengths !== undefined), words, ...tail(attrs)],
    items: B * heads,
    grain: 1,
  }];
}

function tail(attrs: AttentionAttrs): Param[] {
  const { threshold, keep, stream } = dropoutParams(attrs);
  return [f32(attrs.scale), threshold, f32(keep), ...stream];
}
