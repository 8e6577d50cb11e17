/** Whether subgroups count on a device: only where what uses them compiles. */
import assert from "node:assert/strict";
import { openAdapter } from "../../../engine/webgpu/adapter.ts";
import { subgroupsCompile } from "../../../engine/webgpu/subgroups.ts";
import { firstAdapter } from "../devices.ts";

const ignore = await firstAdapter() === undefined;

Deno.test({
  name: "webgpu: subgroups do not count on a device that was not granted them",
  ignore,
  async fn() {
    const device = await (await firstAdapter())!.requestDevice();
    let strayed = "";
    device.addEventListener(
      "uncapturederror",
      (e) => strayed = (e as GPUUncapturedErrorEvent).error.message,
    );
    assert.equal(await subgroupsCompile(device), false);
    assert.equal(strayed, ""); // what was tried stays between the two
    device.destroy();
  },
});

Deno.test({
  name: "webgpu: subgroups count on a device that grants them and compiles them",
  ignore,
  async fn() {
    const adapter = (await firstAdapter())!;
    let device: GPUDevice;
    try {
      // No adapter of Deno's lists it, and one that has it grants it.
      device = await adapter.requestDevice({ requiredFeatures: ["subgroups" as GPUFeatureName] });
    } catch {
      return console.warn("no subgroups on this adapter");
    }
    const compiles = await subgroupsCompile(device);
    device.destroy();
    const backend = await openAdapter((await firstAdapter())!);
    assert.equal(backend.caps.subgroups, compiles);
    backend.dispose();
  },
});
