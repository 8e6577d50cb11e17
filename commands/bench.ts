/** `bench`: kernels and training steps, on the CPU backend and on every real GPU. */
import { checkWanted, chooseCases, leftOut, nothingChosen } from "../bench/choose.ts";
import { benchPage } from "../bench/html.ts";
import { measure } from "../bench/measure.ts";
import { type BenchRow, type Peaks, variantOf } from "../bench/row.ts";
import type { Extent } from "../bench/sizes.ts";
import { devicesToMeasure, extentOf, openBench } from "../bench/open.ts";
import { measurePeaks } from "../bench/peak.ts";
import { type BenchResults, changeLines, compareRows, parseResults } from "../bench/results.ts";
import { beyondPeakText, peaksLine, RowTable } from "../bench/table.ts";
import { readText, tryWriting, writeWhole } from "../report/files.ts";
import type { BenchOptions } from "./words/options.ts";

/** Seconds of timed runs a row: with all rows, about two minutes on two cores. */
const BUDGET = 0.3;

export async function bench(options: BenchOptions): Promise<void> {
  const { explain, tune, device, precision, size, json, html, compare } = options;
  if (explain !== undefined) {
    return await (await import("./bench_explain.ts")).explainLadder(explain, {
      device,
      size,
      json,
    });
  }
  if (tune) return await (await import("./bench_tune.ts")).tuneTiles(device);
  checkWanted(options);
  // What cannot be read or written is found out before anything is measured.
  const old = compare === undefined ? null : parseResults(await readText(compare), compare);
  for (const path of [json, html]) if (path !== undefined) await tryWriting(path);
  const peaks: Peaks[] = [];
  const rows: BenchRow[] = [];
  let extent: Extent = "usual";
  for (const name of await devicesToMeasure(device)) {
    using opened = await openBench(name, { precision });
    extent = extentOf(opened);
    const cases = chooseCases(options, extent);
    if (cases.length === 0) continue;
    if (name === "cpu") await printThreads();
    if (precision === "f16" && opened.kind === "cpu") {
      console.log("the CPU rounds as a GPU would, and saves no time or memory by it");
    }
    const own = await measurePeaks(opened);
    peaks.push(own);
    const half = opened.precision === "f16";
    const table = new RowTable(cases.map((c) => ({ ...c, variant: variantOf(c, half) })));
    console.log(`${peaksLine(own)}\n${table.head}`);
    for (const c of cases) {
      const row = await measure(c, opened, { budget: BUDGET, peaks: own });
      rows.push(row);
      console.log(table.line(row));
    }
    const beyond = beyondPeakText(rows.filter(({ device }) => device === opened.name));
    for (const line of [beyond ?? [], leftOut(options, extent)].flat()) console.log(line);
  }
  if (rows.length === 0) throw nothingChosen(options, extent);
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

function printChanges(now: BenchResults, old: BenchResults): void {
  const changes = compareRows(now.rows, old.rows);
  console.log(`\nsince ${old.date.slice(0, 16).replace("T", " ")}`);
  if (changes.length === 0) console.log("no row of this run is in that file");
  for (const line of changeLines(changes)) console.log(line);
}
