/** A calibration for a model that keeps no clips to fit one: the mean of what runs by actor found. */
import { join } from "node:path";
import { UserError } from "../engine/error.ts";
import type { Calibration } from "../report/calibration.ts";
import { fileError } from "../report/files.ts";
import { RunFolder } from "../report/run_folder.ts";
import type { CalibrationMetrics } from "../report/types.ts";

/**
 * Of all finished runs of `system` by actor in a folder of runs: the geometric mean of temperatures
 * and the mean of thresholds. Throws `UserError` where there is none.
 */
export async function meanCalibration(folder: string, system: string): Promise<Calibration> {
  const found = await calibrationsIn(folder, system);
  const mean = (of: (c: Calibration) => number) =>
    found.reduce((sum, c) => sum + of(c), 0) / found.length;
  if (found.length === 0) {
    throw new UserError(`--calibration ${folder}: it holds no finished run of ${system} by actor`);
  }
  return {
    temperature: Math.exp(mean(({ temperature }) => Math.log(temperature))),
    unsureBelow: mean(({ unsureBelow }) => unsureBelow),
  };
}

async function calibrationsIn(folder: string, system: string): Promise<CalibrationMetrics[]> {
  const found: CalibrationMetrics[] = [];
  for (const name of await foldersIn(folder)) {
    const run = await RunFolder.open(join(folder, name)).catch(() => null);
    const metrics = await run?.readMetrics().catch(() => null);
    if (metrics?.system !== system || metrics.protocol !== "actors") continue;
    if (metrics.calibration) found.push(metrics.calibration);
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
