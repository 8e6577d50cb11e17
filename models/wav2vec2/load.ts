/**
 * A network out of a checkpoint: built as its configuration says, filled piece by piece, so that little
 * more than the network is held.
 */
import { createHash } from "node:crypto";
import { shown } from "../../engine/io/byte_source.ts";
import type { Checkpoint, TensorInfo } from "../../engine/io/checkpoint.ts";
import type { Tensor } from "../../engine/tensor.ts";
import { BACKBONE, type Match, matchTensors, networkName } from "./checkpoint_names.ts";
import type { Wav2Vec2Checkpoint } from "./checkpoint.ts";
import type { Wav2Vec2Config } from "./config.ts";
import { DenseHead, PaperHead, ProjectorHead, type Wav2Vec2Network } from "./heads.ts";
import type { NetworkContext } from "./layers.ts";
import { Wav2Vec2Model } from "./model.ts";

/** `projector`: transformers' own; `paper`: that of the paper's base model; `dense`: others' with a tanh. */
export type HeadKind = "projector" | "paper" | "dense";

/** What `config.json` calls the network with each head; the first is transformers' own class. */
export const ARCHITECTURES: Readonly<Record<HeadKind, string>> = {
  projector: "Wav2Vec2ForSequenceClassification",
  paper: "Wav2Vec2ForEmotion",
  dense: "Wav2Vec2ForSpeechClassification",
};

const NETWORKS = { projector: ProjectorHead, paper: PaperHead, dense: DenseHead };

/** The head that a checkpoint was saved with, as far as it is one of ours. */
export function headOf(
  { config, weights }: Pick<Wav2Vec2Checkpoint, "config" | "weights">,
): HeadKind {
  if (config.architectures.includes(ARCHITECTURES.paper)) return "paper";
  return weights.entries().has("classifier.dense.weight") ? "dense" : "projector";
}

export function buildNetwork(
  context: NetworkContext,
  { config, head, classes }: {
    readonly config: Wav2Vec2Config;
    readonly head: HeadKind;
    readonly classes: number;
  },
): Wav2Vec2Network {
  return new NETWORKS[head](context, config, classes);
}

export interface Loaded {
  readonly network: Wav2Vec2Network;
  /** Its configuration as it was built: with the head's own width, and the labels in order. */
  readonly config: Wav2Vec2Config;
  readonly match: Match;
  /** SHA-256 over names and values of the backbone, whatever form of file they came in. */
  readonly hash: string;
}

/**
 * Builds and fills a network for `labels`. The checkpoint's head is taken over where it is of the same
 * kind and shape and was made for the same labels in the same order; else the head is fresh.
 * Throws `UserError` for a backbone that is not complete. The checkpoint stays open.
 */
export async function loadNetwork(
  context: NetworkContext,
  { config: given, weights }: Wav2Vec2Checkpoint,
  { head, labels }: { readonly head: HeadKind; readonly labels: readonly string[] },
): Promise<Loaded> {
  const entries = weights.entries();
  const config = { ...given, labels, classifierProjSize: projectionOf(entries, given) };
  const classes = labels.length;
  const network = buildNetwork({ ...context, blank: true }, { config, head, classes });
  try {
    const { match, hash } = await fill(network.state(), weights, otherLabels(given, labels));
    return { network, config, match, hash };
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/** Why the head that comes with a configuration answers another question; undefined where it does not. */
function otherLabels(
  { labels: given }: Wav2Vec2Config,
  labels: readonly string[],
): string | undefined {
  if (given === null) return "its config.json does not say which labels it was made for";
  if (String(given) === String(labels)) return undefined;
  return `it was made for ${listed(given)}, here for ${listed(labels)}`;
}

function listed(labels: readonly string[]): string {
  return labels.length > 12 ? `${labels.length} labels` : labels.map(shown).join(", ");
}

/** The backbone alone, without any head. Throws as `loadNetwork` does; the checkpoint stays open. */
export async function loadBackbone(
  context: NetworkContext,
  { config, weights }: Wav2Vec2Checkpoint,
): Promise<{ readonly backbone: Wav2Vec2Model; readonly match: Match }> {
  const backbone = new Wav2Vec2Model({ ...context, blank: true }, config);
  try {
    const state = [...backbone.state()].map(([name, t]) => [BACKBONE + name, t] as const);
    const { match } = await fill(new Map(state), weights);
    return { backbone, match };
  } catch (error) {
    backbone.dispose();
    throw error;
  }
}

/** Fills tensors by the network's names, one after the other; with it, the hash of the backbone's. */
async function fill(
  state: ReadonlyMap<string, Tensor>,
  weights: Checkpoint,
  headRefusal?: string,
): Promise<{ readonly match: Match; readonly hash: string }> {
  const shapes = new Map([...state].map(([name, { shape }]) => [name, shape]));
  const match = matchTensors(shapes, weights, headRefusal);
  const hash = createHash("sha256");
  for (const [ours, theirs] of [...match.loaded].sort(([a], [b]) => a < b ? -1 : 1)) {
    const tensor = state.get(ours)!;
    const hashed = ours.startsWith(BACKBONE);
    if (hashed) hash.update(ours);
    await weights.eachFloat32(theirs, (piece, before) => {
      tensor.writePart(piece, before);
      if (!hashed) return;
      hash.update(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
    });
  }
  return { match, hash: hash.digest("hex") };
}

/** Width of the head's projection: the file's tensor has the last word. */
function projectionOf(
  entries: ReadonlyMap<string, TensorInfo>,
  { classifierProjSize, hiddenSize }: Wav2Vec2Config,
): number {
  for (const [name, { shape }] of entries) {
    if (networkName(name) === "projector.weight" && shape[1] === hiddenSize) return shape[0];
  }
  return classifierProjSize;
}
