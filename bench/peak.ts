/**
 * The most a device can do, measured before anything else: multiply-adds that never leave the registers (or the
 * first cache), and a copy too large for any cache. Every other row is held against the two. On a GPU the
 * arithmetic also tells whether its timestamps are seconds (`clocks.ts`).
 */
import { linearGrid } from "../engine/backend.ts";
import type { Device } from "../engine/device.ts";
import { copyInto } from "../engine/ops/copy.ts";
import { byBothClocks, fastestInARow } from "./clocks.ts";
import { timestampRuns } from "./measure.ts";
import type { Peaks } from "./row.ts";

const CPU_TURNS = 256;
const CPU_REPEATS = 2048;
/** Of one turn of `probePaired`: 16 multiply-adds of 4 lanes. */
const CPU_FLOPS = 2 * 64;
const RUNS = 6;
/** V8 compiles for speed in the background while the quickly compiled code already runs. */
const MILLISECONDS = 300;

export async function measurePeaks(device: Device): Promise<Peaks> {
  return device.kind === "cpu" ? await cpuPeaks(device) : await gpuPeaks(device);
}

async function cpuPeaks(device: Device): Promise<Peaks> {
  const { backend } = device;
  if (backend.kind !== "cpu") throw new Error("cpuPeaks: needs the CPU");
  const { threads } = backend.caps;
  const words = [CPU_TURNS * 4, CPU_TURNS * 16, threads * 128];
  const buffers = words.map((n) => backend.alloc(4 * n));
  buffers.forEach((b) => backend.write(b, new Uint8Array(b.bytes)));
  const items = CPU_REPEATS * threads;
  const fma = () =>
    backend.run({ kernel: "peakFma", buffers, params: [CPU_TURNS], items, grain: 64 });
  const best = await fastest(device, fma);
  for (const b of buffers) backend.free(b);
  const bytes = 64 << 20;
  const gbps = await copyRate(device, bytes);
  const gflops = CPU_FLOPS * CPU_TURNS * items / best / 1e9;
  return { device: device.name, gflops, gbps, timestamps: false };
}

async function gpuPeaks(device: Device): Promise<Peaks> {
  const { backend } = device;
  if (backend.kind !== "webgpu") throw new Error("gpuPeaks: needs a GPU");
  const { software, maxBinding } = backend.caps;
  const threads = software ? 2048 : 1 << 18;
  const trips = 8192;
  const out = backend.alloc(4 * threads);
  const fma = () =>
    backend.run({
      shader: "peak_fma",
      buffers: [out],
      params: [trips, { f32: 0.5 }],
      grid: linearGrid(threads, 256),
    });
  const { wall, own } = await byBothClocks(device, fma);
  backend.free(out);
  const timestamps = own !== null;
  const seconds = own ? Math.min(...own) : wall;
  const bytes = Math.min(software ? 16 << 20 : 512 << 20, maxBinding);
  return {
    device: device.name,
    gflops: 64 * trips * threads / seconds / 1e9,
    gbps: await gpuCopyRate(device, bytes, timestamps),
    timestamps,
  };
}

/** Seconds of the fastest run: a peak is what the machine does when nothing disturbs it. */
async function fastest(device: Device, run: () => void): Promise<number> {
  let best = Infinity;
  const end = performance.now() + MILLISECONDS;
  for (let i = 0; i < RUNS || performance.now() < end; i++) {
    const start = performance.now();
    run();
    await device.backend.finish();
    best = Math.min(best, (performance.now() - start) / 1000);
  }
  return best;
}

async function copyRate(device: Device, bytes: number): Promise<number> {
  const [from, to] = [0, 1].map(() => device.empty([bytes / 4]));
  try {
    return 2 * bytes / await fastest(device, () => copyInto(to, from)) / 1e9;
  } finally {
    from.dispose();
    to.dispose();
  }
}

async function gpuCopyRate(device: Device, bytes: number, timestamps: boolean): Promise<number> {
  const { backend } = device;
  if (backend.kind !== "webgpu") throw new Error("gpuCopyRate: needs a GPU");
  const buffers = [backend.alloc(bytes), backend.alloc(bytes)];
  const copy = () =>
    backend.run({
      shader: "peak_copy",
      buffers,
      params: [bytes / 16],
      grid: linearGrid(bytes / 16, 256),
    });
  const { seconds: wall } = await fastestInARow(device, copy);
  const own = timestamps ? await timestampRuns(copy, device, RUNS) : null;
  for (const b of buffers) backend.free(b);
  return 2 * bytes / (own ? Math.min(...own) : wall) / 1e9;
}
