import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../../../engine/error.ts";
import { DEFAULT_CONFIG, encodeConfig, parseConfig } from "../../../models/wav2vec2/config.ts";
import { encodePreprocessor, parsePreprocessor } from "../../../models/wav2vec2/preprocessor.ts";
import { golden } from "../../engine/io/memory_folder.ts";

const textOf = (name: string) => new TextDecoder().decode(golden(name));
const config = (fields: object) =>
  parseConfig(JSON.stringify({ model_type: "wav2vec2", ...fields }));
const preprocessor = (fields: object) => parsePreprocessor(JSON.stringify(fields));

function refused(work: () => unknown, message: RegExp): void {
  assert.throws(work, (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
}

Deno.test("a configuration that transformers wrote is read field by field", () => {
  const small = {
    hiddenSize: 8,
    numHiddenLayers: 1,
    numAttentionHeads: 2,
    intermediateSize: 12,
    convDim: [4, 4],
    convKernel: [10, 3],
    convStride: [5, 2],
    numConvPosEmbeddings: 4,
    numConvPosEmbeddingGroups: 2,
    classifierProjSize: 6,
  };
  assert.deepEqual(parseConfig(textOf("post_norm/config.json")), {
    ...DEFAULT_CONFIG,
    ...small,
    labels: ["angry", "calm", "sad"],
    architectures: ["Wav2Vec2ForSequenceClassification"],
  });
  const pre = parseConfig(textOf("pre_norm/config.json"));
  assert.deepEqual(
    [pre.featExtractNorm, pre.doStableLayerNorm, pre.convBias, pre.labels],
    ["layer", true, true, null],
  );
});

Deno.test("what a configuration leaves out is as transformers have it", () => {
  const { labels, architectures, ...sizes } = config({});
  assert.deepEqual([labels, architectures], [null, []]);
  assert.deepEqual(sizes, {
    hiddenSize: 768,
    numHiddenLayers: 12,
    numAttentionHeads: 12,
    intermediateSize: 3072,
    hiddenAct: "gelu",
    hiddenDropout: 0.1,
    activationDropout: 0.1,
    attentionDropout: 0.1,
    featProjDropout: 0,
    finalDropout: 0.1,
    layerdrop: 0.1,
    initializerRange: 0.02,
    layerNormEps: 1e-5,
    featExtractNorm: "group",
    featExtractActivation: "gelu",
    convDim: [512, 512, 512, 512, 512, 512, 512],
    convStride: [5, 2, 2, 2, 2, 2, 2],
    convKernel: [10, 3, 3, 3, 3, 2, 2],
    convBias: false,
    numConvPosEmbeddings: 128,
    numConvPosEmbeddingGroups: 16,
    doStableLayerNorm: false,
    applySpecAugment: true,
    maskTimeProb: 0.05,
    maskTimeLength: 10,
    maskTimeMinMasks: 2,
    maskFeatureProb: 0,
    maskFeatureLength: 10,
    maskFeatureMinMasks: 0,
    useWeightedLayerSum: false,
    classifierProjSize: 256,
  });
});

Deno.test("what is written is read back", () => {
  for (const name of ["post_norm", "pre_norm"]) {
    const read = parseConfig(textOf(`${name}/config.json`));
    assert.deepEqual(parseConfig(encodeConfig(read, "Wav2Vec2Model")), {
      ...read,
      architectures: ["Wav2Vec2Model"],
    });
    const audio = parsePreprocessor(textOf(`${name}/preprocessor_config.json`));
    assert.deepEqual(parsePreprocessor(encodePreprocessor(audio)), audio);
  }
});

Deno.test("a field of another kind or out of range is refused by its name", () => {
  const cases: [fields: object, message: RegExp][] = [
    [{ model_type: "hubert" }, /^config\.json: model_type is "hubert"; expected "wav2vec2"$/],
    [{ model_type: undefined }, /model_type is nothing/],
    [{ hidden_size: 0 }, /hidden_size is 0; expected a whole number, 1 to 65536$/],
    [{ hidden_size: "768" }, /hidden_size is "768"/],
    [{ hidden_size: 7.5 }, /hidden_size is 7\.5/],
    [{ hidden_size: null }, /hidden_size is null/],
    [{ num_hidden_layers: 1e9 }, /num_hidden_layers is 1000000000/],
    [{ hidden_act: "relu" }, /hidden_act is "relu"; expected "gelu"$/],
    [{ feat_extract_norm: "batch" }, /feat_extract_norm is "batch"; expected "group" or "layer"$/],
    [{ attention_dropout: 1 }, /attention_dropout is 1; expected a number from 0 to below 1$/],
    [{ layerdrop: -0.1 }, /layerdrop is -0\.1; expected a number from 0 to 1$/],
    [{ conv_bias: 1 }, /conv_bias is 1; expected true or false$/],
    [{ conv_dim: [] }, /conv_dim is \[\]; expected a list/],
    [{ conv_dim: 512 }, /conv_dim is 512; expected a list/],
    [{ conv_stride: [5, 2, 2, 0, 2, 2, 2] }, /conv_stride\[3\] is 0/],
    [{ conv_kernel: [10, 3] }, /conv_dim, conv_kernel and conv_stride have 7, 2, 7 items/],
    [{ num_attention_heads: 7 }, /hidden_size 768 does not divide among num_attention_heads 7/],
    [{ num_conv_pos_embedding_groups: 7 }, /num_conv_pos_embedding_groups 7/],
    [{ add_adapter: true }, /add_adapter is true; adapters are not built here/],
    [{ adapter_attn_dim: 16 }, /adapter_attn_dim is 16/],
    [{ id2label: ["a"] }, /id2label is \["a"\]; expected labels by number/],
    [{ id2label: { 0: "a", 2: "b" } }, /id2label is .*; expected a label for each number from 0/],
    [{ id2label: { 0: "a", 1: "a" } }, /expected labels that differ/],
    [{ architectures: "X" }, /architectures is "X"/],
  ];
  for (const [fields, message] of cases) refused(() => config(fields), message);
  refused(() => parseConfig("{"), /not valid JSON/);
  refused(() => parseConfig("[]"), /not a JSON object/);
  refused(() => parseConfig('{"model_type":"wav2vec2","model_type":"x"}'), /"model_type" twice/);
});

Deno.test("labels stand in the order of the logits; stand-ins name nothing", () => {
  assert.deepEqual(config({ id2label: { 1: "b", 0: "a" } }).labels, ["a", "b"]);
  assert.equal(config({ id2label: { 0: "LABEL_0", 1: "LABEL_1" } }).labels, null);
  assert.equal(config({ id2label: null }).labels, null);
});

Deno.test("the preprocessor is transformers', for audio at 16 kHz", () => {
  const usual = {
    doNormalize: true,
    returnAttentionMask: false,
    samplingRate: 16000,
    featureSize: 1,
    paddingValue: 0,
    paddingSide: "right",
  };
  assert.deepEqual(preprocessor({}), usual);
  assert.deepEqual(parsePreprocessor(textOf("post_norm/preprocessor_config.json")), usual);
  assert.equal(
    parsePreprocessor(textOf("pre_norm/preprocessor_config.json")).returnAttentionMask,
    true,
  );
  refused(
    () => preprocessor({ sampling_rate: 8000 }),
    /sampling_rate is 8000; expected a whole number, 16000/,
  );
  refused(() => preprocessor({ feature_size: 80 }), /feature_size is 80/);
  refused(
    () => preprocessor({ do_normalize: "yes" }),
    /do_normalize is "yes"; expected true or false/,
  );
  refused(() => preprocessor({ padding_side: "left" }), /padding_side is "left"/);
  refused(
    () => preprocessor({ feature_extractor_type: "WhisperFeatureExtractor" }),
    /feature_extractor_type is "WhisperFeatureExtractor"/,
  );
});

Deno.test("any JSON at all is a configuration or one line", () => {
  const keys = Object.keys(JSON.parse(textOf("post_norm/config.json")));
  const fields = fc.dictionary(fc.constantFrom(...keys), fc.jsonValue({ maxDepth: 2 }));
  fc.assert(fc.property(fields, (json) => {
    try {
      parseConfig(JSON.stringify({ ...json, model_type: "wav2vec2" }));
    } catch (error) {
      assert.ok(error instanceof UserError, String(error));
      assert.ok(!error.message.includes("\n"));
    }
  }));
});
