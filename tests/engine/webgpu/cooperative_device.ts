/** The adapter at hand in half precision, taken for one with cooperative matrices, and what it ran. */
import attention from "../../../shaders/attention_cooperative.wgsl" with { type: "text" };
import attentionGrad from "../../../shaders/attention_grad_cooperative.wgsl" with { type: "text" };
import conv from "../../../shaders/conv_cooperative.wgsl" with { type: "text" };
import convWeight from "../../../shaders/conv_weight_cooperative.wgsl" with { type: "text" };
import probe from "../../../shaders/cooperative_probe.wgsl" with { type: "text" };
import matmul from "../../../shaders/matmul_cooperative.wgsl" with { type: "text" };
import { Device } from "../../../engine/mod.ts";
import { openAdapter } from "../../../engine/webgpu/adapter.ts";
import { firstAdapter } from "../devices.ts";
import { withoutMatrices } from "./without_matrices.ts";

const SHADERS = {
  attention_cooperative: attention,
  attention_grad_cooperative: attentionGrad,
  conv_cooperative: conv,
  conv_weight_cooperative: convWeight,
  cooperative_probe: probe,
  matmul_cooperative: matmul,
};

/** Plain code in the place of cooperative matrices, by the shaders' names. */
export const PLAIN: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(SHADERS).map(([name, text]) => [name, withoutMatrices(text)]),
);

export interface CooperativeDevice {
  readonly device: Device;
  /** Names of shaders launched so far. */
  readonly shadersRun: string[];
}

/** Its own cooperative matrices, or plain code in their place and a word; null without an adapter. */
export async function openCooperative(): Promise<CooperativeDevice | null> {
  const adapter = await firstAdapter();
  if (!adapter) return null;
  const own = await openAdapter(adapter);
  const has = own.caps.cooperativeMatrix;
  if (!has) console.warn("cooperative matrices: not offered by this adapter; plain code stands in");
  own.dispose();
  const backend = await openAdapter((await firstAdapter())!, { shaders: has ? {} : PLAIN });
  const caps = { ...backend.caps, cooperativeMatrix: true };
  Object.defineProperty(backend, "caps", { value: caps });
  const shadersRun: string[] = [];
  backend.observer = {
    opBegan() {},
    opEnded() {},
    launched: (launch) => "shader" in launch && shadersRun.push(launch.shader),
  };
  return { device: new Device(backend, { precision: "f16" }), shadersRun };
}
