/** The words that train a run anew: what its configuration differs in from what `train` does untold. */
import { SYSTEMS } from "../../models/systems.ts";
import { partWords } from "../../models/wav2vec2/training_part.ts";
import type { RunConfig } from "../../report/types.ts";

/**
 * The command of a network's run, to be shown; paths stand as DIR and RUNS, since nobody else has
 * them, and a corpus by its name.
 */
export function commandOf(config: RunConfig): string {
  const { system: name, corpus, protocol, fold, seed, recipe, fineTuning: tuned } = config;
  const system = SYSTEMS.get(name);
  const own = system?.recipe;
  const usualPart = system?.wav2vec2 && partWords(system.wav2vec2.part);
  const warmup = recipe?.schedule?.kind === "linear" ? recipe.schedule.warmup : null;
  const usualWarmup = own?.schedule?.kind === "linear" ? own.schedule.warmup : null;
  const flags: [said: unknown, flag: string, value?: string | number | null][] = [
    [!config.synthetic, "--data", corpus.name],
    [true, "--split", protocol],
    [fold !== null, "--fold", fold],
    [true, "--seed", seed],
    [recipe?.epochs !== own?.epochs, "--epochs", recipe?.epochs],
    [recipe?.batch !== own?.batch, "--batch", recipe?.batch],
    [warmup !== usualWarmup, "--warmup", warmup],
    [(recipe?.accumulate ?? 1) !== (own?.accumulate ?? 1), "--accumulate", recipe?.accumulate],
    [config.augment, "--augment", config.augment],
    [config.pretrain, "--pretrain"],
    [tuned?.weights, "--weights", "DIR"],
    [tuned && tuned.part !== usualPart, "--train", tuned?.part],
    [tuned && tuned.layerDecay !== 1, "--layer-decay", tuned?.layerDecay],
    [tuned?.checkpointLayers, "--checkpoint-layers"],
    [config.unvalidated, "--unvalidated"],
    [config.calibration, "--calibration", "RUNS"],
    [config.precision === "f16", "--precision", "f16"],
    [config.skipBroken, "--skip-broken"],
  ];
  const words = flags.flatMap(([said, flag, value]) => said ? [flag, value ?? []].flat() : []);
  return ["deno task train", name, ...words].join(" ");
}
