import type { GpuCaps, GpuLaunch } from "../backend.ts";
import type { Call } from "../op.ts";
import type { AttentionAttrs } from "./attention_plan.ts";
export function gpuAttention(_c: Call<AttentionAttrs>, _caps: GpuCaps): GpuLaunch[] {
  throw new Error("later");
}
export function gpuAttentionGrad(_c: Call<AttentionAttrs>, _caps: GpuCaps): GpuLaunch[] {
  throw new Error("later");
}
