/** Launches of `shaders/attention*.wgsl`. Software adapters take the same tiles: a row a thread was slower. */
import { type GpuCaps, type GpuLaunch, linearGrid, type Memory } from "../backend.ts";
import { type AttentionShare, tilesFor } from "../tiles.ts";
import type { Call, TensorSpec } from "../op.ts";
import {
  cooperativeAttention,
  cooperativeAttentionGrad,
  suitsCooperative,
} from "./attention_cooperative.ts";
import { type AttentionAttrs, shaderParams, sizesOf } from "./attention_plan.ts";

/** What both directions share: constants and parameters, and the grid by rows a workgroup · SHARE. */
function plan(
  call: Call<AttentionAttrs>,
  { shape, dtype }: TensorSpec,
  { masked, caps }: { readonly masked: boolean; readonly caps: GpuCaps },
) {
  const half = dtype === "f16";
  const sizes = sizesOf(shape, call.attrs);
  const { B, T, D, heads } = sizes;
  const { dropout, params } = shaderParams(sizes, call.attrs);
  const share: AttentionShare = D <= 64 ? 4 : 8;
  return {
    share,
    tiles: tilesFor(caps, half),
    constants: {
      HALF: Number(half),
      SHARE: share,
      MASKED: Number(masked),
      DROPOUT: dropout,
    },
    params,
    grid: (rows: number) => linearGrid(B * heads * Math.ceil(T * share / rows), 1),
  };
}

export function gpuAttention(call: Call<AttentionAttrs>, caps: GpuCaps): GpuLaunch[] {
  const { inputs: [q, k, v, lengths], outputs: [out, lse], attrs } = call;
  const masked = lengths !== undefined;
  // A binding must be filled: without lengths, q stands in unread.
  const buffers = [q, k, v, lengths ?? q, out, lse].map((t) => t.memory);
  const sizes = sizesOf(q.shape, attrs);
  if (caps.cooperativeMatrix && q.dtype === "f16" && suitsCooperative(sizes)) {
    return [cooperativeAttention(sizes, attrs, { masked, buffers })];
  }
  const { share, tiles, constants, params, grid } = plan(call, q, { masked, caps });
  return [{
    shader: "attention",
    constants: { ...constants, TILE: tiles.attention[share].keys },
    buffers,
    params,
    grid: grid(256),
  }];
}

export function gpuAttentionGrad(call: Call<AttentionAttrs>, caps: GpuCaps): GpuLaunch[] {
  const { inputs: [g, q, k, v, out, lse, lengths], outputs: [dq, dk, dv], attrs } = call;
  const masked = lengths !== undefined;
  const { share, tiles, constants, params, grid } = plan(call, q, { masked, caps });
  const sizes = sizesOf(q.shape, attrs);
  const { T, D, heads } = sizes;
  const stats = call.scratch(lse.size * 2);
  const unused = call.scratch(1);
  const [queries, keys] = [[q, g], [k, v]].map((pair) => pair.map((t) => t.memory));
  const shared = [stats, (lengths ?? q).memory];
  const delta: GpuLaunch = {
    shader: "attention_delta",
    constants: { HALF: constants.HALF },
    buffers: [...[g, out, lse].map((t) => t.memory), stats],
    params: [lse.size, heads, T, D],
    grid: linearGrid(lse.size),
  };
  if (caps.cooperativeMatrix && q.dtype === "f16" && suitsCooperative(sizes)) {
    const buffers = [...queries, ...keys, ...shared];
    const outputs = { dq: dq.memory, dk: dk.memory, dv: dv.memory, unused };
    return [delta, ...cooperativeAttentionGrad(sizes, attrs, { masked, buffers, ...outputs })];
  }
  const side = (KEYS: 0 | 1, inputs: Memory[], outputs: Memory[]): GpuLaunch => ({
    shader: "attention_grad",
    constants: { KEYS, TILE: tiles.attentionGrad[share].keys, ...constants },
    buffers: [...inputs, ...shared, ...outputs],
    params,
    grid: grid(128),
  });
  return [
    delta,
    side(0, [...queries, ...keys], [dq.memory, unused]),
    side(1, [...keys, ...queries], [dk.memory, dv.memory]),
  ];
}
