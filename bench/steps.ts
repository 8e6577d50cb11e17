/** Whole training steps and evaluations of the paper's networks, as the trainer runs them. */
import { backward } from "../engine/autograd.ts";
import type { Device } from "../engine/device.ts";
import { crossEntropy } from "../engine/ops/loss.ts";
import { normal } from "../engine/ops/random_ops.ts";
import { Adam } from "../engine/optim/adam.ts";
import { clipGradNorm } from "../engine/optim/clip.ts";
import { Random } from "../engine/random.ts";
import { sizeOf } from "../engine/shape.ts";
import { FEATURES } from "../features/feature_engine.ts";
import { type Augmentation, AUGMENTATIONS } from "../models/augmentations.ts";
import { type AnySystem, CNN_RECIPE } from "../models/system.ts";
import { SYSTEMS } from "../models/systems.ts";
import type { BenchCase } from "./measure.ts";
import type { Family } from "./op_case.ts";

const CLASSES = 8;
/** Of clips that are sequences. */
const CLIP_SECONDS = 4;

/** A network of `system` with `batch` made-up inputs and labels of the real size; the caller disposes. */
export function setUp(system: AnySystem, device: Device, batch: number) {
  const random = Random.of(1, "bench");
  const { shape, varies, sampleRate } = FEATURES[system.input];
  const size = sizeOf(shape) * (varies ? CLIP_SECONDS * sampleRate : 1);
  const model = system.build({ device, random }, { classes: CLASSES, inputShape: shape });
  const rows = Array.from(
    { length: batch },
    () => Float32Array.from({ length: size }, () => random.nextU32() / 2 ** 31 - 1),
  );
  const source = system.source(device, rows, shape);
  const all = Int32Array.from({ length: batch }, (_, i) => i);
  const hostLabels = all.map((i) => i % CLASSES);
  const labels = device.keep(device.tensor(hostLabels));
  const dispose = () => {
    source.dispose();
    labels.dispose();
    model.dispose();
  };
  const data = { inputs: source, labels, hostLabels, n: batch };
  return { model, data, random, inputs: () => source.at(all), labels, dispose };
}

/** Forward, backward, clip and Adam on one batch. */
function trainStep(system: AnySystem, batch: number): BenchCase {
  return {
    name: `train-step ${system.name}`,
    size: `batch ${batch}`,
    wholeStep: true,
    prepare(device) {
      const { model, inputs, labels, dispose } = setUp(system, device, batch);
      const { recipe: { learningRate, weightDecay, clipNorm } } = system;
      const adam = new Adam(model.parameters(), { learningRate, weightDecay });
      return {
        run() {
          backward(crossEntropy(model.forward(inputs()), labels, {}));
          adam.step(
            clipNorm === null ? undefined : clipGradNorm(model.parameters().values(), clipNorm),
          );
          adam.zeroGrad();
        },
        dispose() {
          adam.dispose();
          dispose();
        },
      };
    },
  };
}

/** Forward in evaluation mode on one batch. */
function evaluation(system: AnySystem, batch: number): BenchCase {
  return {
    name: `evaluate ${system.name}`,
    size: `batch ${batch}`,
    wholeStep: true,
    prepare(device) {
      const { model, inputs, dispose } = setUp(system, device, batch);
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

/** Every system, `batch` clips at a time; default: as many as its recipe says. */
function casesOf(batch?: number): BenchCase[] {
  return [
    ...[...SYSTEMS.values()].flatMap((system) => [
      trainStep(system, batch ?? system.recipe.batch),
      evaluation(system, batch ?? system.recipe.batch),
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
  cases: (extent) =>
    extent === "tiny" ? casesOf(2).filter(({ name }) => TINY.includes(name)) : casesOf(),
  at: ([batch]) => casesOf(batch),
};
