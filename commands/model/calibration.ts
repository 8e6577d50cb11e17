/** A calibration for a model that keeps no clips to fit one: the mean of what runs by actor found. */
import { join } from "node:path";
import { UserError } from "../../engine/error.ts";
import type { Calibration } from "../../report/calibration.ts";
import { fileError } from "../../report/files.ts";
import { RunFolder } from "../../report/run_folder.ts";
import type { CalibrationMetrics } from "../../report/types.ts";

/** Whose runs count. */
interface Wanted {
  readonly system: string;
  /** Of this fold alone: others may have been calibrated on its test actors. Null for all. */
  readonly fold: number | null;
}

/**
 * Of all finished runs by actor in a folder of runs that kept clips to validate: the geometric mean
 * of temperatures and the mean of thresholds. Throws `UserError` where there is none.
 */
export async function meanCalibration(folder: string, wanted: Wanted): Promise<Calibration> {
  const found = await calibrationsIn(folder, wanted);
  const mean = (of: (c: Calibration) => number) =>
    found.reduce((sum, c) => sum + of(c), 0) / found.length;
  if (found.length === 0) {
    const which = wanted.fold === null ? "" : `, fold ${wanted.fold},`;
    throw new UserError(
      `--calibration ${folder}: it holds no finished run of ${wanted.system} by actor${which} that ` +
        "was validated",
    );
  }
  return {
    temperature: Math.exp(mean(({ temperature }) => Math.log(temperature))),
    unsureBelow: mean(({ unsureBelow }) => unsureBelow),
  };
}

async function calibrationsIn(
  folder: string,
  { system, fold }: Wanted,
): Promise<CalibrationMetrics[]> {
  const found: CalibrationMetrics[] = [];
  for (const name of await foldersIn(folder)) {
    const run = await RunFolder.open(join(folder, name)).catch(() => null);
    const metrics = await run?.readMetrics().catch(() => null);
    if (metrics?.system !== system || metrics.protocol !== "actors") continue;
    if (fold !== null && metrics.fold !== fold) continue;
    if (metrics.calibration && metrics.calibration.n > 0) found.push(metrics.calibration);
  }
  return found;
}

async function foldersIn(folder: string): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(folder));
    return entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name).sort();
  } catch (error) {
    throw fileError(error, "read", folder);
  }
}
