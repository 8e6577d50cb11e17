/**
 * How everything is timed: warm up, then run for a while; the median and the quartiles around it. On a GPU a
 * kernel's time is the GPU's own, by timestamps around each dispatch, where the device has them and they tell
 * seconds; else the wall clock over several runs with the queue drained at the end, so that the wait is paid
 * once. Whole steps are timed by the wall clock everywhere, since recording them is part of their cost.
 * Ratios between rows of one run mean something; single times on a shared machine mean little.
 */
import type { Device } from "../engine/device.ts";
import type { BenchCase, HostWork } from "./case.ts";
import { type BenchRow, type Clock, type Peaks, rowOf, type Timing } from "./row.ts";

export interface MeasureOptions {
  /** Time to spend on the timed runs, in seconds. */
  readonly budget?: number;
  readonly minRuns?: number;
  readonly peaks?: Peaks;
}

const WARM_UPS = 2;
const MOST_RUNS = 200;
const RUNS_OF_WORK = 3;
const SECONDS_OF_WORK = 5;
const MOST_IN_A_ROW = 512;
/** A drained queue is noticed late: a sample of wall time on a GPU should outlast that by far. */
const LEAST_SAMPLE = 0.1;

export async function measure(
  bench: BenchCase,
  device: Device,
  options: MeasureOptions = {},
): Promise<BenchRow> {
  const { peaks } = options;
  const prepared = await bench.prepare(device);
  if ("work" in prepared) {
    const timing = await timeWork(prepared);
    return rowOf(bench, { device, timing, error: null, peaks, half: false });
  }
  try {
    const error = await prepared.error?.() ?? null;
    const run = () => device.scope(() => prepared.run());
    const timing = await timeRuns(run, device, { ...options, wholeStep: bench.wholeStep });
    return rowOf(bench, { device, timing, error, peaks, half: device.precision === "f16" });
  } finally {
    prepared.dispose();
  }
}

export interface TimeOptions extends MeasureOptions {
  readonly wholeStep?: boolean;
}

/** Times `run`, which must do the same each time. */
export async function timeRuns(
  run: () => void,
  device: Device,
  { budget = 0.5, minRuns = 5, peaks, wholeStep = false }: TimeOptions = {},
): Promise<Timing> {
  const { backend } = device;
  const once = async (runs: number) => {
    const before = backend.stats().submitSeconds ?? 0;
    const start = performance.now();
    for (let i = 0; i < runs; i++) run();
    backend.flush();
    const host = (performance.now() - start) / 1000;
    const submitting = (backend.stats().submitSeconds ?? 0) - before;
    await backend.finish();
    const seconds = (performance.now() - start) / 1000;
    return { seconds, recording: host - submitting, submitting };
  };
  await once(1);
  const launched = backend.stats().launches;
  const { seconds: warm } = await once(WARM_UPS - 1);
  const launches = backend.stats().launches - launched;
  if (backend.kind === "cpu") {
    const samples: number[] = [];
    const least = warm > budget ? Math.min(minRuns, 3) : minRuns;
    for (let spent = 0; samples.length < least || (spent < budget && samples.length < MOST_RUNS);) {
      const { seconds } = await once(1);
      samples.push(seconds);
      spent += seconds;
    }
    return summarize("wall", samples);
  }
  const timestamps = peaks?.timestamps ?? false;
  const runs = Math.max(minRuns, Math.min(MOST_RUNS, Math.ceil(budget / warm)));
  const gpu = timestamps ? await timestampRuns(run, device, runs) : null;
  if (gpu && !wholeStep) return summarize("GPU timestamps", gpu);
  const perSample = await runsToFill(LEAST_SAMPLE, once);
  const samples: number[] = [];
  let recording = 0, submitting = 0;
  for (let spent = 0; samples.length < 3 || (spent < budget && samples.length < MOST_RUNS);) {
    const sample = await once(perSample);
    samples.push(sample.seconds / perSample);
    recording += sample.recording / perSample / launches;
    submitting += sample.submitting / perSample;
    spent += sample.seconds;
  }
  const timing = summarize("wall, queue drained", samples);
  const busy = gpu ? quantile(gpu, 0.5) : null;
  const idle = busy === null ? null : Math.max(0, 1 - busy / timing.seconds);
  const n = samples.length;
  const stream = { launches, recording: recording / n, submitting: submitting / n, idle };
  return wholeStep ? { ...timing, stream } : timing;
}

/** Times what is long enough to need no warming up: a few runs, or one of many seconds. */
async function timeWork({ work }: HostWork): Promise<Timing> {
  const samples: number[] = [];
  for (let spent = 0; samples.length < RUNS_OF_WORK && spent < SECONDS_OF_WORK;) {
    const start = performance.now();
    await work();
    samples.push((performance.now() - start) / 1000);
    spent += samples[samples.length - 1];
  }
  return summarize("wall", samples);
}

/**
 * How many runs in a row last `seconds`, found by doubling: what a submit and a drained queue cost must be
 * little beside them.
 */
export async function runsToFill(
  seconds: number,
  once: (runs: number) => Promise<{ seconds: number }>,
): Promise<number> {
  let runs = 1;
  while (runs < MOST_IN_A_ROW && (await once(runs)).seconds < seconds) runs *= 2;
  return runs;
}

/** Seconds the GPU worked on each of `runs` runs, its dispatches summed up; null where it cannot tell. */
export async function timestampRuns(
  run: () => void,
  { backend }: Device,
  runs: number,
): Promise<number[] | null> {
  if (backend.kind === "cpu" || !backend.startProfile()) return null;
  for (let i = 0; i < runs; i++) run();
  const times = await backend.stopProfile();
  const each = times.length / runs;
  if (each === 0 || !Number.isInteger(each)) return null;
  return Array.from(
    { length: runs },
    (_, i) => times.slice(i * each, (i + 1) * each).reduce((sum, t) => sum + t.seconds, 0),
  );
}

function summarize(clock: Clock, samples: readonly number[]): Timing {
  return {
    clock,
    seconds: quantile(samples, 0.5),
    low: quantile(samples, 0.25),
    high: quantile(samples, 0.75),
    runs: samples.length,
  };
}

/** The value below which the share `q` of the values lies, between neighbours by proportion. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
