/**
 * Wav2Vec2 at the sizes of the checkpoints that are fine-tuned, with random weights: ready to train the
 * part that its recipe trains, on what the frozen part gives for a clip, or to run whole.
 */
import type { LayerContext } from "../engine/nn/layers.ts";
import { SequenceRows } from "../engine/train/sequence_rows.ts";
import { FEATURES } from "../features/feature_engine.ts";
import type { FineTuned } from "../models/system.ts";
import { DEFAULT_CONFIG, type Wav2Vec2Config } from "../models/wav2vec2/config.ts";
import { frameCount } from "../models/wav2vec2/feature_encoder.ts";
import { buildNetwork } from "../models/wav2vec2/load.ts";
import { prepareTraining } from "../models/wav2vec2/training_part.ts";

const { sampleRate } = FEATURES.waveform;
const CLIP_SECONDS = 4;

/** As wav2vec2-large-xlsr has them; the defaults are facebook/wav2vec2-base's. */
const LARGE: Wav2Vec2Config = {
  ...DEFAULT_CONFIG,
  ...{ hiddenSize: 1024, numHiddenLayers: 24, numAttentionHeads: 16, intermediateSize: 4096 },
  ...{ featExtractNorm: "layer", doStableLayerNorm: true, convBias: true },
};

export interface FineTunedOptions {
  readonly batch: number;
  readonly classes: number;
  /** All of the network is run, from samples up; nothing is trained. */
  readonly whole: boolean;
}

/** The network and rows of it, each a clip of 4 seconds; the caller disposes. */
export function setUpFineTuned(
  { head, part, config: own }: FineTuned,
  context: LayerContext,
  { batch, classes, whole }: FineTunedOptions,
) {
  const { device, random } = context;
  // A step that leaves a layer out now and then would take no one time.
  const sizes = own ?? (head === "paper" ? DEFAULT_CONFIG : LARGE);
  const config = { ...sizes, layerdrop: 0 };
  const model = buildNetwork(context, { config, head, classes });
  if (whole) model.freeze();
  else prepareTraining(context, model, part);
  const { entry } = model;
  const samples = CLIP_SECONDS * sampleRate;
  const [size, channels] = entry === "samples"
    ? [samples, 1]
    : entry === "pooled"
    ? [model.pooledSize, model.pooledSize]
    : [frameCount(config, samples) * config.hiddenSize, config.hiddenSize];
  const rows = Array.from(
    { length: batch },
    () => Float32Array.from({ length: size }, () => random.nextU32() / 2 ** 31 - 1),
  );
  return { model, source: new SequenceRows(device, rows, channels) };
}
