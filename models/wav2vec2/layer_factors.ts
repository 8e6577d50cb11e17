/** Learning rates that fall from layer to layer (Howard and Ruder 2018; "layer-wise decay" of fine-tuning). */
import { BACKBONE } from "./checkpoint_names.ts";
import type { Wav2Vec2Network } from "./heads.ts";

/**
 * A factor for each parameter: 1 for the head, `decay` for the last layer of the encoder, `decay`² for
 * the one below, and for all that lies below the layers one power more than for the first.
 */
export function layerFactors(network: Wav2Vec2Network, decay: number): Record<string, number> {
  const { layers } = network.wav2vec2;
  return Object.fromEntries(
    [...network.parameters().keys()].map((name) => {
      if (!name.startsWith(BACKBONE)) return [name, 1];
      const [, layer] = /\.layers\.(\d+)\./.exec(name) ?? [];
      const above = network.wav2vec2.encoder.normLast && name.includes("encoder.layer_norm.");
      const depth = above ? 0 : layer === undefined ? layers + 1 : layers - Number(layer);
      return [name, decay ** depth];
    }),
  );
}
