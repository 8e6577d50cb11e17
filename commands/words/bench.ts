/** The words of `bench`. */
import { UserError } from "../../engine/error.ts";
import { BENCH_KERNELS, type BenchOptions, LADDERS } from "./options.ts";
import { type Add, type Hooks, withDebug, withDevice } from "./parts.ts";
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
      "try tile shapes on this GPU and keep the best for later runs: in .cache/timbre/tuning of " +
        "this copy of the project, and for others in that of your home ($XDG_CACHE_HOME)",
      false,
    );
  withDebug(withDevice(command)).action((kernels: readonly string[] = []) => {
    const flags = command.opts<Flags>();
    if (flags.size !== undefined && flags.explain === undefined && kernels.length !== 1) {
      throw new UserError("--size goes with one kernel: deno task bench matmul --size 512x512x512");
    }
    if (flags.explain !== undefined && (kernels.length > 0 || flags.tune)) {
      throw new UserError("--explain stands alone: deno task bench --explain matmul");
    }
    if (flags.tune && kernels.length > 0) {
      throw new UserError("--tune stands alone: deno task bench --tune");
    }
    invoke({ command: "bench", options: { ...flags, kernels } });
  });
}
