/** A ladder timed side by side, as text: what each rung is, how fast it is here, how wrong, and why. */
import type { Device } from "../../engine/device.ts";
import { timeRuns } from "../measure.ts";
import { type Peaks, shareOfPeak } from "../row.ts";
import { percent, rateText, timeText } from "../table.ts";
import { CHANGED } from "./changed.ts";
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
    try {
      using ready = new ReadyRung(ladder, rung, device, inputs, dims);
      ready.run();
      const error = await rungError(ladder, ready, values, dims);
      if (!(error <= (rung.tolerance ?? 1e-5))) {
        rows.push({ rung, obstacle: "wrong on this device", seconds: null, error });
        continue;
      }
      const { seconds } = await timeRuns(() => ready.run(), device, { budget, minRuns: 3, peaks });
      rows.push({ rung, obstacle: null, seconds, error });
    } catch (error) {
      // A shader beyond the standard may not compile here. A device keeps its first fault, so that the
      // rungs after it fail alike: those of that kind stand last.
      const line = error instanceof Error
        ? error.message.split("\n").slice(0, 2).join(" ")
        : `${error}`;
      rows.push({ rung, obstacle: `fails here: ${line}`, seconds: null, error: null });
    }
  }
  for (const t of inputs) t.dispose();
  return rows;
}

/** The ladder as `--json` writes it. */
export function ladderJson(
  { name, flops, bytes }: Ladder,
  dims: Dims,
  peaks: Peaks,
  rows: readonly RungRow[],
): unknown {
  return {
    ladder: name,
    size: dims.join("x"),
    peaks,
    rungs: rows.map(({ rung, obstacle, seconds, error }) => ({
      file: rung.file,
      title: rung.title,
      obstacle,
      seconds,
      error,
      ...seconds !== null &&
        { gflops: flops(dims) / seconds / 1e9, gbps: bytes(dims) / seconds / 1e9 },
    })),
  };
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
  const told = new Set<string>();
  for (const { rung, obstacle, seconds, error } of rows) {
    lines.push("", `${rung.title}  (${rung.file})`);
    if (!told.has(rung.file)) lines.push(...(await headOf(rung.file)).map((l) => `    ${l}`));
    told.add(rung.file);
    const wrong = error === null ? "" : `, error ${error.toExponential(0)}`;
    if (seconds === null || naive === null) {
      lines.push(`  ${obstacle}${wrong}`);
      continue;
    }
    const gflops = ladder.flops(dims) / seconds / 1e9, gbps = ladder.bytes(dims) / seconds / 1e9;
    lines.push(
      `  ${timeText(seconds)}, ${rateText({ gflops })}, ` +
        `${percent(shareOfPeak(peaks, { gflops, gbps })!)} of the roof, ` +
        `${(naive / seconds).toFixed(1)} times the first${wrong}`,
    );
  }
  return lines.join("\n");
}

/** The comment a shader or kernel begins with, and what changed where that does not say it. */
export async function headOf(file: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(file, ROOT));
  const lines = text.split("\n");
  const end = lines.findIndex((line) => !line.startsWith("//"));
  const head = lines.slice(0, end).map((line) => line.replace(/^\/\/ ?/, ""));
  const changed = CHANGED[file];
  return changed === undefined ? head : [...head, ...wrap(changed)];
}

const WIDTH = 108;

function wrap(text: string): string[] {
  return text.match(new RegExp(`.{1,${WIDTH}}(?= |$)`, "g"))!.map((line) => line.trim());
}
