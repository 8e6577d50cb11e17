/**
 * What `bench/gpu.sh` runs on a GPU host, where no package is to be had: the bench's commands, and epochs of a
 * training, without the command line's own parser, so that `--no-npm` can say that nothing is fetched.
 *
 *     deno run --no-npm … commands/gpu.ts devices | tune | bench [KERNEL…] | ladder NAME | epochs SYSTEM
 *         [--device NAME] [--epochs N] [--seconds N] [--precision f32|f16] [--json FILE]
 */
import { parseArgs } from "node:util";
import { timeEpochs } from "../bench/epoch.ts";
import { timeText } from "../bench/table.ts";
import type { Precision } from "../engine/dtype.ts";
import { UserError } from "../engine/error.ts";
import { openDevice } from "../engine/open.ts";
import { SYSTEMS } from "../models/systems.ts";
import { tryWriting, writeWhole } from "../report/files.ts";
import { bench } from "./bench.ts";
import { explainLadder } from "./bench_explain.ts";
import { tuneTiles } from "./bench_tune.ts";
import { devices } from "./devices.ts";
import { failureOf } from "./words/failure.ts";
import { BENCH_KERNELS, type DeviceChoice, LADDERS, PRECISIONS } from "./words/options.ts";
import { wholeNumber, word } from "./words/values.ts";

const text = { type: "string" } as const;
const count = (name: string) => wholeNumber(name, { from: 1 });

async function main(args: string[]): Promise<void> {
  const { values, positionals: [what, ...names] } = parseArgs({
    args,
    options: {
      ...{ device: text, json: text, seconds: text },
      epochs: { ...text, default: "2" },
      precision: { ...text, default: "f32" },
    },
    allowPositionals: true,
  });
  const { json } = values;
  const precision = word("--precision", PRECISIONS)(values.precision);
  const device = (values.device ?? "gpu") as DeviceChoice;
  switch (what) {
    case "devices":
      return await devices({ json: true });
    case "tune":
      return await tuneTiles(
        device,
        values.seconds === undefined ? undefined : count("--seconds")(values.seconds),
      );
    case "bench": {
      const kernels = names.map(word("kernel", BENCH_KERNELS));
      return await bench({ kernels, device, json, sweep: false, tune: false, precision });
    }
    case "ladder":
      return await explainLadder(word("ladder", LADDERS)(names[0]), { device, json });
    case "epochs":
      return await epochs(names[0], {
        device,
        precision,
        count: count("--epochs")(values.epochs),
        json,
      });
    default:
      throw new UserError(`commands/gpu.ts: ${what} is not known`);
  }
}

interface EpochOptions {
  readonly device: DeviceChoice;
  readonly precision: Precision;
  readonly count: number;
  readonly json?: string;
}

async function epochs(name: string, { device: choice, precision, count, json }: EpochOptions) {
  const system = SYSTEMS.get(name);
  if (!system) throw new UserError(`epochs: ${name} is no network`);
  if (json !== undefined) await tryWriting(json);
  using device = await openDevice(choice, { precision });
  const found = await timeEpochs(system, device, count);
  const times = found.seconds.map(timeText).join(", ");
  const { clips, batch } = found;
  console.log(`${name}, ${clips} clips, batch ${batch}, ${precision}, ${found.device}: ${times}`);
  if (json !== undefined) await writeWhole(json, `${JSON.stringify(found, null, 1)}\n`);
}

try {
  await main([...Deno.args]);
} catch (error) {
  const { line, code } = failureOf(error);
  console.error(`timbre: ${line}`);
  Deno.exit(code);
}
