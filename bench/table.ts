/** Rows of the bench as lines of text. */
import type { BenchRow, CommandStream, Peaks } from "./row.ts";

/** A heading and how its column is set. */
const COLUMNS = [
  { title: "name", width: 21, left: true },
  { title: "size", width: 32, left: true },
  { title: "variant", width: 14, left: true },
  { title: "median", width: 9 },
  { title: "spread", width: 7 },
  { title: "rate", width: 15 },
  { title: "of peak", width: 7 },
  { title: "error", width: 7 },
] as const;

export const HEAD = columns(COLUMNS.map(({ title }) => title));

function columns(words: readonly string[]): string {
  return words.map((word, i) => {
    const column = COLUMNS[i];
    return "left" in column ? word.padEnd(column.width) : word.padStart(column.width);
  }).join(" ").trimEnd();
}

export function rowLine(row: BenchRow): string {
  const { name, size, variant, seconds, low, high, error, unchecked, stream } = row;
  const line = columns([
    name,
    size,
    variant === "default" ? "" : variant,
    timeText(seconds),
    `±${percent((high - low) / 2 / seconds)}`,
    rateText(row),
    peakText(row),
    error === null ? "" : error.toExponential(0),
  ]);
  const told = unchecked === undefined ? line : `${line}  ${unchecked}`;
  return stream ? `${told}\n  ${streamText(stream)}` : told;
}

/** How a step's commands flow, in words. */
export function streamText({ launches, recording, submitting, idle }: CommandStream): string {
  return `${launches} dispatches, ${timeText(recording)} of JavaScript each; ` +
    `${timeText(submitting)} a step in submit` +
    (idle === null ? "" : `; the GPU idle ${percent(idle)} of the time`);
}

/** What the rows below were held against, and what clock they were read from. */
export function peaksLine({ device, gflops, gbps, timestamps }: Peaks): string {
  return `${device}: at most ${rate(gflops, "FLOP/s")} of multiply-adds, ${
    rate(gbps, "B/s")
  } copied` +
    (device.startsWith("CPU")
      ? ""
      : `; kernels by ${timestamps ? "GPU timestamps" : "the wall clock, queue drained"}`);
}

export function timeText(seconds: number): string {
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(1)} µs`;
  return seconds < 1 ? `${(seconds * 1000).toFixed(2)} ms` : `${seconds.toFixed(2)} s`;
}

export function rateText({ gflops, gbps }: Pick<BenchRow, "gflops" | "gbps">): string {
  if (gflops !== undefined) return rate(gflops, "FLOP/s");
  return gbps === undefined ? "" : rate(gbps, "B/s");
}

/** Of 10⁹ units. */
function rate(billions: number, unit: string): string {
  if (billions < 0.1) return `${(billions * 1000).toFixed(1)} M${unit}`;
  return billions < 1000
    ? `${billions.toFixed(1)} G${unit}`
    : `${(billions / 1000).toFixed(1)} T${unit}`;
}

/** Past the speed of the large copy by more than noise: the data never left the caches. */
export function peakText({ peak, limit }: Pick<BenchRow, "peak" | "limit">): string {
  if (peak === undefined) return "";
  return peak > 1.05 && limit === "memory" ? "cached" : percent(peak);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.095 ? 1 : 0)}%`;
}
