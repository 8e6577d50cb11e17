/**
 * A trained network as a Hugging Face folder. Updates by LoRA are merged into the weights they stand
 * beside, and a temperature into those of the last layer, so that whoever loads the folder gets the
 * probabilities that are given here. The paper's head, which no class of transformers has, goes with
 * the few lines of Python that transformers need to load it (`trust_remote_code`).
 */
import { add, mul } from "../../engine/ops/elementwise.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { PROJECTIONS } from "./attention.ts";
import { BACKBONE } from "./checkpoint_names.ts";
import type { Wav2Vec2Config } from "./config.ts";
import { exportCheckpoint, type ExportedTensor } from "./export.ts";
import type { Wav2Vec2Network } from "./heads.ts";
import { ARCHITECTURES, type HeadKind } from "./load.ts";
import type { Preprocessor } from "./preprocessor.ts";
import modeling from "./modeling_emotion.py" with { type: "text" };

const MODULE = "modeling_emotion";

export async function exportNetwork(
  dir: string,
  network: Wav2Vec2Network,
  { config, preprocessor, head, temperature = 1 }: {
    readonly config: Wav2Vec2Config;
    readonly preprocessor: Preprocessor;
    readonly head: HeadKind;
    /** What logits are to be divided by. */
    readonly temperature?: number;
  },
): Promise<void> {
  const architecture = ARCHITECTURES[head];
  const code = head === "paper"
    ? { module: MODULE, text: modeling, auto: "AutoModelForAudioClassification" }
    : undefined;
  const tensors = mergedTensors(network, temperature);
  await exportCheckpoint(dir, { tensors, config, preprocessor, architecture, code });
}

/** All tensors of transformers' network by their names here, its logits divided by `temperature`. */
export function mergedTensors(
  network: Wav2Vec2Network,
  temperature = 1,
): Map<string, ExportedTensor> {
  const all = new Map<string, ExportedTensor>();
  const { weight, bias } = network.output;
  for (const [name, tensor] of network.state()) {
    if (/_lora\.[ab]$/.test(name)) continue;
    const scaled = temperature !== 1 && (tensor === weight || tensor === bias);
    all.set(name, scaled ? computed(tensor, () => mul(tensor, 1 / temperature)) : tensor);
  }
  for (const [i, { attention }] of network.wav2vec2.encoder.layers.entries()) {
    for (const one of PROJECTIONS) {
      const lora = attention[`${one}Lora`];
      if (!lora) continue;
      const { weight } = attention[`${one}Proj`];
      const name = `${BACKBONE}encoder.layers.${i}.attention.${one}_proj.weight`;
      all.set(name, computed(weight, () => add(weight, lora.update())));
    }
  }
  return all;
}

/** A tensor of that shape, made when it is asked for. */
function computed({ device, shape }: Tensor, make: () => Tensor): ExportedTensor {
  return {
    shape,
    async data() {
      using made = device.noGrad(() => device.scope(make));
      return await made.data();
    },
  };
}
