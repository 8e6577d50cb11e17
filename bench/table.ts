/** Rows of the bench as lines of text. */
import type { BenchRow, CommandStream, Peaks, Timing } from "./row.ts";

/** Headings of what was measured, and their columns' widths. */
const MEASURED = [["median", 9], ["spread", 7], ["rate", 15], ["of peak", 7], [
  "error",
  7,
]] as const;

type Named = Pick<BenchRow, "name" | "size" | "variant">;

function wordsOf({ name, size, variant }: Named): string[] {
  return [name, size, variant === "default" ? "" : variant];
}

/** What a row is of, in one line. */
export function labelOf(row: Named): string {
  return wordsOf(row).filter((word) => word !== "").join(" ");
}

/** A table whose first columns are as wide as the rows to come need: they are printed one by one. */
export class RowTable {
  readonly head: string;
  readonly #widths: readonly number[];

  constructor(rows: readonly Named[]) {
    const words = [["name", "size", "variant"], ...rows.map(wordsOf)];
    this.#widths = words[0].map((_, i) => Math.max(...words.map((w) => w[i].length)));
    this.head = this.#line(words[0], MEASURED.map(([title]) => title));
  }

  line(row: BenchRow): string {
    const { seconds, stream } = row;
    const measured = [timeText(seconds), spreadText(row), rateText(row), peakText(row)];
    const line = this.#line(wordsOf(row), [...measured, errorText(row)]);
    return stream ? `${line}\n  ${streamText(stream)}` : line;
  }

  #line(words: readonly string[], measured: readonly string[]): string {
    const left = words.map((word, i) => word.padEnd(this.#widths[i]));
    const right = measured.map((word, i) => word.padStart(MEASURED[i][1]));
    return [...left, ...right].join(" ").trimEnd();
  }
}

/** Half the range of the middle half of the runs, beside their median. */
export function spreadText({ seconds, low, high, runs }: Timing): string {
  return runs === 1 ? "1 run" : `±${percent((high - low) / 2 / seconds)}`;
}

/** Against float64, or why there is none. */
export function errorText({ error, unchecked }: Pick<BenchRow, "error" | "unchecked">): string {
  return error === null ? unchecked ?? "" : error.toExponential(0);
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

/** Shares up to here may be noise. */
const WHOLE = 1.05;

/** Past the speed of the large copy by more than noise: the data never left the caches. */
export function peakText({ peak, limit }: Pick<BenchRow, "peak" | "limit">): string {
  if (peak === undefined) return "";
  return peak > WHOLE && limit === "memory" ? "cached" : percent(peak);
}

/** How a share can be more than all, where one is; else none. */
export function beyondPeakText(rows: readonly BenchRow[]): string | null {
  return rows.some(({ peak = 0, limit }) => peak > WHOLE && limit === "arithmetic")
    ? "over 100% of peak: Winograd's way does fewer operations than the definition, whose are counted"
    : null;
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.095 ? 1 : 0)}%`;
}
