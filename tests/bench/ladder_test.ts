/** Every rung of every ladder gives what the float64 reference says, on every backend, at odd sizes. */
import assert from "node:assert/strict";
import { openBench } from "../../bench/open.ts";
import { BENCH_SHADERS } from "../../bench/shaders.ts";
import { headOf } from "../../bench/rungs/explain.ts";
import {
  type GpuRung,
  ladderInputs,
  obstacle,
  ReadyRung,
  rungError,
  rungsFor,
} from "../../bench/rungs/ladder.ts";
import { LADDERS } from "../../bench/rungs/ladders.ts";
import { Device } from "../../engine/device.ts";
import { lanesFor } from "../../engine/ops/rows.ts";
import { openAdapter } from "../../engine/webgpu/adapter.ts";
import { firstAdapter } from "../engine/devices.ts";

/** The ladder's devices: the CPU with two threads, and the adapter at hand, in turn. */
async function openAll(): Promise<Device[]> {
  const devices = [await openBench("cpu", { threads: 2 })];
  const adapter = await firstAdapter();
  if (adapter) devices.push(new Device(await openAdapter(adapter, { shaders: BENCH_SHADERS })));
  return devices;
}

for (const ladder of LADDERS.values()) {
  Deno.test(`the ladder of ${ladder.name}: every rung agrees with the reference`, async (t) => {
    for (const device of await openAll()) {
      using _ = device;
      for (const dims of ladder.sizes.tests) {
        const inputs = ladderInputs(ladder, device, dims);
        const values = await Promise.all(inputs.map((x) => x.data()));
        for (const rung of rungsFor(ladder, device)) {
          const why = obstacle(rung, device, dims);
          if (why !== null) {
            if (dims === ladder.sizes.tests[0]) console.warn(`${rung.title}: skipped, ${why}`);
            continue;
          }
          await t.step(
            `${device.kind}, ${rung.file}, ${rung.title}, ${dims.join("x")}`,
            async () => {
              using ready = new ReadyRung(ladder, rung, device, inputs, dims);
              ready.run();
              ready.run(); // the second run must not see what the first left
              const error = await rungError(ladder, ready, values, dims, Infinity);
              const allowed = rung.tolerance ?? 1e-5;
              assert.ok(error <= allowed, `error ${error}, allowed ${allowed}`);
            },
          );
        }
        for (const x of inputs) x.dispose();
      }
    }
  });
}

Deno.test("the rungs of 16-bit floats, tried with 32-bit ones in their place, compute the product", async () => {
  const adapter = await firstAdapter();
  if (!adapter) return;
  const ladder = LADDERS.get("matmul")!;
  const names = ["matmul/11_f16", "matmul/11_f16_store"];
  const widened = names.map((name) => [
    name,
    BENCH_SHADERS[name].replace("enable f16;", "").replaceAll("f16", "f32").replaceAll(
      "0.0h",
      "0.0",
    ),
  ]);
  const shaders = { ...BENCH_SHADERS, ...Object.fromEntries(widened) };
  using device = new Device(await openAdapter(adapter, { shaders }));
  const dims = [65, 70, 67];
  const inputs = ladderInputs(ladder, device, dims);
  const values = await Promise.all(inputs.map((x) => x.data()));
  const rungs = rungsFor(ladder, device).filter(({ file }) => file.endsWith("11_f16.wgsl"));
  assert.equal(rungs.length, 2);
  for (const rung of rungs) {
    if (rung.kind !== "webgpu") continue;
    const roomy: GpuRung = {
      ...rung,
      plan: (call, caps) => rung.plan({ ...call, scratch: (n) => call.scratch(2 * n) }, caps),
    };
    using ready = new ReadyRung(ladder, roomy, device, inputs, dims);
    ready.run();
    const error = await rungError(ladder, ready, values, dims, Infinity);
    assert.ok(error <= 1e-5, `${rung.title}: error ${error}`);
  }
});

Deno.test("every rung says what it is and what changed from the one before, and the last one is ours", async () => {
  for (const ladder of LADDERS.values()) {
    for (const kind of ["cpu", "webgpu"] as const) {
      const rungs = ladder.rungs.filter((rung) => rung.kind === kind && !rung.beyond);
      assert.ok(rungs.length >= 3 && rungs.length <= 6, `${ladder.name}, ${kind}: ${rungs.length}`);
      const last = rungs.at(-1)!;
      assert.match(last.file, /^(shaders|engine\/cpu\/kernels)\//);
      assert.match(last.title, /ours/);
      for (const [i, { file }] of rungs.entries()) {
        const head = (await headOf(file)).join(" ");
        assert.ok(head.length > 80, `${file} has no head`);
        if (i > 0) assert.match(head, /What changed:.*help/s, file);
      }
    }
  }
});

Deno.test("softmax's ladder has the threads a row that the engine takes at its sizes, on GPUs and in software", async () => {
  const adapter = await firstAdapter();
  if (!adapter) return;
  using device = new Device(await openAdapter(adapter, { shaders: BENCH_SHADERS }));
  const { backend } = device;
  assert.ok(backend.kind === "webgpu");
  const ladder = LADDERS.get("softmax")!;
  const own = ladder.rungs.filter((rung) => rung.file === "shaders/softmax.wgsl");
  const [x] = ladderInputs(ladder, device, [1, 1]);
  const arg = { shape: x.shape, dtype: x.dtype, memory: x.storage.memory, size: 1 };
  for (const software of [true, false]) {
    const dims = software ? ladder.sizes.software : ladder.sizes.gpu;
    const caps = { ...backend.caps, software };
    const lanes = own.flatMap((rung) => {
      assert.ok(rung.kind === "webgpu");
      const none = () => x.storage.memory;
      const call = { attrs: dims, inputs: [arg], outputs: [arg], scratch: none, table: none };
      return rung.plan(call, caps).launches.map(({ constants }) => constants?.LANES);
    });
    assert.ok(lanes.includes(lanesFor(dims[1], caps)), `${dims.join("x")}: ${lanes}`);
  }
  x.dispose();
});
