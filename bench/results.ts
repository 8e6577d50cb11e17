/** The file of a bench run, and what changed between two of them, the noise of both taken into account. */
import { UserError } from "../engine/error.ts";
import type { BenchRow, Peaks } from "./row.ts";
import { labelOf, percent, timeText } from "./table.ts";

export interface BenchResults {
  readonly format: "timbre bench 1";
  /** Day and time, ISO 8601. */
  readonly date: string;
  readonly runtime: string;
  readonly peaks: readonly Peaks[];
  readonly rows: readonly BenchRow[];
}

/** What `text`, read from `path`, holds. Throws `UserError` where it is no bench's file. */
export function parseResults(text: string, path: string): BenchResults {
  let value: Partial<BenchResults> | null = null;
  try {
    value = JSON.parse(text);
  } catch {
    // told below
  }
  if (value?.format !== "timbre bench 1" || !Array.isArray(value.rows)) {
    throw new UserError(`${path}: expected a file that bench --json wrote`);
  }
  return value as BenchResults;
}

export type Verdict = "faster" | "slower" | "within the spread" | "timed once";

export interface Change {
  readonly row: BenchRow;
  readonly before: BenchRow;
  /** New time over old. */
  readonly ratio: number;
  readonly verdict: Verdict;
}

/**
 * Rows that both runs have. A change counts where the middle halves of the two runs' times do not meet; a time
 * that was taken once has no spread to judge by.
 */
export function compareRows(now: readonly BenchRow[], old: readonly BenchRow[]): Change[] {
  const known = new Map(old.map((row) => [keyOf(row), row]));
  return now.flatMap((row) => {
    const before = known.get(keyOf(row));
    if (!before) return [];
    const verdict: Verdict = Math.min(row.runs, before.runs) === 1
      ? "timed once"
      : row.high < before.low
      ? "faster"
      : row.low > before.high
      ? "slower"
      : "within the spread";
    return [{ row, before, ratio: row.seconds / before.seconds, verdict }];
  });
}

export function keyOf({ device, name, size, variant }: BenchRow): string {
  return [device, name, size, variant].join("\n");
}

/** A line for each, columns below each other. */
export function changeLines(changes: readonly Change[]): string[] {
  const names = changes.map(({ row }) => labelOf(row));
  const width = Math.max(...names.map((name) => name.length));
  return changes.map(({ row, before, ratio, verdict }, i) => {
    const by = ratio < 1 ? `-${percent(1 - ratio)}` : `+${percent(ratio - 1)}`;
    return `${names[i].padEnd(width)} ${timeText(before.seconds).padStart(9)} -> ${
      timeText(row.seconds).padStart(9)
    }  ${by.padStart(6)}  ${verdict}`;
  });
}
