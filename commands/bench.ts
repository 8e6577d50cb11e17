/** `bench`: kernels and training steps, on the CPU backend and on every real GPU. */
import type { Device } from "../engine/device.ts";
import { UserError } from "../engine/error.ts";
import { benchPage } from "../bench/html.ts";
import { FAMILIES } from "../bench/kernels.ts";
import { type BenchCase, type BenchRow, measure, type Peaks } from "../bench/measure.ts";
import type { Extent, Family } from "../bench/op_case.ts";
import { devicesToMeasure, openBench } from "../bench/open.ts";
import { measurePeaks } from "../bench/peak.ts";
import { type BenchResults, changeLine, compareRows, parseResults } from "../bench/results.ts";
import { HEAD, peaksLine, rowLine } from "../bench/table.ts";
import { readText, tryWriting, writeWhole } from "../report/files.ts";
import type { BenchOptions } from "./words/options.ts";

/** Seconds of timed runs a row: with all rows, about two minutes on two cores. */
const BUDGET = 0.3;

export async function bench(options: BenchOptions): Promise<void> {
  const { explain, tune, device, size, json, html, compare } = options;
  if (explain !== undefined) {
    return await (await import("./bench_explain.ts")).explainLadder(explain, {
      device,
      size,
      json,
    });
  }
  if (tune) return await (await import("./bench_tune.ts")).tuneTiles(device);
  // What cannot be read or written is found out before anything is measured.
  const old = compare === undefined ? null : parseResults(await readText(compare), compare);
  for (const path of [json, html]) if (path !== undefined) await tryWriting(path);
  const peaks: Peaks[] = [];
  const rows: BenchRow[] = [];
  for (const name of await devicesToMeasure(device)) {
    using opened = await openBench(name);
    const cases = chooseCases(options, extentOf(opened));
    if (name === "cpu") await printThreads();
    const own = await measurePeaks(opened);
    peaks.push(own);
    console.log(`${peaksLine(own)}\n${HEAD}`);
    for (const c of cases) {
      const row = await measure(c, opened, { budget: BUDGET, peaks: own });
      rows.push(row);
      console.log(rowLine(row));
    }
  }
  const results: BenchResults = {
    format: "timbre bench 1",
    date: new Date().toISOString(),
    runtime: `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    peaks,
    rows,
  };
  if (json !== undefined) await writeWhole(json, JSON.stringify(results, null, 1));
  if (html !== undefined) await writeWhole(html, await benchPage(results));
  if (old) printChanges(results, old);
}

/** The processor's peaks for one thread and up, in powers of two; all threads are measured later. */
async function printThreads(): Promise<void> {
  for (let threads = 1; threads < navigator.hardwareConcurrency; threads *= 2) {
    using device = await openBench("cpu", { threads });
    console.log(peaksLine(await measurePeaks(device)));
  }
}

function extentOf({ backend }: Device): Extent {
  if (backend.kind === "cpu") return "usual";
  return backend.caps.software ? "tiny" : "large";
}

/** The rows asked for, in order. Throws where there are none. */
export function chooseCases(options: BenchOptions, extent: Extent): readonly BenchCase[] {
  const { kernels, size, sweep, filter = "" } = options;
  const families = FAMILIES.filter(({ name }) => kernels.length === 0 || kernels.includes(name));
  const all = size === undefined
    ? families.flatMap((family) => [
      ...family.cases(extent),
      ...(sweep ? (family.sweep ?? []).flatMap((dims) => family.at?.(dims) ?? []) : []),
    ])
    : casesOfSize(families[0], size);
  const chosen = all.filter(({ name, size, variant = "" }) =>
    `${name} ${size} ${variant}`.includes(filter)
  );
  if (chosen.length > 0) return chosen;
  const names = [...new Set(all.map(({ name }) => name))].join(", ");
  throw new UserError(`--filter ${filter}: no row has this; there are ${names}`);
}

function casesOfSize({ name, dims, at }: Family, size: readonly number[]): readonly BenchCase[] {
  if (!dims || !at) throw new UserError(`--size: ${name} has no size of its own`);
  if (dims.split("x").length !== size.length) {
    throw new UserError(`--size ${size.join("x")}: ${name} needs ${dims}`);
  }
  return at(size);
}

function printChanges(now: BenchResults, old: BenchResults): void {
  const changes = compareRows(now.rows, old.rows);
  console.log(`\nsince ${old.date.slice(0, 16).replace("T", " ")}`);
  if (changes.length === 0) console.log("no row of this run is in that file");
  for (const change of changes) console.log(changeLine(change));
}
