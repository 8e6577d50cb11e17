/** Checkpoints small enough to be made in a moment, with the real network's frames: 50 a second. */
import { Device } from "../../../engine/device.ts";
import { openCpu } from "../../../engine/cpu/backend.ts";
import { Random } from "../../../engine/random.ts";
import { DEFAULT_CONFIG, type Wav2Vec2Config } from "../../../models/wav2vec2/config.ts";
import { exportNetwork } from "../../../models/wav2vec2/export_network.ts";
import { buildNetwork, type HeadKind } from "../../../models/wav2vec2/load.ts";
import { DEFAULT_PREPROCESSOR } from "../../../models/wav2vec2/preprocessor.ts";

/** As base has it: norm over time, post-LN. */
export const TINY: Wav2Vec2Config = {
  ...DEFAULT_CONFIG,
  ...{ hiddenSize: 32, numHiddenLayers: 3, numAttentionHeads: 2, intermediateSize: 64 },
  ...{ convDim: [16, 16, 16, 16], convKernel: [10, 8, 4, 4], convStride: [5, 8, 4, 2] },
  ...{ numConvPosEmbeddings: 8, numConvPosEmbeddingGroups: 4, classifierProjSize: 16 },
  ...{ initializerRange: 0.2, layerdrop: 0, featProjDropout: 0 },
};

/** As large has it. */
export const TINY_LARGE: Wav2Vec2Config = {
  ...TINY,
  ...{ featExtractNorm: "layer", doStableLayerNorm: true, convBias: true },
};

/** A checkpoint of random weights in `dir`, made anew. */
export async function writeTiny(
  dir: string,
  { config = TINY, head = "projector", seed = 1 }: {
    readonly config?: Wav2Vec2Config;
    readonly head?: HeadKind;
    readonly seed?: number;
  } = {},
): Promise<void> {
  using device = new Device(await openCpu({ threads: 1 }));
  const context = { device, random: Random.of(seed, "tiny") };
  const classes = config.labels?.length ?? 2;
  const network = buildNetwork(context, { config, head, classes });
  await exportNetwork(dir, network, { config, preprocessor: DEFAULT_PREPROCESSOR, head });
  network.dispose();
}
