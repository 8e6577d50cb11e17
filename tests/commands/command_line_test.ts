/** What a run's command says, read again, asks for the run. */
import assert from "node:assert/strict";
import { commandOf } from "../../commands/run/command_line.ts";
import { planOf } from "../../commands/run/run_config.ts";
import { parseArguments } from "../../commands/words/args.ts";
import type { TrainOptions } from "../../commands/words/options.ts";
import { SYSTEMS } from "../../models/systems.ts";
import type { RunConfig } from "../../report/types.ts";
import { sampleReport } from "../report/sample.ts";

function configOf(system: string, more: Partial<RunConfig> = {}): RunConfig {
  const { recipe } = SYSTEMS.get(system)!;
  return { ...sampleReport().config, system, recipe, ...more };
}

function read(command: string): TrainOptions {
  const invocation = parseArguments(command.replace("deno task ", "").split(" "), { columns: 80 });
  assert.ok(invocation.command === "train");
  return invocation.options;
}

/** `planOf` fills in what the recipe says, and takes from the words what a run does not keep. */
function assertSame(config: RunConfig) {
  const options = read(commandOf(config));
  const { calibration: _, ...kept } = options;
  const plan = planOf(config, { ...kept, data: undefined, weights: undefined });
  for (const [key, value] of Object.entries(options)) {
    if (value !== undefined && !["calibration", "weights"].includes(key)) {
      assert.deepEqual(plan[key as keyof TrainOptions], value, key);
    }
  }
}

Deno.test("a run by the system's own recipe needs few words", () => {
  assert.equal(
    commandOf(configOf("timbre", { protocol: "all", seed: 7 })),
    "deno task train timbre --data RAVDESS --split all --seed 7",
  );
});

Deno.test("every choice stands in the command, and reads back as it was", () => {
  const calibration = { temperature: 1, unsureBelow: 0.5 };
  const timbre = configOf("timbre", {
    ...{ protocol: "actors", fold: 3, unvalidated: true, calibration, skipBroken: true },
    ...{ precision: "f16", recipe: { ...SYSTEMS.get("timbre")!.recipe, epochs: 9, batch: 16 } },
  });
  assert.equal(
    commandOf(timbre),
    "deno task train timbre --data RAVDESS --split actors --fold 3 --seed 42 --epochs 9 " +
      "--batch 16 --unvalidated --calibration RUNS --precision f16 --skip-broken",
  );
  const recipe = SYSTEMS.get("wav2vec2-base")!.recipe;
  const tuned = configOf("wav2vec2-base", {
    recipe: { ...recipe, accumulate: 4, schedule: { kind: "linear", warmup: 0.1 } },
    fineTuning: {
      ...{ weights: "w", hash: "h", part: "lora:8", layerDecay: 0.9, checkpointLayers: true },
      caution: null,
    },
  });
  assert.match(
    commandOf(tuned),
    / --warmup 0\.1 --accumulate 4 --weights DIR --train lora:8 --layer-decay 0\.9 --checkpoint-l/,
  );
  const pretrain = SYSTEMS.get("cnn3")!.pretraining!.recipe;
  const cnn3 = configOf("cnn3", { augment: "voice", pretrain });
  assert.match(commandOf(cnn3), / --augment voice --pretrain$/);
  for (const config of [timbre, tuned, cnn3]) assertSame(config);
});
