/** The words of `reproduce`. */
import type { DeviceChoice } from "./options.ts";
import { ROW_NAMES } from "./options.ts";
import { type Add, type Hooks, withDebug, withDevice, withSkipBroken } from "./parts.ts";
import { LARGEST_SEED, path, several, wholeNumber, word } from "./values.ts";

interface Flags {
  data?: string;
  systems?: string[];
  seeds?: number[];
  split?: "random" | "actors";
  weightsBase?: string;
  weightsLarge?: string;
  quick: boolean;
  reportOnly: boolean;
  out: string;
  device: DeviceChoice;
  skipBroken: boolean;
}

export function addReproduce(add: Add, { invoke }: Hooks): void {
  const command = add(
    "reproduce",
    "Fill the paper's tables with our own figures, on its protocol and by actor; goes on where it stopped.",
    [
      "deno task reproduce --data DIR",
      "deno task reproduce --data DIR --systems forest,mlp,cnn4 --seeds 42",
      "deno task reproduce --quick --out quick",
    ],
  )
    .usage("[options]")
    .option(
      "--data <DIR>",
      "RAVDESS, or one folder a class (default: the synthetic corpus)",
      path("--data"),
    )
    .option(
      "--systems <LIST>",
      `of ${ROW_NAMES.join(", ")} (default: all of the paper's)`,
      several("--systems", word("--systems", ROW_NAMES)),
    )
    .option(
      "--seeds <LIST>",
      "of the random split (default: 42,43,44)",
      several("--seeds", wholeNumber("--seeds", { from: 0, to: LARGEST_SEED })),
    )
    .option(
      "--split <random|actors>",
      "one protocol alone (default: both)",
      word("--split", ["random", "actors"]),
    )
    .option("--weights-base <DIR>", "checkpoint of wav2vec2-base", path("--weights-base"))
    .option("--weights-large <DIR>", "checkpoint of wav2vec2-large", path("--weights-large"))
    .option("--quick", "one seed, one fold, few systems and epochs: a trial, no result", false)
    .option("--report-only", "train nothing; report what has been run", false)
    .option("--out <DIR>", "folder of runs and reports", path("--out"), "results");
  withDebug(withSkipBroken(withDevice(command))).action(() => {
    invoke({ command: "reproduce", options: { ...command.opts<Flags>() } });
  });
}
