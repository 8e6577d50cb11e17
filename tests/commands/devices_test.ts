import assert from "node:assert/strict";
import { type DevicesReport, formatDevices, inspectDevices } from "../../commands/devices.ts";

const base: DevicesReport = {
  adapters: [],
  cooperativeLacks: {},
  auto: { adapter: null, why: "the CPU backend: there is no GPU adapter" },
  cpu: {
    cores: 1,
    threads: 1,
    simd: true,
    relaxedSimd: true,
    sharedMemory: true,
    oneThread: "this machine has one core",
    speed: { gflops: 84.4, fused: true },
  },
};

const limits = {
  maxBufferSize: 2 ** 31,
  maxStorageBufferBindingSize: 2 ** 27,
  maxStorageBuffersPerShaderStage: 32,
  maxComputeWorkgroupStorageSize: 32_768,
  maxComputeInvocationsPerWorkgroup: 1024,
};

Deno.test("devices: without a GPU it says so, and which device auto takes", () => {
  const text = formatDevices(base);
  assert.match(text, /GPU \(WebGPU\)\n {2}none: WebGPU found no driver\n/);
  assert.match(text, /1 core, 1 thread: this machine has one core/);
  assert.match(text, /84 GFLOP\/s .*\n.*256-bit operations, bounds checks off \(inferred/);
  assert.match(text, /\nauto takes the CPU backend: there is no GPU adapter$/);
});

Deno.test("devices: a software adapter is shown with the word that asks for it", () => {
  const text = formatDevices({
    ...base,
    adapters: [
      {
        name: "Real Chip 9",
        vendor: "NVIDIA",
        software: false,
        features: ["timestamp-query", "depth-clip-control"],
        limits,
      },
      { name: "llvmpipe (LLVM 15)", vendor: "Mesa", software: true, features: [], limits },
    ],
    cooperativeLacks: { "Real Chip 9": null, "llvmpipe (LLVM 15)": "not offered by this adapter" },
    auto: { adapter: 0, why: "Real Chip 9: a real GPU" },
  });
  assert.match(text, /Real Chip 9\n {4}NVIDIA, a real GPU\n {4}buffers up to 2,048 MiB/);
  assert.match(text, /features listed: timestamp-query\n {4}cooperative matrices .*: granted, and/);
  assert.match(
    text,
    /features listed: none .*\n {4}cooperative matrices .*: not offered by this ad/,
  );
  assert.match(text, /Mesa, software: only by name, --device gpu:llvmpipe/);
  assert.match(text, /auto takes Real Chip 9: a real GPU$/);
});

Deno.test("devices: a runtime that cannot run the kernels is a finding, not a failure", () => {
  const cpu = { ...base.cpu, relaxedSimd: false, speed: null };
  assert.match(
    formatDevices({ ...base, cpu }),
    /relaxed SIMD no, shared memory yes\n {2}cannot run the kernels/,
  );
});

Deno.test("devices: this machine is inspected, as plain data", async () => {
  const report = await inspectDevices();
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  assert.ok(report.cpu.speed !== null && report.cpu.speed.gflops > 0);
  const { adapter } = report.auto;
  assert.ok(adapter === null || !report.adapters[adapter].software);
  const names = report.adapters.map(({ name }) => name);
  assert.deepEqual(Object.keys(report.cooperativeLacks), names);
});
