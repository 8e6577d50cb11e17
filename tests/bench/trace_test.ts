import assert from "node:assert/strict";
import { traceStep } from "../../bench/trace.ts";
import type { LaunchTime } from "../../engine/backend.ts";
import { openCpu } from "../../engine/cpu/backend.ts";
import { Device } from "../../engine/device.ts";
import { SYSTEMS } from "../../models/systems.ts";
import { formatTrace, type StepTrace, traceCsv, traceEvents } from "../../report/trace.ts";
import { openDevices } from "../engine/devices.ts";

const mlp = SYSTEMS.get("mlp")!;

Deno.test("a traced step names its kernels, ops, shapes and memory, on every backend", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const before = device.liveTensors;
    const step = await traceStep(mlp, device, 4);
    assert.equal(device.liveTensors, before);
    assert.equal(device.backend.observer, null);
    assert.deepEqual(step.phases.map((p) => p.name), ["forward", "backward", "optimiser"]);
    const { launches } = step;
    const first = launches.find((l) => l.op === "matmul");
    assert.equal(first?.shapes, "4×121 256×121 256 → 4×256");
    assert.equal(first?.phase, "forward");
    assert.ok(launches.every((l) => l.liveBytes > 0 && l.boundBytes > 0));
    const updates = launches.filter((l) => l.kernel === "adam");
    assert.equal(updates.length, 14); // four linear layers and three batch norms, two tensors each
    assert.ok(updates.every((l) => l.phase === "optimiser"));
    if (device.kind === "cpu") assert.ok(launches.every((l) => l.seconds !== null));
    const timed = launches.filter((l) => l.seconds !== null);
    assert.ok(timed.length === 0 || timed.length === launches.length);
    assert.ok(timed.every((l) => l.seconds! >= 0 && Number.isFinite(l.began)));
  }
});

Deno.test("a traced step does what training does: losses scaled in f16, a norm and a loss for each of several networks", async () => {
  using devices = await openDevices({ precision: "f16" });
  for (const device of devices.list) {
    const before = device.liveTensors;
    const step = await traceStep(mlp, device, 4);
    assert.equal(device.liveTensors, before);
    const names = ["forward", "backward", "unscale and clip", "optimiser"];
    assert.deepEqual(step.phases.map((p) => p.name), names);
    assert.ok(step.launches.some((l) => l.phase === names[2] && /[sS]cale/.test(l.op)));
  }
  using cpu = new Device(await openCpu({ threads: 2 }));
  const before = cpu.liveTensors;
  const { phases, ops } = await traceStep(SYSTEMS.get("timbre")!, cpu, 2);
  assert.equal(cpu.liveTensors, before);
  assert.deepEqual(phases.map((p) => p.name), ["forward", "backward", "clip", "optimiser"]);
  assert.equal(ops.filter((op) => op.name === "crossEntropy").length, 2);
});

/** What `traceStep` tells of the adapter at hand whose profile is changed; null where it has no timestamps. */
async function traced(change: (times: LaunchTime[]) => LaunchTime[]): Promise<StepTrace | null> {
  using devices = await openDevices();
  const device = devices.list.find(({ kind }) => kind === "webgpu");
  const backend = device?.backend;
  if (backend?.kind !== "webgpu" || !backend.startProfile()) return null;
  await backend.stopProfile();
  const stop = backend.stopProfile.bind(backend);
  backend.stopProfile = async () => change(await stop());
  return await traceStep(mlp, device!, 4);
}

Deno.test("a GPU's launches begin after the host recorded them and end within the step", async () => {
  const step = await traced((times) => times);
  if (!step || step.launches[0].began === null) return console.warn("no timestamps: skipped");
  const { ops, launches, seconds } = step;
  assert.ok(launches[0].began! >= ops[0].began + ops[0].seconds, `${launches[0].began}`);
  const ended = Math.max(...launches.map((l) => l.began! + l.seconds!));
  assert.ok(ended <= seconds * 1.1, `${ended} of ${seconds}`);
});

Deno.test("timestamps that are no seconds are not used", async () => {
  const step = await traced((times) => times.map((t) => ({ ...t, seconds: t.seconds / 52 })));
  if (!step) return;
  assert.match(step.clock, /^this adapter has no timestamps that tell seconds/);
  assert.ok(step.launches.every((l) => l.began === null && l.seconds === null));
});

const launch = {
  ...{ kernel: "k", op: "matmul", phase: "forward", shapes: "2×2 → 2×2" },
  ...{ began: 0.001, seconds: 0.002, liveBytes: 64, boundBytes: 32 },
};
const sample: StepTrace = {
  title: "MLP, batch 4",
  device: "CPU, 2 threads",
  seconds: 0.01,
  peakBytes: 5e6,
  clock: "a clock",
  phases: [{ name: "forward", began: 0, seconds: 0.01 }],
  ops: [{ name: "matmul", began: 0.001, seconds: 0.003 }],
  launches: [launch, { ...launch, kernel: "slow", began: 0.004, seconds: 0.006 }],
};

Deno.test("the tables add up by op and by kernel, longest first", () => {
  const lines = formatTrace(sample).split("\n").map((line) => line.trim().replace(/ +/g, " "));
  const peak = "5.0 MB of tensors and scratch at most";
  assert.equal(lines[1], `10.000 ms in 2 launches, ${peak}; times: a clock`);
  assert.equal(lines[2], "launches fill 88.9 % of the 9.000 ms they span");
  assert.ok(lines.includes("matmul 2 8.000 ms 100.0 %"));
  assert.ok(lines.indexOf("slow 1 6.000 ms 75.0 %") < lines.indexOf("k 1 2.000 ms 25.0 %"));
  assert.ok(lines.includes("6.000 ms slow of matmul, 2×2 → 2×2"));
});

Deno.test("times of phases stand below each other, however long their names", () => {
  const phases = [{ ...sample.phases[0], name: "unscale and clip" }, ...sample.phases];
  const ends = formatTrace({ ...sample, phases }).split("\n").slice(3, 5).map((l) => l.length);
  assert.equal(ends[0], ends[1]);
});

Deno.test("without times of launches the tables count them", () => {
  const launches = sample.launches.map((l) => ({ ...l, began: null, seconds: null }));
  const text = formatTrace({ ...sample, launches });
  assert.match(text, /matmul +2 *\n/);
  assert.ok(!text.includes("slowest"));
  const { traceEvents: events } = JSON.parse(traceEvents({ ...sample, launches }));
  assert.ok(events.every((e: { cat?: string }) => e.cat !== "launch"));
  assert.match(traceCsv({ ...sample, launches }), /→ 2×2,,,64,32\n/);
});

Deno.test("the timeline holds phases, ops and launches in microseconds, and live bytes", () => {
  const { traceEvents: events } = JSON.parse(traceEvents(sample));
  const of = (cat: string) => events.filter((e: { cat?: string }) => e.cat === cat);
  assert.deepEqual(of("phase").map((e: { dur: number }) => e.dur), [10_000]);
  assert.deepEqual(of("op").map((e: { ts: number }) => e.ts), [1000]);
  const [first] = of("launch");
  assert.deepEqual([first.name, first.ph, first.ts, first.dur], ["k", "X", 1000, 2000]);
  assert.equal(first.args.shapes, "2×2 → 2×2");
  const counter = events.find((e: { ph: string }) => e.ph === "C");
  assert.equal(counter.args.bytes, 64);
});
