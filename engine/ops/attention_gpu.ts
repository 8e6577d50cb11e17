/** Launches of `shaders/attention*.wgsl`: tiles for GPUs, a row a thread where memory tricks only cost. */
import { f32, type GpuCaps, type GpuLaunch, linearGrid, type Memory } from "../backend.ts";
import type { Call } from "../op.ts";
import {
  type AttentionAttrs,
  type AttentionSizes,
  dropoutParams,
  sizesOf,
} from "./attention_plan.ts";

/** Channels of a head that the tiled shaders keep in registers. */
const TILED_CHANNELS = 64;
/** Rows a workgroup of the tiled shaders. */
const FORWARD_ROWS = 64;
const GRAD_ROWS = 32;
/** Trips of loops that a thread may make, with a margin; see `shaders/attention.wgsl`. */
const MOST_TRIPS = 60_000;

function checkTrips({ T, D }: AttentionSizes, { software }: GpuCaps): void {
  const trips = T * (2 * Math.ceil(D / 16) + 1);
  if (software && trips > MOST_TRIPS) {
    throw new Error(`attention: ${T} frames are too many for a software adapter; use the CPU`);
  }
}

/** What both directions share: which kernel, its constants and its parameters. */
function plan(sizes: AttentionSizes, attrs: AttentionAttrs, caps: GpuCaps, masked: boolean) {
  const { B, T, D, heads } = sizes;
  const tiled = !caps.software && D <= TILED_CHANNELS;
  if (!tiled) checkTrips(sizes, caps);
  const { threshold, keep, stream } = dropoutParams(attrs);
  return {
    tiled,
    constants: { MASKED: Number(masked), DROPOUT: Number(threshold !== 0) },
    params: [B * heads * T, heads, T, D, f32(attrs.scale), threshold, f32(keep), ...stream],
    grid: (rows: number) =>
      tiled ? linearGrid(B * heads * Math.ceil(T / rows), 1) : linearGrid(B * heads * T),
  };
}

export function gpuAttention(call: Call<AttentionAttrs>, caps: GpuCaps): GpuLaunch[] {
  const { inputs: [q, k, v, lengths], outputs: [out, lse], attrs } = call;
  const { tiled, constants, params, grid } = plan(sizesOf(q.shape, attrs), attrs, caps, !!lengths);
  return [{
    shader: tiled ? "attention_tiled" : "attention",
    constants,
    // A binding must be filled: without lengths, q stands in unread.
    buffers: [q, k, v, lengths ?? q, out, lse].map((t) => t.memory),
    params,
    grid: grid(FORWARD_ROWS),
  }];
}

export function gpuAttentionGrad(call: Call<AttentionAttrs>, caps: GpuCaps): GpuLaunch[] {
  const { inputs: [g, q, k, v, out, lse, lengths], outputs: [dq, dk, dv], attrs } = call;
  const sizes = sizesOf(q.shape, attrs);
  const { tiled, constants, params, grid } = plan(sizes, attrs, caps, !!lengths);
  const { B, T, D, heads } = sizes;
  const rows = B * heads * T;
  const stats = call.scratch(rows * 2);
  const [a, b] = [[q, g], [k, v]].map((pair) => pair.map((t) => t.memory));
  const side = (keys: boolean, buffers: Memory[], outputs: Memory[]): GpuLaunch => ({
    shader: tiled ? "attention_grad_tiled" : "attention_grad",
    constants: { KEYS: Number(keys), ...constants },
    buffers: [...buffers, stats, (lengths ?? q).memory, ...outputs],
    params,
    grid: grid(GRAD_ROWS),
  });
  return [
    {
      shader: "attention_delta",
      buffers: [...[g, out, lse].map((t) => t.memory), stats],
      params: [rows, heads, T, D],
      grid: linearGrid(rows),
    },
    side(false, [...a, ...b], [dq.memory, call.scratch(1)]),
    side(true, [...b, ...a], [dk.memory, dv.memory]),
  ];
}
