/**
 * The architecture of a Wav2Vec2 checkpoint, as its `config.json` says it, with transformers' defaults
 * for what it leaves out. Every field that is used is checked; what this project has not built
 * (adapters, other activations) is refused by name rather than passed over.
 *
 * Source: transformers' Wav2Vec2Config.
 */
import { fail, shown } from "../../engine/io/byte_source.ts";
import { parseJsonObject } from "../../engine/io/json_object.ts";
import {
  boolean,
  expected,
  type Fields,
  oneOf,
  readFields,
  real,
  whole,
  wholes,
  writeFields,
} from "./json_fields.ts";

/** Sizes, switches and rates of the network; names are transformers', in camel case. */
export interface Wav2Vec2Architecture {
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  readonly intermediateSize: number;
  readonly hiddenAct: "gelu";
  readonly hiddenDropout: number;
  readonly activationDropout: number;
  readonly attentionDropout: number;
  readonly featProjDropout: number;
  readonly finalDropout: number;
  /** The chance that training leaves a whole encoder layer out. */
  readonly layerdrop: number;
  readonly initializerRange: number;
  readonly layerNormEps: number;
  /** `group`: group norm over time after the first convolution alone; `layer`: layer norm after each. */
  readonly featExtractNorm: "group" | "layer";
  readonly featExtractActivation: "gelu";
  /** Channels, kernels and strides of the feature encoder's convolutions, all of one length. */
  readonly convDim: readonly number[];
  readonly convStride: readonly number[];
  readonly convKernel: readonly number[];
  readonly convBias: boolean;
  /** Taps of the positional convolution. */
  readonly numConvPosEmbeddings: number;
  readonly numConvPosEmbeddingGroups: number;
  /** Layer norm before attention and feed-forward, and one after the last layer; else after each. */
  readonly doStableLayerNorm: boolean;
  readonly applySpecAugment: boolean;
  readonly maskTimeProb: number;
  readonly maskTimeLength: number;
  readonly maskTimeMinMasks: number;
  readonly maskFeatureProb: number;
  readonly maskFeatureLength: number;
  readonly maskFeatureMinMasks: number;
  readonly useWeightedLayerSum: boolean;
  /** Width of the classification head's projection; the tensors of a file have the last word. */
  readonly classifierProjSize: number;
}

export interface Wav2Vec2Config extends Wav2Vec2Architecture {
  /** The emotions in the order of the logits; null where the file names none. */
  readonly labels: readonly string[] | null;
  /** Classes of transformers that the checkpoint was saved from. */
  readonly architectures: readonly string[];
  /** Where it was loaded from when it was saved, if the file says so. */
  readonly nameOrPath?: string;
  /** What its classes were learned from, where this project has trained it. */
  readonly heard?: readonly Heard[];
}

/** Recordings of which whoever asks a network must know that it has heard them. */
export const HEARD = ["ravdess", "synthetic"] as const;
export type Heard = typeof HEARD[number];
/** A field that only this project writes. */
const HEARD_KEY = "timbre_heard";

const size = whole(1, 65536);
const rate = real(0, 1, { inclusive: false });
const share = real(0, 1);
const MOST_CONVOLUTIONS = 32;
/** A checkpoint that tells speakers apart has about a thousand. */
const MOST_LABELS = 4096;

const FIELDS: Fields<Wav2Vec2Architecture> = {
  hiddenSize: { key: "hidden_size", read: size, default: 768 },
  numHiddenLayers: { key: "num_hidden_layers", read: whole(1, 512), default: 12 },
  numAttentionHeads: { key: "num_attention_heads", read: size, default: 12 },
  intermediateSize: { key: "intermediate_size", read: size, default: 3072 },
  hiddenAct: { key: "hidden_act", read: oneOf("gelu"), default: "gelu" },
  hiddenDropout: { key: "hidden_dropout", read: rate, default: 0.1 },
  activationDropout: { key: "activation_dropout", read: rate, default: 0.1 },
  attentionDropout: { key: "attention_dropout", read: rate, default: 0.1 },
  featProjDropout: { key: "feat_proj_dropout", read: rate, default: 0 },
  finalDropout: { key: "final_dropout", read: rate, default: 0.1 },
  layerdrop: { key: "layerdrop", read: share, default: 0.1 },
  initializerRange: { key: "initializer_range", read: real(0, 1e3), default: 0.02 },
  layerNormEps: { key: "layer_norm_eps", read: share, default: 1e-5 },
  featExtractNorm: { key: "feat_extract_norm", read: oneOf("group", "layer"), default: "group" },
  featExtractActivation: { key: "feat_extract_activation", read: oneOf("gelu"), default: "gelu" },
  convDim: {
    key: "conv_dim",
    read: wholes(1, 65536, MOST_CONVOLUTIONS),
    default: [512, 512, 512, 512, 512, 512, 512],
  },
  convStride: {
    key: "conv_stride",
    read: wholes(1, 1024, MOST_CONVOLUTIONS),
    default: [5, 2, 2, 2, 2, 2, 2],
  },
  convKernel: {
    key: "conv_kernel",
    read: wholes(1, 1024, MOST_CONVOLUTIONS),
    default: [10, 3, 3, 3, 3, 2, 2],
  },
  convBias: { key: "conv_bias", read: boolean, default: false },
  numConvPosEmbeddings: { key: "num_conv_pos_embeddings", read: whole(1, 4096), default: 128 },
  numConvPosEmbeddingGroups: { key: "num_conv_pos_embedding_groups", read: size, default: 16 },
  doStableLayerNorm: { key: "do_stable_layer_norm", read: boolean, default: false },
  applySpecAugment: { key: "apply_spec_augment", read: boolean, default: true },
  maskTimeProb: { key: "mask_time_prob", read: share, default: 0.05 },
  maskTimeLength: { key: "mask_time_length", read: size, default: 10 },
  maskTimeMinMasks: { key: "mask_time_min_masks", read: whole(0, 65536), default: 2 },
  maskFeatureProb: { key: "mask_feature_prob", read: share, default: 0 },
  maskFeatureLength: { key: "mask_feature_length", read: size, default: 10 },
  maskFeatureMinMasks: { key: "mask_feature_min_masks", read: whole(0, 65536), default: 0 },
  useWeightedLayerSum: { key: "use_weighted_layer_sum", read: boolean, default: false },
  // A fresh head has no tensor in the file that would bound it.
  classifierProjSize: { key: "classifier_proj_size", read: whole(1, 8192), default: 256 },
};

/** What a folder without a word of its own is taken for: facebook/wav2vec2-base's sizes. */
export const DEFAULT_CONFIG: Wav2Vec2Config = {
  ...readFields(FIELDS, {}, "defaults"),
  labels: null,
  architectures: [],
};

/** Reads `config.json`. Throws `UserError`, naming the field, for what is no Wav2Vec2 that is built here. */
export function parseConfig(text: string, file = "config.json"): Wav2Vec2Config {
  const json = parseJsonObject(text, file);
  const { model_type: type } = json;
  if (type !== "wav2vec2") fail(file, `model_type is ${shown(type)}; expected "wav2vec2"`);
  if (json.add_adapter === true) fail(file, "add_adapter is true; adapters are not built here");
  if (typeof json.adapter_attn_dim === "number") {
    fail(
      file,
      `adapter_attn_dim is ${json.adapter_attn_dim}; attention adapters are not built here`,
    );
  }
  // Of heads that are none of transformers' own; they average too, unless they say otherwise.
  if (json.pooling_mode !== undefined && json.pooling_mode !== "mean") {
    fail(file, `pooling_mode is ${shown(json.pooling_mode)}; expected "mean"`);
  }
  const config: Wav2Vec2Config = {
    ...readFields(FIELDS, json, file),
    labels: readLabels(json.id2label, file),
    architectures: readArchitectures(json.architectures, file),
    ...(typeof json._name_or_path === "string" && { nameOrPath: json._name_or_path }),
    ...(Array.isArray(json[HEARD_KEY]) && { heard: heardIn(json[HEARD_KEY]) }),
  };
  checkTogether(config, file);
  return config;
}

/** `config.json` as transformers read it; `architecture` is the class that it names, `more` other fields. */
export function encodeConfig(
  config: Wav2Vec2Config,
  architecture = "Wav2Vec2ForSequenceClassification",
  more: Readonly<Record<string, unknown>> = {},
): string {
  const { labels } = config;
  const words = labels && {
    id2label: Object.fromEntries(labels.map((label, i) => [i, label])),
    label2id: Object.fromEntries(labels.map((label, i) => [label, i])),
    problem_type: "single_label_classification",
  };
  const json = {
    architectures: [architecture],
    model_type: "wav2vec2",
    torch_dtype: "float32",
    ...writeFields(FIELDS, config),
    ...words,
    ...(config.nameOrPath !== undefined && { _name_or_path: config.nameOrPath }),
    ...(config.heard !== undefined && { [HEARD_KEY]: config.heard }),
    ...more,
  };
  return `${JSON.stringify(json, null, 2)}\n`;
}

function heardIn(words: readonly unknown[]): Heard[] {
  return HEARD.filter((word) => words.includes(word));
}

/** What no field alone can tell. */
function checkTogether(config: Wav2Vec2Architecture, file: string): void {
  const { hiddenSize: width, numAttentionHeads: heads, numConvPosEmbeddingGroups: groups } = config;
  if (width % heads !== 0) {
    fail(file, `hidden_size ${width} does not divide among num_attention_heads ${heads}`);
  }
  if (width % groups !== 0) {
    fail(
      file,
      `hidden_size ${width} does not divide among num_conv_pos_embedding_groups ${groups}`,
    );
  }
  const lengths = [config.convDim.length, config.convKernel.length, config.convStride.length];
  if (new Set(lengths).size > 1) {
    fail(
      file,
      `conv_dim, conv_kernel and conv_stride have ${lengths.join(", ")} items; expected as many`,
    );
  }
}

/** `{"0": "angry", "1": "calm"}` as a list. transformers' stand-ins, LABEL_0 and so on, name nothing. */
function readLabels(value: unknown, file: string): string[] | null {
  if (value === undefined || value === null) return null;
  const place = { file, key: "id2label" };
  if (typeof value !== "object" || Array.isArray(value)) {
    return expected("labels by number", value, place);
  }
  const byNumber = value as Record<string, unknown>;
  const labels = Object.keys(byNumber).map((_, i) => byNumber[i]);
  if (labels.length === 0 || !labels.every((label) => typeof label === "string" && label !== "")) {
    return expected("a label for each number from 0", value, place);
  }
  if (labels.length > MOST_LABELS) {
    fail(file, `id2label has ${labels.length} labels; at most ${MOST_LABELS} are read`);
  }
  if (new Set(labels).size < labels.length) return expected("labels that differ", value, place);
  return labels.every((label, i) => label === `LABEL_${i}`) ? null : labels as string[];
}

function readArchitectures(value: unknown, file: string): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((name) => typeof name === "string")) return value;
  return expected("a list of names", value, { file, key: "architectures" });
}
