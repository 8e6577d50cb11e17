/** The words of `bench`. */
import { UserError } from "../../engine/error.ts";
import { BENCH_KERNELS, type BenchOptions, LADDERS } from "./options.ts";
import { type Add, type Hooks, list, withDebug, withDevice, withPrecision } from "./parts.ts";
import { path, sizeWords, word } from "./values.ts";

type Flags = Omit<BenchOptions, "kernels">;

export function addBench(add: Add, { invoke }: Hooks): void {
  const kernel = word("kernel", BENCH_KERNELS);
  const command = add(
    "bench",
    "Time kernels and training steps on each device, beside its own measured peaks.",
    [
      "deno task bench",
      "deno task bench matmul --size 1024x1024x1024",
      "deno task bench conv2d fft --json new.json --compare old.json",
      "deno task bench --explain matmul",
    ],
  )
    .usage("[KERNEL…] [options]")
    .argument(
      "[KERNEL...]",
      `of ${BENCH_KERNELS.join(", ")} (default: all)`,
      (text: string, before: readonly string[] = []) => [...before, kernel(text)],
    )
    .option("--size <SIZE>", "one size, such as 1024x1024x1024; with one kernel", sizeWords)
    .option("--sweep", "powers of two as well", false)
    .option("--filter <TEXT>", "only rows with this in their name, size or variant")
    .option("--json <FILE>", "write the results to this file", path("--json"))
    .option("--compare <OLD>", "say what changed since this file", path("--compare"))
    .option("--html <FILE>", "write a page with rooflines and bars", path("--html"))
    .option(
      "--explain <KERNEL>",
      `the ladder from the naive version to ours: ${LADDERS.join(", ")}`,
      word("--explain", LADDERS),
    )
    .option(
      "--tune",
      "try tile shapes on this GPU, in f32 and f16, and keep the best for later runs: in " +
        ".cache/timbre/tuning of this copy of the project, and for others in that of your home " +
        "($XDG_CACHE_HOME)",
      false,
    );
  withDebug(withPrecision(withDevice(command))).action((kernels: readonly string[] = []) => {
    const options = { ...command.opts<Flags>(), kernels };
    checkTogether(options);
    invoke({ command: "bench", options });
  });
}

/** Throws for options that would say nothing beside others. */
function checkTogether(options: BenchOptions): void {
  const { kernels, size, sweep, filter, json, html, compare, explain, tune, precision } = options;
  const others = Object.entries({
    ...{ kernels: kernels.length > 0, "--sweep": sweep, "--filter": filter !== undefined },
    ...{ "--compare": compare !== undefined, "--html": html !== undefined },
    "--precision": precision !== "f32",
  }).flatMap(([name, given]) => given ? [name] : []);
  if (explain !== undefined && (tune || others.length > 0)) {
    throw new UserError(
      `--explain stands alone or with --size, --json and --device, not with ${
        list(tune ? ["--tune"] : others)
      }: deno task bench --explain matmul`,
    );
  }
  if (tune) {
    if (size !== undefined) others.push("--size");
    if (json !== undefined) others.push("--json");
    if (others.length === 0) return;
    throw new UserError(
      `--tune stands alone or with --device, not with ${list(others)}: deno task bench --tune`,
    );
  }
  if (size === undefined || explain !== undefined) return;
  if (sweep) throw new UserError("--size is one size and --sweep powers of two: take one of them");
  if (kernels.length !== 1) {
    throw new UserError("--size goes with one kernel: deno task bench matmul --size 512x512x512");
  }
}
