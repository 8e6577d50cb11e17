/**
 * A trained network as a Hugging Face folder. Updates by LoRA are merged into the weights they stand
 * beside. The paper's head, which no class of transformers has, goes with the few lines of Python that
 * transformers need to load it (`trust_remote_code`).
 */
import { add } from "../../engine/ops/elementwise.ts";
import { type Projection, PROJECTIONS } from "./attention.ts";
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
  { config, preprocessor, head }: {
    readonly config: Wav2Vec2Config;
    readonly preprocessor: Preprocessor;
    readonly head: HeadKind;
  },
): Promise<void> {
  const architecture = ARCHITECTURES[head];
  const code = head === "paper"
    ? { module: MODULE, text: modeling, auto: "AutoModelForAudioClassification" }
    : undefined;
  const tensors = mergedTensors(network);
  await exportCheckpoint(dir, { tensors, config, preprocessor, architecture, code });
}

/** All tensors of transformers' network by their names here. */
export function mergedTensors(network: Wav2Vec2Network): Map<string, ExportedTensor> {
  const all = new Map<string, ExportedTensor>(
    [...network.state()].filter(([name]) => !/_lora\.[ab]$/.test(name)),
  );
  for (const [i, { attention }] of network.wav2vec2.encoder.layers.entries()) {
    for (const one of PROJECTIONS) {
      if (!attention[`${one}Lora`]) continue;
      const name = `${BACKBONE}encoder.layers.${i}.attention.${one}_proj.weight`;
      all.set(name, merged(attention, one));
    }
  }
  return all;
}

type Attention = Wav2Vec2Network["wav2vec2"]["encoder"]["layers"][number]["attention"];

/** A projection's weights and their update, added when they are asked for. */
function merged(attention: Attention, one: Projection): ExportedTensor {
  const { weight } = attention[`${one}Proj`];
  const { device, shape } = weight;
  return {
    shape,
    async data() {
      using sum = device.noGrad(() =>
        device.scope(() => add(weight, attention[`${one}Lora`]!.update()))
      );
      return await sum.data();
    },
  };
}
