/** Faults of a device that fails on demand: what no real one can be made to do in a test. */
import assert from "node:assert/strict";
import { DeviceLostError, OutOfMemoryError } from "../../../engine/backend.ts";
import { Faults } from "../../../engine/webgpu/faults.ts";

/** A stand-in for GPUDevice with the four things that `Faults` uses. */
function fakeDevice() {
  const scopes: { filter: GPUErrorFilter; error: GPUError | null }[] = [];
  const lost = Promise.withResolvers<{ message: string; reason: string }>();
  const target = new EventTarget();
  const device = Object.assign(target, {
    lost: lost.promise,
    pushErrorScope: (filter: GPUErrorFilter) => void scopes.push({ filter, error: null }),
    popErrorScope: () => Promise.resolve(scopes.pop()?.error ?? null),
  });
  return {
    device: device as unknown as GPUDevice,
    lose: (message: string) => lost.resolve({ message, reason: "unknown" }),
    /** An error as the device itself would report it: to the innermost scope of its kind. */
    fail(filter: GPUErrorFilter, message: string) {
      const scope = scopes.findLast((s) => s.filter === filter);
      if (scope) scope.error ??= { message } as GPUError;
      else {target.dispatchEvent(
          Object.assign(new Event("uncapturederror"), { error: { message } }),
        );}
    },
  };
}

Deno.test("faults: an allocation that fails is told apart from other errors, by the next call", async () => {
  const { device, fail } = fakeDevice();
  const faults = new Faults(device);
  const made = faults.guard("out-of-memory", () => new OutOfMemoryError("no room"), () => {
    fail("out-of-memory", "VK_ERROR_OUT_OF_DEVICE_MEMORY");
    return "buffer";
  });
  assert.equal(made, "buffer");
  await assert.rejects(faults.settled(), OutOfMemoryError);
  assert.throws(() => faults.check(), OutOfMemoryError);
});

Deno.test("faults: the first error stays, whatever follows from it", async () => {
  const { device, fail } = fakeDevice();
  const faults = new Faults(device);
  faults.guard("validation", (m) => new Error(`first: ${m}`), () => fail("validation", "a"));
  faults.guard("validation", (m) => new Error(`second: ${m}`), () => fail("validation", "b"));
  await assert.rejects(faults.settled(), /^Error: first: a$/);
  fail("validation", "c");
  assert.throws(() => faults.check(), /^Error: first: a$/);
});

Deno.test("faults: a lost device outweighs the errors it caused", async () => {
  const { device, fail, lose } = fakeDevice();
  const faults = new Faults(device);
  fail("validation", "parent device is lost");
  assert.throws(() => faults.check(), /WebGPU: parent device is lost/);
  lose("driver reset");
  const error = await faults.explain(new Error("map failed"));
  assert.ok(error instanceof DeviceLostError);
  assert.equal(error.message, "the GPU went away (driver reset)");
});

Deno.test("faults: a rejection nobody explains stays what it was", async () => {
  const faults = new Faults(fakeDevice().device);
  const reason = new Error("odd");
  assert.equal(await faults.explain(reason), reason);
  await faults.settled();
});

Deno.test("faults: a throw inside a guarded call passes, and its scope is closed", async () => {
  const { device, fail } = fakeDevice();
  const faults = new Faults(device);
  assert.throws(() =>
    faults.guard("validation", (m) => new Error(m), () => {
      throw new RangeError("mine");
    }), RangeError);
  fail("validation", "later");
  await assert.rejects(faults.settled(), /^Error: WebGPU: later$/);
});

Deno.test("faults: after closing, everything says that the device was closed", () => {
  const { device, fail } = fakeDevice();
  const faults = new Faults(device);
  fail("validation", "x");
  faults.close();
  assert.throws(() => faults.check(), /the GPU device was closed/);
});
