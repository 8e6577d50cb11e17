/**
 * The commands, their options and their help, as `commander` is told them.
 * Commander itself prints nothing, ends nothing and reads no environment here.
 */
import { Command, Option } from "commander";
import { UserError } from "../../engine/error.ts";
import type { Precision } from "../../engine/dtype.ts";
import type { Augmentation, Protocol } from "../../report/types.ts";
import {
  AUGMENTATIONS,
  AUGMENTED,
  type DeviceChoice,
  KEPT_LAST,
  NETWORKS,
  PRETRAINED,
  PROTOCOLS,
  type System,
  SYSTEMS,
} from "./options.ts";
import { addBench } from "./bench.ts";
import {
  type Add,
  type Hooks,
  list,
  withDebug,
  withDevice,
  withPrecision,
  withSkipBroken,
} from "./parts.ts";
import { addEvaluate, addPredict } from "./ask.ts";
import { addData } from "./data.ts";
import { addReproduce } from "./reproduce.ts";
import { addEmbed, checkFineTuning, type FineTuningFlags, withFineTuning } from "./wav2vec2.ts";
import { addStudy } from "./study.ts";
import { addWeights } from "./weights.ts";
import { addBraille, addListen, addSubtitle, addTimeline } from "./own_files.ts";
import { LARGEST_SEED, path, wholeNumber, word } from "./values.ts";

const FOLDS = 5;
const DEFAULT_SEED = 42;

/** What may stand beside `--resume`; all else is the run's own. */
const BESIDE_RESUME = ["resume", "data", "weights", "epochs", "device", "skipBroken", "debug"];

export function buildProgramme(hooks: Hooks): Command {
  const programme = configure(new Command("deno task"), hooks)
    .description("Speech emotion recognition, on an engine written from scratch.")
    .helpCommand(false)
    .addHelpText("after", "\n`deno task COMMAND --help` explains a command.");
  const add = (name: string, description: string, examples: readonly string[]) => {
    const command = configure(new Command(name), hooks)
      .description(description)
      .allowExcessArguments(false)
      .addHelpText("after", `\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`);
    programme.addCommand(command);
    return command;
  };
  addTrain(add, hooks);
  addEvaluate(add, hooks);
  addReproduce(add, hooks);
  addPredict(add, hooks);
  addEmbed(add, hooks);
  addTimeline(add, hooks);
  addSubtitle(add, hooks);
  addBraille(add, hooks);
  addListen(add, hooks);
  addFeatures(add, hooks);
  addData(add, hooks);
  addWeights(add, hooks);
  addDevices(add, hooks);
  addBench(add, hooks);
  addStudy(add, hooks);
  return programme;
}

function configure(command: Command, { columns, print }: Hooks): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError(false)
    .helpOption("-h, --help", "explain and end")
    .configureHelp({
      minWidthToWrap: 20,
      subcommandTerm: (sub) => `${sub.name()} ${sub.usage()}`.replace(" [options]", ""),
      optionDescription: ({ description, defaultValue: value }) =>
        value === undefined || value === false ? description : `${description} (default: ${value})`,
    })
    .configureOutput({
      writeOut: print,
      writeErr: () => {}, // errors are told by whoever catches them
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

interface TrainFlags extends FineTuningFlags {
  data?: string;
  split: Protocol;
  fold?: number;
  seed: number;
  epochs?: number;
  batch?: number;
  augment?: Augmentation;
  pretrain: boolean;
  grid?: string;
  unvalidated: boolean;
  calibration?: string;
  device: DeviceChoice;
  precision: Precision;
  out?: string;
  resume?: string;
  skipBroken: boolean;
}

function addTrain(add: Add, { invoke }: Hooks): void {
  const command = add("train", "Train a system and write its run folder and report.", [
    "deno task train",
    "deno task train cnn4 --data DIR --split actors --fold 1",
    "deno task train cnn3 --pretrain --epochs 25",
    "deno task train forest --data DIR",
    "deno task train wav2vec2-base --weights DIR --data DIR",
    "deno task train --resume runs/NAME",
  ])
    .usage("[SYSTEM] [options]")
    .argument(
      "[SYSTEM]",
      `${list(SYSTEMS)} (default: ${SYSTEMS[0]})`,
      word("system", SYSTEMS),
    )
    .option(
      "--data <DIR>",
      "RAVDESS, one folder a class, or a CSV table of features (default: the synthetic corpus)",
      path("--data"),
    )
    .option(
      `--split <${PROTOCOLS.join("|")}>`,
      "how test clips are chosen",
      word("--split", PROTOCOLS),
      "random",
    )
    .option(
      "--fold <K>",
      `1 to ${FOLDS}, with --split actors (default: 1)`,
      wholeNumber("--fold", { from: 1, to: FOLDS }),
    )
    .option(
      "--seed <N>",
      "of split, weights and batches",
      wholeNumber("--seed", { from: 0, to: LARGEST_SEED }),
      DEFAULT_SEED,
    )
    .option(
      "--epochs <N>",
      "at most so many (default: the recipe's)",
      wholeNumber("--epochs", { from: 1 }),
    )
    .option(
      "--batch <N>",
      "clips a step (default: the recipe's)",
      wholeNumber("--batch", { from: 2 }), // batch norm needs a variance
    )
    .addOption(
      new Option(
        `--augment [${AUGMENTATIONS.join("|")}]`,
        `change training images anew in every epoch, with ${list(AUGMENTED)} (alone: paper)`,
      ).preset(AUGMENTATIONS[0]).argParser(word("--augment", AUGMENTATIONS)),
    )
    .option("--pretrain", `autoencoders layer by layer first, with ${list(PRETRAINED)}`, false)
    .option(
      "--grid <FILE>",
      "JSON lists of the settings that forest tries (default: the paper's)",
      path("--grid"),
    );
  command
    .option("--unvalidated", `train on validation clips too, with ${list(KEPT_LAST)}`, false)
    .option(
      "--calibration <DIR>",
      "a folder of validated runs by actor whose mean calibration a run without validation takes",
      path("--calibration"),
    );
  withPrecision(withDevice(withFineTuning(command)))
    .option("--out <DIR>", "run folder (default: runs/SYSTEM-SPLIT-TIME)", path("--out"))
    .option("--resume <RUN>", "go on with a run that was stopped", path("--resume"));
  withDebug(withSkipBroken(command)).action((system: System | undefined) => {
    const flags = command.opts<TrainFlags>();
    if (flags.resume !== undefined) refuseBesideResume(command, system);
    if (flags.fold !== undefined && flags.split !== "actors") {
      throw new UserError(`--fold goes with --split actors, not with --split ${flags.split}`);
    }
    if (flags.split === "all") refuseWithout("--split all", KEPT_LAST, system ?? SYSTEMS[0]);
    if (flags.unvalidated) refuseWithout("--unvalidated", KEPT_LAST, system ?? SYSTEMS[0]);
    if (flags.calibration !== undefined && flags.split !== "all" && !flags.unvalidated) {
      throw new UserError(
        "--calibration goes with --split all or --unvalidated: other runs fit their own",
      );
    }
    const fold = flags.split === "actors" ? flags.fold ?? 1 : null;
    const trained = system ?? SYSTEMS[0];
    if (flags.augment !== undefined) refuseWithout("--augment", AUGMENTED, trained);
    if (flags.pretrain) refuseWithout("--pretrain", PRETRAINED, trained);
    if (flags.grid !== undefined) refuseWithout("--grid", ["forest"], trained);
    if (flags.epochs !== undefined) refuseWithout("--epochs", NETWORKS, trained);
    if (flags.batch !== undefined) refuseWithout("--batch", NETWORKS, trained);
    if (flags.device !== "auto" && flags.device !== "cpu") {
      refuseWithout(`--device ${flags.device}`, NETWORKS, trained);
    }
    if (flags.precision !== "f32") {
      refuseWithout(`--precision ${flags.precision}`, NETWORKS, trained);
    }
    checkFineTuning(flags, trained);
    if (flags.warmup !== undefined) refuseWithout("--warmup", NETWORKS, trained);
    if (flags.accumulate !== undefined) refuseWithout("--accumulate", NETWORKS, trained);
    invoke({ command: "train", options: { ...flags, fold, system: trained } });
  });
}

function refuseWithout(option: string, systems: readonly System[], system: System): void {
  if (systems.includes(system)) return;
  throw new UserError(`${option} goes with ${list(systems)}, not with ${system}`);
}

function refuseBesideResume(command: Command, system: System | undefined): void {
  const given = command.options
    .filter((option) => command.getOptionValueSource(option.attributeName()) === "cli")
    .filter((option) => !BESIDE_RESUME.includes(option.attributeName()))
    .map((option) => option.long);
  const [first] = system === undefined ? given : ["SYSTEM", ...given];
  if (first !== undefined) {
    throw new UserError(
      `${first} cannot be changed with --resume: the run goes on as it began ` +
        "(--data, --weights, --epochs, --device and --skip-broken can)",
    );
  }
}

function addFeatures(add: Add, { invoke }: Hooks): void {
  const command = add("features", "Write the features of every clip as a table.", [
    "deno task features DIR",
    "deno task features DIR --json --out features.json",
  ])
    .usage("DIR [options]")
    .argument("<DIR>", "RAVDESS, or one folder a class", path("DIR"))
    .option("--out <FILE>", "the table (default: features.csv or features.json)", path("--out"))
    .option("--json", "JSON records instead of CSV", false);
  withDebug(withSkipBroken(command)).action((dir: string) => {
    const flags = command.opts<{ out?: string; json: boolean; skipBroken: boolean }>();
    const out = flags.out ?? (flags.json ? "features.json" : "features.csv");
    invoke({ command: "features", options: { ...flags, dir, out } });
  });
}

function addDevices(add: Add, { invoke }: Hooks): void {
  const command = add("devices", "List what can be computed on, and which one auto takes.", [
    "deno task devices",
    "deno task devices --json",
  ])
    .usage("[options]")
    .option("--json", "print JSON instead of text", false);
  withDebug(command).action(() => {
    invoke({ command: "devices", options: command.opts<{ json: boolean }>() });
  });
}
