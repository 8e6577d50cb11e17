/**
 * Which part of a network learns, and where its training begins: what lies below is frozen, runs in
 * evaluation mode, and need be run once a clip.
 */
import { UserError } from "../../engine/error.ts";
import type { Module } from "../../engine/nn/module.ts";
import type { Entry, Wav2Vec2Network } from "./heads.ts";
import type { NetworkContext } from "./layers.ts";

export type TrainingPart =
  | { readonly kind: "head" }
  /** The last layers of the encoder, and the head. */
  | { readonly kind: "last"; readonly layers: number }
  /** Everything above the convolutions. */
  | { readonly kind: "encoder" }
  | { readonly kind: "all" }
  /** Low-rank updates of the attention projections of all layers, and the head. */
  | { readonly kind: "lora"; readonly rank: number };

/** What `--train` takes, in words. */
export const PART_WORDS = "head, last:N, encoder, all or lora:R";

/** `last:2` as a part; undefined for what is none. */
export function parsePart(text: string): TrainingPart | undefined {
  if (text === "head" || text === "encoder" || text === "all") return { kind: text };
  const [, kind, number] = /^(last|lora):([1-9]\d{0,3})$/.exec(text) ?? [];
  if (kind === "last") return { kind, layers: Number(number) };
  if (kind === "lora") return { kind, rank: Number(number) };
  return undefined;
}

export function partWords(part: TrainingPart): string {
  if (part.kind === "last") return `last:${part.layers}`;
  return part.kind === "lora" ? `lora:${part.rank}` : part.kind;
}

/**
 * Freezes what does not learn and moves the network's entry up to where learning begins.
 * Throws `UserError` where the network has no such part.
 */
export function prepareTraining(
  context: NetworkContext,
  network: Wav2Vec2Network,
  part: TrainingPart,
): void {
  network.entry = entryOf(context, network, part);
}

function entryOf(context: NetworkContext, network: Wav2Vec2Network, part: TrainingPart): Entry {
  const { wav2vec2 } = network;
  const { featureExtractor, featureProjection, encoder, layers, maskedSpecEmbed } = wav2vec2;
  switch (part.kind) {
    case "all":
      return "samples";
    case "encoder":
      featureExtractor.freeze();
      return "frames";
    case "head":
      wav2vec2.freeze();
      return "pooled";
  }
  // Below the first layer that learns nothing does. A last layer norm, of pre-LN encoders, lies above.
  const below: Module<never>[] = [featureExtractor, featureProjection, encoder.posConvEmbed];
  if (!encoder.normLast || part.kind === "lora") below.push(encoder.layerNorm);
  for (const module of below) module.freeze();
  if (maskedSpecEmbed) maskedSpecEmbed.requiresGrad = false;
  if (part.kind === "last") {
    if (part.layers > layers) {
      throw new UserError(`--train ${partWords(part)}: the encoder has ${layers} layers`);
    }
    const first = layers - part.layers;
    if (first > 0 && network.mixesStates) {
      throw new UserError(
        `--train ${partWords(part)}: this head mixes all hidden states; train head, encoder or all`,
      );
    }
    for (const layer of encoder.layers.slice(0, first)) layer.freeze();
    return first;
  }
  for (const layer of encoder.layers) {
    layer.freezeWeights();
    layer.attention.addLora(context, part.rank);
  }
  return 0;
}
