/** The words of the commands for those who study: `tour`, `example`, `gradcheck` and `trace`. */
import type { Precision } from "../../engine/dtype.ts";
import { type DeviceChoice, type Network, NETWORKS } from "./options.ts";
import { type Add, type Hooks, list, withDebug, withDevice, withPrecision } from "./parts.ts";
import { LARGEST_SEED, path, wholeNumber, word } from "./values.ts";

const DEFAULT_SEED = 42;
const DEFAULT_OUT = "trace";

export function addStudy(add: Add, hooks: Hooks): void {
  addTour(add, hooks);
  addExample(add, hooks);
  addGradcheck(add, hooks);
  addTrace(add, hooks);
}

function addTour(add: Add, { invoke }: Hooks): void {
  const command = add("tour", "Run the example of a chapter of the tour (docs/tour).", [
    "deno task tour",
    "deno task tour broadcasting",
  ])
    .usage("[CHAPTER] [options]")
    .argument("[CHAPTER]", "which one (default: list them)");
  withDebug(command).action((chapter: string | undefined) => {
    invoke({ command: "tour", options: { ...(chapter !== undefined && { chapter }) } });
  });
}

function addExample(add: Add, { invoke }: Hooks): void {
  const command = add("example", "Run a program of examples/, which uses the engine alone.", [
    "deno task example",
    "deno task example xor",
  ])
    .usage("[EXAMPLE] [options]")
    .argument("[EXAMPLE]", "which one (default: list them)");
  withDebug(command).action((example: string | undefined) => {
    invoke({ command: "example", options: { ...(example !== undefined && { example }) } });
  });
}

function addGradcheck(add: Add, { invoke }: Hooks): void {
  const command = add(
    "gradcheck",
    "Hold an op's gradient against differences of its forward pass.",
    [
      "deno task gradcheck",
      "deno task gradcheck conv2d --seed 7",
    ],
  )
    .usage("[OP] [options]")
    .argument("[OP]", "which one (default: list them)");
  withDebug(withDevice(command)).option(
    "--seed <N>",
    "of the inputs",
    wholeNumber("--seed", { from: 0, to: LARGEST_SEED }),
    DEFAULT_SEED,
  ).action((op: string | undefined) => {
    const flags = command.opts<{ device: DeviceChoice; seed: number }>();
    invoke({ command: "gradcheck", options: { ...flags, ...(op !== undefined && { op }) } });
  });
}

function addTrace(add: Add, { invoke }: Hooks): void {
  const command = add("trace", "Train one step and show every kernel that ran: time and memory.", [
    "deno task trace",
    "deno task trace mlp --device cpu --out trace-mlp",
  ])
    .usage("[SYSTEM] [options]")
    .argument(
      "[SYSTEM]",
      `${list(NETWORKS)} (default: ${NETWORKS[0]})`,
      word("system", NETWORKS),
    )
    .option("--out <DIR>", "folder of trace.json", path("--out"), DEFAULT_OUT);
  withDebug(withPrecision(withDevice(command))).action((system: Network | undefined) => {
    const flags = command.opts<{ device: DeviceChoice; precision: Precision; out: string }>();
    invoke({ command: "trace", options: { ...flags, system: system ?? NETWORKS[0] } });
  });
}
