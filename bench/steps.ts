/**
 * Whole training steps and evaluations of the paper's networks, as the trainer runs them: of Wav2Vec2 a step
 * trains the part that its recipe trains, on what the frozen part gave, and an evaluation runs all of it.
 */
import { normal } from "../engine/ops/random_ops.ts";
import { Random } from "../engine/random.ts";
import { FEATURES } from "../features/feature_engine.ts";
import { type Augmentation, AUGMENTATIONS } from "../models/augmentations.ts";
import { type AnySystem, CNN_RECIPE } from "../models/system.ts";
import { SYSTEMS } from "../models/systems.ts";
import { partWords } from "../models/wav2vec2/training_part.ts";
import type { BenchCase } from "./case.ts";
import type { Family } from "./op_case.ts";
import { setUp } from "./set_up.ts";
import { TrainingStep } from "./training_step.ts";

/** What is made up on the host for a step stays within memory. */
const MOST_CLIPS = 4096;

/** Forward, backward, clip and Adam on one batch; the loss is scaled in half precision. */
function trainStep(system: AnySystem, batch: number): BenchCase {
  return {
    name: `train-step ${system.name}`,
    size: `batch ${batch}`,
    variant: partOf(system),
    wholeStep: true,
    prepare(device) {
      const step = new TrainingStep(system, setUp(system, device, { batch }));
      return {
        run() {
          for (const [, run] of step.phases()) run();
        },
        dispose: () => step.dispose(),
      };
    },
  };
}

/** What a system that begins from a checkpoint learns of it; undefined where that is everything. */
function partOf({ wav2vec2 }: AnySystem): string | undefined {
  const part = wav2vec2?.part;
  return part && part.kind !== "all" ? partWords(part) : undefined;
}

/** Forward in evaluation mode on one batch. */
function evaluation(system: AnySystem, batch: number): BenchCase {
  return {
    name: `evaluate ${system.name}`,
    size: `batch ${batch}`,
    wholeStep: true,
    prepare(device) {
      const { model, inputs, dispose } = setUp(system, device, { batch, whole: true });
      model.train(false);
      return { run: () => device.noGrad(() => void model.forward(inputs())), dispose };
    },
  };
}

/** What `--augment` adds to a training step. */
function augmentation(name: string, { build }: Augmentation, batch: number): BenchCase {
  return {
    name: `augment ${name}`,
    size: `batch ${batch}`,
    wholeStep: true,
    prepare(device) {
      const random = Random.of(1, "bench");
      const images = device.keep(normal(device, [batch, ...FEATURES["mel-image"].shape], random));
      const augment = build({ device, random });
      return { run: () => void augment(images), dispose: () => images.dispose() };
    },
  };
}

/** It begins from a checkpoint: its real size is a large network. */
const isLarge = ({ wav2vec2 }: AnySystem) => wav2vec2?.config === null;

/**
 * Every system, `batch` clips at a time; default: as many as its recipe says, and of large networks on a
 * CPU one clip to run whole.
 */
function casesOf(batch?: number, { gpu = false } = {}): BenchCase[] {
  return [
    ...[...SYSTEMS.values()].flatMap((system) => [
      trainStep(system, batch ?? system.recipe.batch),
      evaluation(system, batch ?? (isLarge(system) && !gpu ? 1 : system.recipe.batch)),
    ]),
    ...Object.entries(AUGMENTATIONS).map(([name, a]) =>
      augmentation(name, a, batch ?? CNN_RECIPE.batch)
    ),
  ];
}

export const cases: readonly BenchCase[] = casesOf();

/** On a software adapter the smallest network alone: the others take minutes there. */
const TINY = ["train-step mlp", "evaluate mlp"];

export const family: Family = {
  name: "steps",
  dims: "BATCH",
  check: ([batch]) => batch <= MOST_CLIPS ? null : `steps: at most ${MOST_CLIPS} clips at a time`,
  cases: (extent) =>
    extent === "tiny"
      ? casesOf(2).filter(({ name }) => TINY.includes(name))
      : casesOf(undefined, { gpu: extent === "large" }),
  at: ([batch]) => casesOf(batch),
};
