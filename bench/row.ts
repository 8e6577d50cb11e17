/** A row of the bench from what was timed: rates, and how near they come to what the device can do. */
import type { Device } from "../engine/device.ts";
import type { BenchCase, BenchRow, Peaks, Timing } from "./measure.ts";

/** What a variant is called with `--precision f16`, so that rows are kept apart from those without. */
const halved = (variant: string) => variant === "default" ? "in f16" : `${variant}, in f16`;

interface RowFacts {
  readonly device: Device;
  readonly timing: Timing;
  readonly error: number | null;
  readonly peaks: Peaks | undefined;
  /** Whether the device's precision was that of the products. */
  readonly half: boolean;
}

export function rowOf(
  { name, size, flops, bytes, variant = "default", random = false }: BenchCase,
  { device, timing, error, peaks, half }: RowFacts,
): BenchRow {
  const gflops = flops === undefined ? undefined : flops / timing.seconds / 1e9;
  const gbps = bytes === undefined ? undefined : bytes / timing.seconds / 1e9;
  const peak = peaks && shareOfPeak(peaks, { gflops, gbps });
  const limit = peak !== undefined && peak === (gbps ?? 0) / peaks!.gbps ? "memory" : "arithmetic";
  return {
    name,
    size,
    device: device.name,
    variant: half ? halved(variant) : variant,
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
