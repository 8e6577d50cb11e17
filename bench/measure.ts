/**
 * How everything is timed: warm up, then run for a while and report the median. A GPU is timed over
 * several runs with the queue drained at the end, so that the wait is paid once. Ratios between rows
 * of one run mean something; single times on a shared machine mean little.
 */
import type { Device } from "../engine/device.ts";

/** One line of `bench --json`. */
export interface BenchRow {
  readonly name: string;
  readonly size: string;
  readonly device: string;
  /** Which kernel or flavour; "default" where there is one only. */
  readonly variant: string;
  /** Median over the runs. */
  readonly seconds: number;
  /** Billions of floating-point operations a second, where that is the measure. */
  readonly gflops?: number;
  /** Billions of bytes moved a second, where memory is the measure. */
  readonly gbps?: number;
  /** Largest error relative to the largest magnitude, against float64; null where not checked. */
  readonly error: number | null;
}

/** Something to time on a device. */
export interface BenchCase {
  readonly name: string;
  readonly size: string;
  readonly variant?: string;
  /** Floating-point operations of one run. */
  readonly flops?: number;
  /** Bytes one run must move at least. */
  readonly bytes?: number;
  /** Makes inputs; everything made is freed by `dispose`. */
  prepare(device: Device): Promise<PreparedCase> | PreparedCase;
}

export interface PreparedCase {
  /** One run, synchronous: results are freed by the surrounding scope. */
  run(): void;
  /** Error of one run against float64, where it can be had. */
  error?(): Promise<number>;
  dispose(): void;
}

export interface MeasureOptions {
  /** Time to spend on the timed runs, in seconds. */
  readonly budget?: number;
  readonly minRuns?: number;
}

const WARM_UPS = 2;

export async function measure(
  bench: BenchCase,
  device: Device,
  { budget = 1, minRuns = 5 }: MeasureOptions = {},
): Promise<BenchRow> {
  const prepared = await bench.prepare(device);
  try {
    const error = await prepared.error?.() ?? null;
    const once = async (runs: number) => {
      const start = performance.now();
      for (let i = 0; i < runs; i++) device.scope(() => prepared.run());
      await device.backend.finish();
      return (performance.now() - start) / 1000 / runs;
    };
    await once(WARM_UPS);
    const perSample = device.kind === "webgpu" ? 4 : 1;
    const samples: number[] = [];
    for (let spent = 0; spent < budget || samples.length < minRuns;) {
      const seconds = await once(perSample);
      samples.push(seconds);
      spent += seconds * perSample;
    }
    const seconds = median(samples);
    const { name, size, flops, bytes, variant = "default" } = bench;
    return {
      name,
      size,
      device: device.name,
      variant,
      seconds,
      ...flops !== undefined ? { gflops: flops / seconds / 1e9 } : {},
      ...bytes !== undefined ? { gbps: bytes / seconds / 1e9 } : {},
      error,
    };
  } finally {
    prepared.dispose();
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
