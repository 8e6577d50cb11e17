/** A ladder timed side by side, as text: what each rung is, how fast it is here, how wrong, and why. */
import type { Device } from "../../engine/device.ts";
import type { Peaks } from "../measure.ts";
import { shareOfPeak, timeRuns } from "../measure.ts";
import { percent, rateText, timeText } from "../table.ts";
import {
  type Dims,
  type Ladder,
  ladderInputs,
  obstacle,
  ReadyRung,
  type Rung,
  rungError,
  rungsFor,
} from "./ladder.ts";

const ROOT = new URL("../../", import.meta.url);

/** One rung's figures, or why there are none. */
export interface RungRow {
  readonly rung: Rung;
  readonly obstacle: string | null;
  readonly seconds: number | null;
  readonly error: number | null;
}

/** Runs every rung that can run here. A wrong result is told, not hidden, and gets no time. */
export async function timeLadder(
  ladder: Ladder,
  device: Device,
  dims: Dims,
  { peaks, budget = 0.5 }: { readonly peaks: Peaks; readonly budget?: number },
): Promise<RungRow[]> {
  const inputs = ladderInputs(ladder, device, dims);
  const values = await Promise.all(inputs.map((t) => t.data()));
  const rows: RungRow[] = [];
  for (const rung of rungsFor(ladder, device)) {
    const why = obstacle(rung, device, dims);
    if (why !== null) {
      rows.push({ rung, obstacle: why, seconds: null, error: null });
      continue;
    }
    using ready = new ReadyRung(ladder, rung, device, inputs, dims);
    ready.run();
    const error = await rungError(ladder, ready, values, dims);
    if (!(error <= (rung.tolerance ?? 1e-5))) {
      rows.push({ rung, obstacle: "wrong on this device", seconds: null, error });
      continue;
    }
    const { seconds } = await timeRuns(() => ready.run(), device, { budget, minRuns: 3, peaks });
    rows.push({ rung, obstacle: null, seconds, error });
  }
  for (const t of inputs) t.dispose();
  return rows;
}

/** The ladder as text. */
export async function ladderText(
  ladder: Ladder,
  dims: Dims,
  peaks: Peaks,
  rows: readonly RungRow[],
): Promise<string> {
  const naive = rows.find((row) => row.seconds !== null)?.seconds ?? null;
  const lines = [`${ladder.name} ${dims.join("x")} on ${peaks.device}`];
  for (const { rung, obstacle, seconds, error } of rows) {
    lines.push("", `${rung.title}  (${rung.file})`);
    lines.push(...(await headOf(rung.file)).map((line) => `    ${line}`));
    const wrong = error === null ? "" : `, error ${error.toExponential(0)}`;
    if (seconds === null || naive === null) {
      lines.push(`  ${obstacle}${wrong}`);
      continue;
    }
    const gflops = ladder.flops(dims) / seconds / 1e9, gbps = ladder.bytes(dims) / seconds / 1e9;
    lines.push(
      `  ${timeText(seconds)}, ${rateText({ gflops })}, ${rateText({ gbps })}, ` +
        `${percent(shareOfPeak(peaks, { gflops, gbps })!)} of the roof, ` +
        `${(naive / seconds).toFixed(1)} times the first${wrong}`,
    );
  }
  return lines.join("\n");
}

/** The comment a shader or kernel begins with. */
export async function headOf(file: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(file, ROOT));
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  return lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, ""));
}
