/**
 * Whole epochs as a training runs them, on made-up clips of the real size: batches drawn and gathered, steps,
 * validation, the weights kept. The first epoch compiles, so that there should be more than one.
 */
import type { Device } from "../engine/device.ts";
import type { Precision } from "../engine/dtype.ts";
import { Trainer } from "../engine/train/trainer.ts";
import type { AnySystem } from "../models/system.ts";
import { setUp } from "./set_up.ts";

/** RAVDESS's clips of the random protocol: 70 % to learn from. */
const CLIPS = 1008;
/** So many of them validate. */
const VALIDATION = 216;
const TINY = 16;

export interface EpochResults {
  readonly format: "timbre epochs 1";
  readonly date: string;
  readonly system: string;
  readonly device: string;
  readonly clips: number;
  readonly batch: number;
  readonly precision: Precision;
  /** Of each epoch, training and validation. */
  readonly seconds: readonly number[];
}

/** Trains `system` for some epochs; on a software adapter on few clips. */
export async function timeEpochs(
  system: AnySystem,
  device: Device,
  epochs: number,
): Promise<EpochResults> {
  const { backend } = device;
  const clips = backend.kind === "webgpu" && backend.caps.software ? TINY : CLIPS;
  const { model, data, random, dispose } = setUp(system, device, { batch: clips });
  const recipe = { ...system.recipe, epochs, patience: epochs };
  const validation = { ...data, n: Math.min(VALIDATION, clips) };
  const trainer = new Trainer({ device, model, recipe, seed: 1, random, train: data, validation });
  try {
    await trainer.run();
    return {
      format: "timbre epochs 1",
      date: new Date().toISOString(),
      system: system.name,
      device: device.name,
      clips,
      batch: recipe.batch,
      precision: device.precision,
      seconds: trainer.history.map(({ seconds }) => seconds),
    };
  } finally {
    trainer.dispose();
    dispose();
  }
}
