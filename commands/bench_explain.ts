/** `bench --explain`: a kernel's ladder with the figures measured on this machine. */
import { devicesToMeasure, extentOf, openBench } from "../bench/open.ts";
import { measurePeaks } from "../bench/peak.ts";
import { ladderJson, ladderText, timeLadder } from "../bench/rungs/explain.ts";
import { LADDERS } from "../bench/rungs/ladders.ts";
import { checkSize, checkWork } from "../bench/sizes.ts";
import { tryWriting, writeWhole } from "../report/files.ts";
import type { DeviceChoice, Ladder } from "./words/options.ts";

/** How many times as slow as ours the first rungs are, by tens. */
const NAIVE = 20;

export interface ExplainOptions {
  readonly device: DeviceChoice;
  readonly size?: readonly number[];
  readonly json?: string;
}

/** Prints the ladder `name` for each device. */
export async function explainLadder(
  name: Ladder,
  { device: choice, size, json }: ExplainOptions,
): Promise<void> {
  const ladder = LADDERS.get(name)!;
  if (size !== undefined) checkSize(ladder, size);
  if (json !== undefined) await tryWriting(json);
  const ladders: unknown[] = [];
  for (const which of await devicesToMeasure(choice)) {
    using device = await openBench(which);
    const extent = extentOf(device);
    const { cpu, gpu, software } = ladder.sizes;
    const dims = size ?? { usual: cpu, large: gpu, tiny: software }[extent];
    const flops = ladder.most?.(dims) ?? ladder.flops(dims);
    checkWork({ name, flops, bytes: ladder.bytes(dims) }, { size: dims, extent, slower: NAIVE });
    const peaks = await measurePeaks(device);
    const rows = await timeLadder(ladder, device, dims, { peaks });
    console.log(`${await ladderText(ladder, dims, peaks, rows)}\n`);
    ladders.push(ladderJson(ladder, dims, peaks, rows));
  }
  if (json === undefined) return;
  const date = new Date().toISOString();
  await writeWhole(json, JSON.stringify({ format: "timbre ladder 1", date, ladders }, null, 1));
}
