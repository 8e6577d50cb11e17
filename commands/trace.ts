/** `trace`: one training step of a system, every kernel of it on a timeline. */
import { join } from "node:path";
import { openDevice } from "../engine/open.ts";
import { traceStep } from "../bench/trace.ts";
import { SYSTEMS } from "../models/systems.ts";
import { makeFolder, tryWriting, writeWhole } from "../report/files.ts";
import { formatTrace, traceCsv, traceEvents } from "../report/trace.ts";
import type { TraceOptions } from "./words/options.ts";

export async function trace(
  { system, device: choice, precision, out }: TraceOptions,
): Promise<void> {
  const events = join(out, "trace.json");
  const list = join(out, "launches.csv");
  await makeFolder(out);
  await tryWriting(events);
  using device = await openDevice(choice, { precision });
  const step = await traceStep(SYSTEMS.get(system)!, device);
  console.log(formatTrace(step));
  await writeWhole(events, traceEvents(step));
  await writeWhole(list, traceCsv(step));
  console.log(`\n${events}: open it in chrome://tracing or ui.perfetto.dev; ${list}: every launch`);
}
