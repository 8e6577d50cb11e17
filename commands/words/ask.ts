/** The words of `evaluate` and `predict`, which ask a trained model. */
import { UserError } from "../../engine/error.ts";
import type { DeviceChoice, PredictOptions } from "./options.ts";
import { type Add, type Hooks, withDebug, withDevice, withSkipBroken } from "./parts.ts";
import { path } from "./values.ts";

interface EvaluateFlags {
  data?: string;
  robustness: boolean;
  json: boolean;
  device: DeviceChoice;
  skipBroken: boolean;
}

export function addEvaluate(add: Add, { invoke }: Hooks): void {
  const command = add(
    "evaluate",
    "Try a trained model on its own test clips, or on another corpus.",
    [
      "deno task evaluate runs/NAME",
      "deno task evaluate runs/NAME --data OTHER-CORPUS",
      "deno task evaluate runs/NAME --robustness",
      "deno task evaluate weights/OWNER/NAME --data data/ravdess",
    ],
  )
    .usage("RUN [options]")
    .argument(
      "<RUN>",
      "the folder of a run, or of a checkpoint that names emotions",
      path("RUN"),
    )
    .option(
      "--data <DIR>",
      "all clips of this corpus (default: the run's own test clips)",
      path("--data"),
    )
    .option("--robustness", "also on the clips with noise, a telephone's band and the like", false)
    .option("--json", "print JSON instead of tables", false);
  withDebug(withSkipBroken(withDevice(command))).action((run: string) => {
    const flags = command.opts<EvaluateFlags>();
    invoke({ command: "evaluate", options: { ...flags, run } });
  });
}

export function addPredict(add: Add, { invoke }: Hooks): void {
  const command = add("predict", "Name the emotion in each file, with its probabilities.", [
    "deno task predict speech.wav other.mp3",
    "deno task predict --run runs/NAME --json *.wav",
    "deno task predict lectures/*.flac --csv > emotions.csv",
  ])
    .usage("[RUN] FILE… [options]")
    .argument(
      "<FILE...>",
      "recordings of any length: WAV, FLAC, MP3, Ogg, Opus, M4A, AIFF, a film's sound and more; what --run takes may stand first",
    )
    .option(
      "--run <RUN>",
      "a run, a checkpoint's folder or a model file (default: the shipped model, else the newest run)",
      path("--run"),
    )
    .option("--json", "print JSON instead of a table", false)
    .option("--csv", "print CSV: a row a file, a column a class", false);
  withDebug(withDevice(command)).action((files: string[]) => {
    const flags = command.opts<Omit<PredictOptions, "files">>();
    if (flags.json && flags.csv) throw new UserError("--json and --csv exclude each other");
    const empty = files.indexOf("");
    if (empty >= 0) throw new UserError(`FILE ${empty + 1}: expected a path, got nothing`);
    invoke({ command: "predict", options: { ...flags, files } });
  });
}
