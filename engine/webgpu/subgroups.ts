/**
 * Whether a device that granted `subgroups` compiles `shaders/common/lane_sums_subgroups.wgsl`. Deno's
 * compiler knows the operations and refuses the directive that the standard wants before them; a browser
 * wants the directive. What does not compile must not count, or every row of every network would fail.
 */
import { shaderSource } from "./shaders.ts";

export async function subgroupsCompile(device: GPUDevice): Promise<boolean> {
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code: shaderSource("sum_squares", true).code });
  const info = await module.getCompilationInfo();
  const refused = await device.popErrorScope() !== null;
  return !refused && !info.messages.some(({ type }) => type === "error");
}
