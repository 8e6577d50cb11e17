import assert from "node:assert/strict";
import {
  AUGMENTATIONS as AUGMENTATION_WORDS,
  AUGMENTED,
  BENCH_KERNELS,
  KEPT_LAST,
  LADDERS as LADDER_WORDS,
  PRETRAINED,
  PROTOCOLS,
  SYSTEMS as WORDS,
} from "../../commands/words/options.ts";
import { FAMILIES } from "../../bench/kernels.ts";
import { LADDERS } from "../../bench/rungs/ladders.ts";
import { AUGMENTATIONS } from "../../models/augmentations.ts";
import type { AnySystem } from "../../models/system.ts";
import { forest } from "../../models/forest.ts";
import { SYSTEMS } from "../../models/systems.ts";

Deno.test("the systems of the command line are the systems there are, and cnn4 is the first", () => {
  assert.deepEqual([...WORDS].sort(), [...SYSTEMS.keys(), forest.name].sort());
  assert.equal(WORDS[0], "cnn4");
  for (const [name, system] of SYSTEMS) assert.equal(system.name, name);
});

Deno.test("--augment and --pretrain are for the systems that can be augmented and pretrained", () => {
  assert.deepEqual([...AUGMENTATION_WORDS], Object.keys(AUGMENTATIONS));
  const names = (can: (system: AnySystem) => boolean) =>
    [...SYSTEMS.values()].filter(can).map((system) => system.name).sort();
  assert.deepEqual([...AUGMENTED].sort(), names((s) => s.paperAugmented !== undefined));
  assert.deepEqual([...PRETRAINED].sort(), names((s) => s.pretraining !== undefined));
});

Deno.test("only systems that keep the last weights can do without validation clips", () => {
  const last = [...SYSTEMS.values()].filter(({ recipe }) => recipe.keep === "last");
  assert.deepEqual([...KEPT_LAST], last.map(({ name }) => name));
});

Deno.test("the protocols are those that issues and other programs name", () => {
  assert.deepEqual([...PROTOCOLS], ["random", "actors", "statement", "all"]);
});

Deno.test("the kernels and ladders of bench are those there are", () => {
  assert.deepEqual([...BENCH_KERNELS], FAMILIES.map(({ name }) => name));
  assert.deepEqual([...LADDER_WORDS], [...LADDERS.keys()]);
});
