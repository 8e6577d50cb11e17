/** A model as it is before training, for tests of what is done with a model and not of what it knows. */
import { encodeModel } from "../../commands/model/model_file.ts";
import { openDevice } from "../../engine/open.ts";
import { Random } from "../../engine/random.ts";
import { RAVDESS_EMOTIONS } from "../../features/corpus/ravdess.ts";
import { FEATURES } from "../../features/feature_engine.ts";
import { mlp } from "../../models/mlp.ts";
import type { Workplace } from "./programme.ts";

/** `runs/NAME/model.safetensors`: an MLP of the eight emotions that is unsure below a confidence. */
export async function writeModel(
  place: Workplace,
  name: string,
  { unsureBelow = 0 }: { readonly unsureBelow?: number } = {},
): Promise<void> {
  using device = await openDevice("cpu");
  const { shape } = FEATURES[mlp.input];
  const classes = RAVDESS_EMOTIONS.length;
  const context = { device, random: Random.of(3, "weights") };
  const model = mlp.build(context, { classes, inputShape: shape });
  const bytes = await encodeModel(model, {
    ...{ system: mlp, labels: RAVDESS_EMOTIONS, synthetic: true, licence: null },
    calibration: { temperature: 1, unsureBelow },
    normalization: {
      offset: new Float32Array(shape[0]),
      scale: new Float32Array(shape[0]).fill(1e3),
    },
  });
  await Deno.mkdir(place.file("runs", name), { recursive: true });
  await Deno.writeFile(place.file("runs", name, "model.safetensors"), bytes);
}
