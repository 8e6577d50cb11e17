import assert from "node:assert/strict";
import { requireKernels, wasmFeatures } from "../../../engine/cpu/features.ts";
import { UserError } from "../../../engine/error.ts";

Deno.test("this runtime has all that the kernels need", () => {
  const features = wasmFeatures();
  assert.equal(features.simd && features.relaxedSimd && features.sharedMemory, true);
  assert.ok(features.cores >= 1);
  assert.equal(features.oneThread === null, features.cores > 1);
});

Deno.test("a runtime without relaxed SIMD or shared memory is told what it lacks", () => {
  assert.throws(
    () => requireKernels({ simd: true, relaxedSimd: false, sharedMemory: false }),
    (e) =>
      e instanceof UserError && /lacks/.test(e.message) &&
      /relaxed SIMD and shared/.test(e.message),
  );
});

Deno.test("a page that may not share memory gets one thread, and a reason", () => {
  const scope = globalThis as { crossOriginIsolated?: boolean };
  const before = Object.getOwnPropertyDescriptor(scope, "crossOriginIsolated");
  Object.defineProperty(scope, "crossOriginIsolated", { value: false, configurable: true });
  try {
    assert.match(wasmFeatures().oneThread ?? "", /isolated|one core/);
  } finally {
    if (before) Object.defineProperty(scope, "crossOriginIsolated", before);
    else delete scope.crossOriginIsolated;
  }
});
