/** What bench says of a step's command stream, of a GPU whose submits are made to block. */
import assert from "node:assert/strict";
import { timeRuns } from "../../bench/measure.ts";
import type { Device } from "../../engine/device.ts";

/** A GPU backend that spends `submit` seconds in each submit and does nothing else. */
function blocking(submit: number) {
  let launches = 0, submitSeconds = 0;
  const flush = () => {
    const start = performance.now();
    while (performance.now() < start + submit * 1000);
    submitSeconds += (performance.now() - start) / 1000;
  };
  const backend = {
    kind: "webgpu",
    stats: () => ({ launches, submitSeconds }),
    flush,
    finish: () => Promise.resolve(),
  };
  return { device: { backend } as unknown as Device, run: () => void (launches += 10) };
}

Deno.test("time in submit is told apart from the JavaScript of each dispatch", async () => {
  const { device, run } = blocking(0.12); // a sample is one run, so that a run has a submit
  const { stream } = await timeRuns(run, device, { budget: 0, wholeStep: true });
  assert.equal(stream!.launches, 10);
  assert.ok(stream!.submitting >= 0.12, `${stream!.submitting}`);
  // With the submit among it each of the 10 would have 12 ms.
  assert.ok(stream!.recording >= 0 && stream!.recording < 0.006, `${stream!.recording}`);
  assert.equal(stream!.idle, null);
});
