/**
 * The sizes that a configuration claims, held against the tensors of its file before a network of these
 * sizes is built: what is then allocated the file really holds, but for a small factor.
 */
import { fail, shown, shownShape } from "../../engine/io/byte_source.ts";
import type { Checkpoint } from "../../engine/io/checkpoint.ts";
import { BACKBONE, namesIn } from "./checkpoint_names.ts";
import type { Wav2Vec2Architecture } from "./config.ts";

interface Claim {
  /** By the network's name, without the prefix. */
  readonly tensor: string;
  readonly shape: readonly number[];
  /** The fields of `config.json` that make it so. */
  readonly fields: string;
}

/** Throws `UserError`, naming tensor and fields, where a file does not hold what its configuration says. */
export function checkSizes(config: Wav2Vec2Architecture, weights: Checkpoint): void {
  const { file } = weights;
  const entries = weights.entries();
  const names = namesIn(weights);
  for (const { tensor, shape, fields } of claimsOf(config)) {
    const theirs = names.get(BACKBONE + tensor);
    if (theirs === undefined) {
      fail(
        file,
        `tensor ${shown(BACKBONE + tensor)} is missing, which ${fields} of config.json asks for; ` +
          "the file does not fit its config.json, or is cut short",
      );
    }
    const found = entries.get(theirs)!.shape;
    if (String(found) === String(shape)) continue;
    fail(
      file,
      `tensor ${shown(theirs)} has shape ${shownShape(found)}; ${fields} of config.json asks for ` +
        shownShape(shape),
    );
  }
}

/** One tensor of each part that is as large as any other of it, in the order of the network. */
function* claimsOf(config: Wav2Vec2Architecture): Generator<Claim> {
  const { hiddenSize: width, intermediateSize: wide, convDim, convKernel } = config;
  const { numConvPosEmbeddings: taps, numConvPosEmbeddingGroups: groups } = config;
  for (const [i, channels] of convDim.entries()) {
    yield {
      tensor: `feature_extractor.conv_layers.${i}.conv.weight`,
      shape: [channels, i === 0 ? 1 : convDim[i - 1], convKernel[i]],
      fields: `conv_dim and conv_kernel [${i}]`,
    };
  }
  yield {
    tensor: "feature_projection.projection.weight",
    shape: [width, convDim.at(-1)!],
    fields: "hidden_size and conv_dim",
  };
  yield {
    tensor: "encoder.pos_conv_embed.conv.weight_v",
    shape: [width, width / groups, taps],
    fields: "hidden_size, num_conv_pos_embedding_groups and num_conv_pos_embeddings",
  };
  for (let i = 0; i < config.numHiddenLayers; i++) {
    const layer = `encoder.layers.${i}`;
    yield {
      tensor: `${layer}.attention.q_proj.weight`,
      shape: [width, width],
      fields: i === 0 ? "hidden_size" : "num_hidden_layers and hidden_size",
    };
    yield {
      tensor: `${layer}.feed_forward.intermediate_dense.weight`,
      shape: [wide, width],
      fields: "intermediate_size and hidden_size",
    };
  }
}
