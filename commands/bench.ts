/** `bench`: kernels and training steps, on the CPU backend and on every real GPU. */
import { openDevice } from "../engine/open.ts";
import { UserError } from "../engine/error.ts";
import { listAdapters, summarize } from "../engine/webgpu/adapter.ts";
import { type BenchCase, type BenchRow, measure } from "../bench/measure.ts";
import { cases as kernels } from "../bench/kernels.ts";
import { cases as steps } from "../bench/steps.ts";
import { writeWhole } from "../report/files.ts";
import type { BenchOptions } from "./options.ts";

export async function bench({ pattern = "", json, device: choice }: BenchOptions): Promise<void> {
  const all: readonly BenchCase[] = [...kernels, ...steps];
  const chosen = all.filter((c) => c.name.includes(pattern));
  if (chosen.length === 0) {
    const names = [...new Set(all.map((c) => c.name))].join(", ");
    throw new UserError(`bench: nothing has "${pattern}" in its name; there are ${names}`);
  }
  const rows: BenchRow[] = [];
  for (const name of await devicesToMeasure(choice)) {
    using device = await openDevice(name);
    console.log(`${device.name}\n${HEAD}`);
    for (const c of chosen) {
      const row = await measure(c, device);
      rows.push(row);
      console.log(line(row));
    }
  }
  if (json !== undefined) await writeWhole(json, JSON.stringify(rows, null, 1));
}

/** One device if named; else the CPU and the GPU that `auto` would take. */
async function devicesToMeasure(choice: string): Promise<string[]> {
  if (choice !== "auto") return [choice];
  const real = (await listAdapters()).some((a) => !summarize(a).software);
  return real ? ["cpu", "gpu"] : ["cpu"];
}

const WIDTHS = [22, 28, 10, 12, 12, 9];
const HEAD = columns(["name", "size", "variant", "time", "rate", "error"]);

function columns(words: readonly string[]): string {
  return words.map((w, i) => i < 3 ? w.padEnd(WIDTHS[i]) : w.padStart(WIDTHS[i])).join(" ");
}

function line({ name, size, variant, seconds, gflops, gbps, error }: BenchRow): string {
  const time = seconds < 1 ? `${(seconds * 1000).toFixed(2)} ms` : `${seconds.toFixed(2)} s`;
  const rate = gflops !== undefined
    ? `${gflops.toFixed(1)} GFLOP/s`
    : gbps !== undefined
    ? `${gbps.toFixed(1)} GB/s`
    : "";
  return columns([name, size, variant, time, rate, error === null ? "" : error.toExponential(0)]);
}
