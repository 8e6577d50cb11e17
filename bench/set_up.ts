/** A network of any system with made-up inputs and labels of the real size. */
import type { Device } from "../engine/device.ts";
import type { LayerContext } from "../engine/nn/layers.ts";
import type { Module } from "../engine/nn/module.ts";
import { Random } from "../engine/random.ts";
import type { LabelledData } from "../engine/train/evaluate.ts";
import { sizeOf } from "../engine/shape.ts";
import { FEATURES } from "../features/feature_engine.ts";
import type { AnySystem } from "../models/system.ts";
import { setUpFineTuned } from "./fine_tuned.ts";

const CLASSES = 8;
/** Of clips that are sequences. */
const CLIP_SECONDS = 4;

export interface SetUpOptions {
  readonly batch: number;
  /** All of a network that is fine-tuned is run, and none of it is trained. */
  readonly whole?: boolean;
}

/** A network of `system` with made-up inputs and labels of the real size; the caller disposes. */
export function setUp(system: AnySystem, device: Device, { batch, whole = false }: SetUpOptions) {
  const random = Random.of(1, "bench");
  const { model, source } = system.wav2vec2
    ? setUpFineTuned(system.wav2vec2, { device, random }, { batch, classes: CLASSES, whole })
    : fromNothing(system, { device, random }, batch);
  const all = Int32Array.from({ length: batch }, (_, i) => i);
  const hostLabels = all.map((i) => i % CLASSES);
  const labels = device.keep(device.tensor(hostLabels));
  const dispose = () => {
    source.dispose();
    labels.dispose();
    model.dispose();
  };
  const data: LabelledData<unknown> = { inputs: source, labels, hostLabels, n: batch };
  return {
    ...{ data, random, labels, dispose },
    model: model as Module<unknown>,
    inputs: () => source.at(all),
  };
}

function fromNothing(system: AnySystem, { device, random }: LayerContext, batch: number) {
  const { shape, varies, sampleRate } = FEATURES[system.input];
  const size = sizeOf(shape) * (varies ? CLIP_SECONDS * sampleRate : 1);
  const model = system.build({ device, random }, { classes: CLASSES, inputShape: shape });
  const rows = Array.from(
    { length: batch },
    () => Float32Array.from({ length: size }, () => random.nextU32() / 2 ** 31 - 1),
  );
  return { model, source: system.source(device, rows, shape) };
}
