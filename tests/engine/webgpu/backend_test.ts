/** The WebGPU backend on whatever adapter there is; without one these tests are skipped by name. */
import assert from "node:assert/strict";
import { DeviceLostError, linearGrid, OutOfMemoryError } from "../../../engine/backend.ts";
import { add, backward, Device, exp, mul, sum } from "../../../engine/mod.ts";
import { bothPrecisions, defaultTiles } from "../../../engine/tiles.ts";
import { listAdapters, openAdapter, summarize } from "../../../engine/webgpu/adapter.ts";
import { WebGpuBackend } from "../../../engine/webgpu/backend.ts";
import { BindGroups } from "../../../engine/webgpu/bind_groups.ts";
import { Faults } from "../../../engine/webgpu/faults.ts";
import { Pipelines } from "../../../engine/webgpu/pipelines.ts";
import type { Slot } from "../../../engine/webgpu/pool.ts";
import type { ShaderSource } from "../../../engine/webgpu/shaders.ts";
import { firstAdapter } from "../devices.ts";

const ignore = await firstAdapter() === undefined;

async function open(): Promise<{ backend: WebGpuBackend; device: Device }> {
  const backend = await openAdapter((await firstAdapter())!);
  return { backend, device: new Device(backend) };
}

/** A bare GPUDevice, and a backend on it where one is wanted. */
async function openRaw(): Promise<{ raw: GPUDevice; backend(): WebGpuBackend }> {
  const raw = await (await firstAdapter())!.requestDevice();
  const { limits } = raw;
  const backend = () =>
    new WebGpuBackend(raw, "raw", {
      software: true,
      subgroups: false,
      f16: false,
      cooperativeMatrix: false,
      cooperativeLack: "not asked for",
      tiles: bothPrecisions(
        defaultTiles("", { maxInvocations: 256, maxWorkgroupStorage: 16_384 }),
      ),
      maxWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
      maxWorkgroupStorage: limits.maxComputeWorkgroupStorageSize,
      maxInvocations: limits.maxComputeInvocationsPerWorkgroup,
      maxBinding: limits.maxStorageBufferBindingSize,
    });
  return { raw, backend };
}

Deno.test({
  name: "webgpu: a write sees the launches before it, and they do not see it",
  ignore,
  async fn() {
    const { device } = await open();
    using _ = device;
    const x = device.tensor([1, 2, 3]);
    const before = add(x, 10);
    x.write(new Float32Array([100, 200, 300]));
    const after = add(x, 10);
    assert.deepEqual([...await before.data()], [11, 12, 13]);
    assert.deepEqual([...await after.data()], [110, 210, 310]);
  },
});

Deno.test({
  name: "webgpu: a write into a reused buffer does not reach its earlier owner's launches",
  ignore,
  async fn() {
    const { device } = await open();
    using _ = device;
    const first = device.tensor([1, 2, 3]);
    const kept = mul(first, 2);
    first.dispose();
    const second = device.tensor([7, 7, 7]); // the same buffer, while `mul` is only recorded
    assert.deepEqual([...await kept.data()], [2, 4, 6]);
    assert.deepEqual([...await second.data()], [7, 7, 7]);
  },
});

Deno.test({
  name: "webgpu: a step with fresh uploads is one submit, and later steps make no bind groups",
  ignore,
  async fn() {
    const { device, backend } = await open();
    using _ = device;
    const w = device.tensor(new Float32Array(1000).fill(0.5));
    w.requiresGrad = true;
    const step = () => {
      device.scope(() => {
        const x = device.tensor(new Float32Array(1000).fill(2));
        const y = mul(exp(mul(x, w)), device.tensor([3]));
        backward(sum(y));
        w.grad!.dispose();
        w.grad = null;
      });
      backend.flush();
    };
    for (let i = 0; i < 3; i++) step();
    const before = backend.stats();
    for (let i = 0; i < 5; i++) step();
    const after = backend.stats();
    assert.equal(after.submits - before.submits, 5);
    assert.equal(after.bindGroups, before.bindGroups);
    assert.equal(after.liveBytes, before.liveBytes);
    assert.ok(after.launches > before.launches);
    assert.ok(after.submitSeconds > before.submitSeconds);
  },
});

Deno.test({
  name: "webgpu: more launches than the parameter ring holds go out in several submits, in order",
  ignore,
  async fn() {
    const { device } = await open();
    using _ = device;
    const total = device.scope(() => {
      let x = device.tensor([0, 1]);
      for (let i = 0; i < 5000; i++) {
        const next = add(x, 1);
        x.dispose();
        x = next;
      }
      return x;
    });
    assert.deepEqual([...await total.data()], [5000, 5001]);
  },
});

Deno.test({
  name: "webgpu: a device opens and computes at the limits WebGPU promises everywhere",
  ignore,
  async fn() {
    const backend = await openAdapter((await firstAdapter())!, { defaultLimits: true });
    using device = new Device(backend);
    assert.equal(backend.caps.maxInvocations, 256);
    assert.equal(backend.caps.maxWorkgroupStorage, 16_384);
    assert.equal(backend.caps.f16 || backend.caps.subgroups, false);
    const n = 70_000 * 64; // past 65,535 workgroups
    const x = device.tensor(new Float32Array(n).fill(1));
    assert.ok((await add(x, 1).data()).every((v) => v === 2));
  },
});

Deno.test({
  name: "webgpu: too large a tensor is an out-of-memory error in one line",
  ignore,
  async fn() {
    const { device, backend } = await open();
    using _ = device;
    assert.throws(
      () => device.empty([backend.caps.maxBinding / 4 + 1]),
      (e) => e instanceof OutOfMemoryError && !e.message.includes("\n"),
    );
    assert.deepEqual([...await device.tensor([5]).data()], [5]);
  },
});

Deno.test({
  name: "webgpu: a shader that does not compile is named, with numbered lines around the fault",
  ignore,
  async fn() {
    const { raw } = await openRaw();
    const faults = new Faults(raw);
    const source: ShaderSource = {
      name: "broken",
      code: "// one\n// two\nfn f() -> f32 { return nothing; }\n// four\n",
      storages: [],
      hasParams: false,
    };
    new Pipelines(raw, faults, () => source).get("broken");
    await assert.rejects(faults.settled(), (e: Error) => {
      assert.match(e.message, /^shader broken\/main does not compile\nline 3: /);
      const lines = ["    2  // two", ">   3  fn f() -> f32 { return nothing; }", "    4  // four"];
      assert.ok(e.message.includes(lines.join("\n")), e.message);
      return true;
    });
    raw.destroy();
  },
});

Deno.test({
  name: "webgpu: buffers that cannot be bound are an error that names the shader",
  ignore,
  async fn() {
    const { raw } = await openRaw();
    const faults = new Faults(raw);
    const pipeline = new Pipelines(raw, faults).get("fill");
    const buffer = raw.createBuffer({ size: 256, usage: GPUBufferUsage.COPY_DST });
    const slot: Slot = { id: 0, buffer, size: 256, usedIn: -1 };
    new BindGroups(raw, faults).get(pipeline, [slot]);
    await assert.rejects(faults.settled(), /binding the buffers of fill/);
    raw.destroy();
  },
});

Deno.test({
  name: "webgpu: launches that no driver would refuse aloud are refused by name",
  ignore,
  async fn() {
    const { device, backend } = await open();
    using _ = device;
    const a = backend.alloc(1024);
    const launch = { shader: "unary", constants: { OP: 0 }, params: [4] };
    const grid = linearGrid(4);
    assert.throws(
      () => backend.run({ ...launch, buffers: [a, a], grid }),
      /unary: binding 1 is written, and the same buffer is bound twice/,
    );
    assert.throws(
      () => backend.run({ ...launch, buffers: [a], grid }),
      /unary: binds 2 buffers, got 1/,
    );
    assert.throws(
      () => backend.run({ ...launch, buffers: [a, backend.alloc(4)], grid: [65_536, 1, 1] }),
      /unary: a grid of 65536×1×1/,
    );
    assert.throws(
      () => backend.run({ ...launch, buffers: [a, a], grid, params: new Array(65).fill(0) }),
      /unary: 65 parameters, 64 fit/,
    );
    assert.throws(
      () => backend.run({ ...launch, shader: "nope", buffers: [], grid }),
      /no shader nope/,
    );
  },
});

Deno.test({
  name: "webgpu: an error nobody was waiting for is thrown by the next call",
  ignore,
  async fn() {
    const { raw, backend } = await openRaw();
    const b = backend();
    raw.createBuffer({ size: 256, usage: 0xffff });
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.throws(() => b.alloc(4), /^Error: WebGPU: /);
    b.dispose();
  },
});

Deno.test({
  name:
    "webgpu: a device that goes away is an error in one line, at reads that wait and calls after",
  ignore,
  async fn() {
    const { raw, backend } = await openRaw();
    const device = new Device(backend());
    const x = add(device.tensor([1, 2]), 1);
    assert.deepEqual([...await x.data()], [2, 3]);
    raw.destroy();
    await assert.rejects(x.data(), isLost);
    assert.throws(() => add(x, 1), isLost);
    await assert.rejects(device.backend.finish(), isLost);
    device.dispose();
  },
});

function isLost(e: unknown): boolean {
  return e instanceof DeviceLostError && /^the GPU went away \(.+\)$/.test(e.message);
}

Deno.test({
  name: "webgpu: disposing with work recorded, and a read under way, ends both cleanly",
  ignore,
  async fn() {
    const { device } = await open();
    const x = add(device.tensor(new Float32Array(1 << 16)), 1);
    const reading = x.data();
    const settled = assert.rejects(reading, /the GPU device was closed/);
    mul(x, 2);
    device.dispose();
    await settled;
    await assert.rejects(x.data(), DeviceLostError);
    device.dispose();
  },
});

Deno.test({
  name: "webgpu: reads run side by side and keep their order with the writes between them",
  ignore,
  async fn() {
    const { device } = await open();
    using _ = device;
    const x = device.tensor([1]);
    const reads = [];
    for (let i = 2; i < 12; i++) {
      reads.push(x.item());
      x.write(new Float32Array([i]));
    }
    assert.deepEqual(await Promise.all(reads), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  },
});

Deno.test({
  name: "webgpu: only whole words inside the memory are written and read",
  ignore,
  async fn() {
    const { device, backend } = await open();
    using _ = device;
    const m = backend.alloc(8);
    assert.throws(() => backend.write(m, new Uint8Array(3)), /^Error: write: bytes 0…3/);
    assert.throws(() => backend.write(m, new Float32Array(2), 4), /^Error: write: bytes 4…12/);
    await assert.rejects(backend.read(m, 0, 12), /^Error: read: bytes 0…12/);
    assert.equal((await backend.read(m, 8, 0)).length, 0);
  },
});

Deno.test({
  name: "webgpu: a profile names every launch with its time, or says that there is none",
  ignore,
  async fn() {
    const { device, backend } = await open();
    using _ = device;
    const x = device.tensor(new Float32Array(1 << 15).fill(0.5));
    if (!backend.startProfile()) {
      assert.deepEqual(await backend.stopProfile(), []);
      return;
    }
    const y = mul(exp(x), 2);
    const times = await backend.stopProfile();
    // The fill makes the 2 a tensor.
    assert.deepEqual(times.map((t) => t.shader), ["unary", "fill", "binary"]);
    assert.ok(times.every((t) => t.seconds >= 0 && t.seconds < 10));
    assert.ok(times[0].seconds > 0);
    assert.ok((await y.data()).every((v) => Math.abs(v - 2 * Math.exp(0.5)) < 1e-5));
  },
});

Deno.test({
  name: "adapters are named in words, and software is told from a GPU",
  ignore,
  async fn() {
    const summaries = (await listAdapters()).map(summarize);
    assert.equal(new Set(summaries.map((s) => s.name)).size, summaries.length);
    for (const { name, vendor, software, limits } of summaries) {
      assert.doesNotMatch(vendor, /^\d+$/);
      assert.ok(name.length > 1 && limits.maxBufferSize >= 2 ** 28);
      if (/llvmpipe|SwiftShader/.test(name)) assert.equal(software, true);
    }
  },
});
