/** A network made ready for a run: what is trained, how clips reach it, and what is kept of it. */
import type { Device } from "../../engine/device.ts";
import type { Module } from "../../engine/nn/module.ts";
import type { Random } from "../../engine/random.ts";
import type { LabelledData } from "../../engine/train/evaluate.ts";
import { FEATURES } from "../../features/feature_engine.ts";
import type { AnySystem } from "../../models/system.ts";
import type { Calibration } from "../../report/calibration.ts";
import type { RunFolder } from "../../report/run_folder.ts";
import { licenceOf } from "../sources/corpus.ts";
import { type Inputs, toDevice } from "../model/inputs.ts";
import { encodeModel } from "../model/model_file.ts";
import { fitNormalization } from "../model/normalization.ts";

export interface Prepared {
  readonly model: Module<unknown>;
  /** Factors on the learning rate by parameter; 1 where none is given. */
  readonly factors?: Readonly<Record<string, number>>;
  /** Clips by place, as the model takes them. */
  on(chosen: readonly number[]): LabelledData<unknown>;
  /** Writes all that predicting takes. */
  write(folder: RunFolder, calibration: Calibration): Promise<void>;
}

/** A network that begins from random weights, its inputs scaled by the training clips. */
export function prepareNetwork(
  system: AnySystem,
  { device, inputs, training, random }: {
    readonly device: Device;
    readonly inputs: Inputs;
    /** Places of the training clips. */
    readonly training: readonly number[];
    readonly random: Random;
  },
): Prepared {
  const { corpus, rows } = inputs;
  const { labels, synthetic } = corpus;
  const normalization = fitNormalization(system, training.map((i) => rows[i]));
  const model = system.build({ device, random }, {
    classes: labels.length,
    inputShape: FEATURES[system.input].shape,
  });
  return {
    model,
    on: (chosen) => toDevice(device, { system, inputs, normalization, chosen }),
    async write(folder, calibration) {
      const licence = licenceOf(corpus);
      const facts = { system, labels, normalization, calibration, synthetic, licence };
      await folder.writeModel(await encodeModel(model, facts));
    },
  };
}
