/**
 * Pretraining before `train` looks at labels: autoencoders layer by layer on the training clips,
 * saved after every epoch, and what they make of a few of those clips for the report.
 */
import type { Device } from "../../engine/device.ts";
import type { Module } from "../../engine/nn/module.ts";
import { Random } from "../../engine/random.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { type AutoencoderRecipe, LayerwisePretrainer } from "../../engine/train/autoencoder.ts";
import type { RowSource } from "../../engine/train/rows.ts";
import type { Pretraining as HowTo } from "../../models/system.ts";
import type { Progress } from "../../report/progress.ts";
import type { Picture, Pretraining } from "../../report/types.ts";
import { loadPretraining, savePretraining } from "./checkpoint.ts";

/** Clips whose pictures the report shows. */
const SHOWN = 3;

export interface PretrainOptions<In> {
  readonly device: Device;
  readonly howTo: HowTo<In>;
  readonly recipe: AutoencoderRecipe;
  readonly seed: number;
  /** Of training clips alone. */
  readonly inputs: RowSource<In>;
  /** The folder of its checkpoint. */
  readonly checkpoint: string;
  readonly resume: boolean;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Called when a checkpoint has been written. */
  readonly onSaved: () => void;
}

/** Pretrains the layers of `model` in place; null where the signal stopped it, saved. */
export async function pretrain<In>(
  model: Module<In>,
  options: PretrainOptions<In>,
): Promise<Pretraining | null> {
  const { device, howTo, recipe, seed, checkpoint, progress } = options;
  const inputs = {
    n: options.inputs.n,
    at: (rows: Int32Array) => howTo.prepare(options.inputs.at(rows)),
  };
  // A stream of its own: what the network draws does not depend on the decoders.
  const layers = howTo.layers({ device, random: Random.of(seed, "decoders") }, model);
  using pretrainer = new LayerwisePretrainer({ device, layers, recipe, seed, inputs });
  if (options.resume) await loadPretraining(checkpoint, pretrainer);
  const save = async () => {
    await savePretraining(checkpoint, pretrainer);
    options.onSaved();
  };
  progress.start("pretraining", layers.length * recipe.epochs, pretrainer.epochs);
  try {
    const outcome = await pretrainer.run({
      signal: options.signal,
      onStep: ({ layer, step, steps }) => {
        const done = pretrainer.losses.at(layer - 1)?.at(-1);
        const loss = done === undefined ? "" : `, loss ${done.toFixed(4)}`;
        progress.update(pretrainer.epochs + step / steps, `layer ${layer}${loss}`);
      },
      onEpoch: save,
    });
    if (outcome === "interrupted") {
      await save();
      return null;
    }
  } finally {
    progress.stop();
  }
  const first = Int32Array.from({ length: Math.min(SHOWN, inputs.n) }, (_, i) => i);
  using shown = device.keep(device.noGrad(() => device.scope(() => inputs.at(first))));
  return { losses: pretrainer.losses, pictures: await picturesOf(pretrainer, shown) };
}

/** Clips and what each depth restores of them. */
async function picturesOf(
  pretrainer: LayerwisePretrainer,
  shown: Tensor, // [n, 1, height, width]
): Promise<Pretraining["pictures"]> {
  const [count, , height, width] = shown.shape;
  const depths: Float32Array[] = [];
  for (const restored of pretrainer.reconstruct(shown)) {
    depths.push(await restored.data() as Float32Array);
    restored.dispose();
  }
  const originals = await shown.data() as Float32Array;
  const picture = (all: Float32Array, clip: number): Picture => {
    const size = height * width;
    return { width, height, values: all.slice(clip * size, (clip + 1) * size) };
  };
  return Array.from({ length: count }, (_, clip) => ({
    input: picture(originals, clip),
    restored: depths.map((all) => picture(all, clip)),
  }));
}
