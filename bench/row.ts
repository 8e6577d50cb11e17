/** A row of the bench, and how it is made from what was timed: rates, and how near they come to what the device can do. */
import type { Device } from "../engine/device.ts";
import type { BenchCase } from "./case.ts";

/** What the times were read from. */
export type Clock = "wall" | "wall, queue drained" | "GPU timestamps";

/** Seconds of one run. */
export interface Timing {
  readonly clock: Clock;
  /** Median, lower and upper quartile. */
  readonly seconds: number;
  readonly low: number;
  readonly high: number;
  readonly runs: number;
  /** How a step's commands flow; on a GPU only. */
  readonly stream?: CommandStream;
}

export interface CommandStream {
  /** Dispatches of one run. */
  readonly launches: number;
  /** The host's time for each of them, in seconds: JavaScript and the encoder, without the submit. */
  readonly recording: number;
  /** Seconds of one run inside `queue.submit`, where a driver may wait for its device. */
  readonly submitting: number;
  /** Share of the time in which the GPU had nothing to do; null where no timestamps tell. */
  readonly idle: number | null;
}

/** One line of `bench --json`. */
export interface BenchRow extends Timing {
  readonly name: string;
  readonly size: string;
  readonly device: string;
  /** Which kernel or flavour; "default" where there is one only. */
  readonly variant: string;
  /** Of the operands of products, where they are rounded; the variant says it as well. */
  readonly precision?: "f16";
  /** Billions of floating-point operations a second, where that is the measure. */
  readonly gflops?: number;
  /** Billions of bytes a second, of those that must be moved at least. */
  readonly gbps?: number;
  /** Share of what the device's measured peaks allow at this ratio of operations to bytes. */
  readonly peak?: number;
  /** Which of the two peaks it is held against, the nearer one. */
  readonly limit?: "arithmetic" | "memory";
  /** Largest error relative to the largest magnitude, against float64; null where not checked. */
  readonly error: number | null;
  /** Why it cannot be checked, where that is so. */
  readonly unchecked?: "random";
}

/** The most a device can do, as measured (`peak.ts`). */
export interface Peaks {
  readonly device: string;
  /** Multiply-adds on registers alone, in 10⁹ operations a second. */
  readonly gflops: number;
  /** A large copy: 10⁹ bytes a second, read and written. */
  readonly gbps: number;
  /** Whether the GPU's timestamps were found to tell seconds. */
  readonly timestamps: boolean;
}

/** What a row's variant is called; with `--precision f16` another name, so that rows are kept apart from those without. */
export function variantOf({ variant = "default" }: BenchCase, half: boolean): string {
  if (!half) return variant;
  return variant === "default" ? "in f16" : `${variant}, in f16`;
}

interface RowFacts {
  readonly device: Device;
  readonly timing: Timing;
  readonly error: number | null;
  readonly peaks: Peaks | undefined;
  /** Whether the device's precision was that of the products. */
  readonly half: boolean;
}

export function rowOf(
  bench: BenchCase,
  { device, timing, error, peaks, half }: RowFacts,
): BenchRow {
  const { name, size, flops, bytes, random = false } = bench;
  const gflops = flops === undefined ? undefined : flops / timing.seconds / 1e9;
  const gbps = bytes === undefined ? undefined : bytes / timing.seconds / 1e9;
  const peak = peaks && shareOfPeak(peaks, { gflops, gbps });
  const limit = peak !== undefined && peak === (gbps ?? 0) / peaks!.gbps ? "memory" : "arithmetic";
  return {
    name,
    size,
    device: device.name,
    variant: variantOf(bench, half),
    ...half ? { precision: "f16" } : {},
    ...timing,
    ...gflops !== undefined ? { gflops } : {},
    ...gbps !== undefined ? { gbps } : {},
    ...peak !== undefined ? { peak, limit } : {},
    error,
    ...random ? { unchecked: "random" } : {},
  };
}

/** How near the roof: the nearer of the two limits, arithmetic and memory. */
export function shareOfPeak(
  peaks: Pick<Peaks, "gflops" | "gbps">,
  { gflops, gbps }: { gflops?: number; gbps?: number },
): number | undefined {
  if (gflops === undefined && gbps === undefined) return undefined;
  return Math.max((gflops ?? 0) / peaks.gflops, (gbps ?? 0) / peaks.gbps);
}
