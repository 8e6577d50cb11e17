/**
 * How a checkpoint wants its audio, as `preprocessor_config.json` says it.
 *
 * Source: transformers' Wav2Vec2FeatureExtractor.
 */
import { fail, shown } from "../../engine/io/byte_source.ts";
import { parseJsonObject } from "../../engine/io/json_object.ts";
import {
  boolean,
  type Fields,
  oneOf,
  readFields,
  real,
  whole,
  writeFields,
} from "./json_fields.ts";

export interface Preprocessor {
  /** Each clip to mean 0 and variance 1 before it is padded. */
  readonly doNormalize: boolean;
  /** Whether padded frames are masked; without, batches must be of clips of one length. */
  readonly returnAttentionMask: boolean;
  /** Hz; always 16000. */
  readonly samplingRate: number;
  /** Always 1: samples, not spectra. */
  readonly featureSize: number;
  readonly paddingValue: number;
  readonly paddingSide: "right";
}

const EXTRACTOR = "Wav2Vec2FeatureExtractor";

const FIELDS: Fields<Preprocessor> = {
  doNormalize: { key: "do_normalize", read: boolean, default: true },
  returnAttentionMask: { key: "return_attention_mask", read: boolean, default: false },
  samplingRate: { key: "sampling_rate", read: whole(16000, 16000), default: 16000 },
  featureSize: { key: "feature_size", read: whole(1, 1), default: 1 },
  paddingValue: { key: "padding_value", read: real(-1e3, 1e3), default: 0 },
  paddingSide: { key: "padding_side", read: oneOf("right"), default: "right" },
};

/** What a network without a file of its own takes: each clip scaled by itself, padding masked. */
export const DEFAULT_PREPROCESSOR: Preprocessor = {
  ...readFields(FIELDS, {}, "defaults"),
  returnAttentionMask: true,
};

/** Reads `preprocessor_config.json`. Throws `UserError`, naming the field. */
export function parsePreprocessor(text: string, file = "preprocessor_config.json"): Preprocessor {
  const json = parseJsonObject(text, file);
  const type = json.feature_extractor_type ?? EXTRACTOR; // older files do not say
  if (type !== EXTRACTOR) {
    fail(file, `feature_extractor_type is ${shown(type)}; expected ${shown(EXTRACTOR)}`);
  }
  return readFields(FIELDS, json, file);
}

/** `preprocessor_config.json` as transformers read it. */
export function encodePreprocessor(preprocessor: Preprocessor): string {
  const json = { feature_extractor_type: EXTRACTOR, ...writeFields(FIELDS, preprocessor) };
  return `${JSON.stringify(json, null, 2)}\n`;
}
