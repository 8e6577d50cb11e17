/**
 * SpecAugment (Park et al. 2019) as transformers' Wav2Vec2Model has it (`_mask_hidden_states`,
 * `_compute_mask_indices`): spans of frames become a learned vector, spans of channels become 0.
 * Spans are drawn on the host, may overlap each other, and lie within their clip.
 */
import { add, mul } from "../../engine/ops/elementwise.ts";
import { reshape } from "../../engine/ops/movement.ts";
import type { Random } from "../../engine/random.ts";
import type { Tensor } from "../../engine/tensor.ts";

/** Names and defaults are those of transformers' Wav2Vec2Config. */
export interface SpecAugmentConfig {
  /** About this share of the frames lies in spans, were they not to overlap; default 0.05. */
  readonly maskTimeProb?: number;
  /** Frames a span; default 10. */
  readonly maskTimeLength?: number;
  /** Spans a clip at least, where they fit; default 2. */
  readonly maskTimeMinMasks?: number;
  /** The same of channels; default 0, 10 and 0. */
  readonly maskFeatureProb?: number;
  readonly maskFeatureLength?: number;
  readonly maskFeatureMinMasks?: number;
}

export interface SpanOptions {
  /** Positions of the axis. */
  readonly size: number;
  readonly probability: number;
  /** Positions a span. */
  readonly span: number;
  readonly minSpans: number;
}

/**
 * Spans of a row with `length` valid positions: ⌊probability · length / span + epsilon⌋, `minSpans` at
 * least, and never more than there are places for. None where a span is longer than the axis, which
 * transformers refuses.
 */
export function spanCount(
  length: number,
  { size, probability, span, minSpans, epsilon }: SpanOptions & { readonly epsilon: number },
): number {
  const wanted = Math.max(Math.floor(probability * length / span + epsilon), minSpans);
  const fitting = wanted * span > size ? Math.floor(size / span) : wanted;
  return Math.min(fitting, Math.max(0, length - span + 1));
}

/**
 * 1 where a span lies, [rows · size], for rows of `lengths` valid positions. One epsilon in [0, 1)
 * rounds all rows' numbers of spans; a row's spans begin at distinct places.
 */
export function drawSpans(
  lengths: readonly number[],
  options: SpanOptions & { readonly random: Random },
): Float32Array {
  const { size, span, random } = options;
  const mask = new Float32Array(lengths.length * size);
  const epsilon = random.nextU32() / 2 ** 32;
  lengths.forEach((length, row) => {
    const count = spanCount(length, { ...options, epsilon });
    for (const start of distinct(Math.max(0, length - span + 1), count, random)) {
      const first = row * size + start;
      mask.fill(1, first, first + span);
    }
  });
  return mask;
}

/** `count` different numbers of 0…n−1 (Floyd's algorithm). */
function distinct(n: number, count: number, random: Random): Set<number> {
  const found = new Set<number>();
  for (let top = n - count; top < n; top++) {
    const pick = random.below(top + 1);
    found.add(found.has(pick) ? top : pick);
  }
  return found;
}

export interface SpecAugmentOptions extends SpecAugmentConfig {
  /** The learned vector [C] that masked frames become (`masked_spec_embed`). */
  readonly embed: Tensor;
  readonly random: Random;
  /** Valid frames of each clip; default all. */
  readonly lengths?: readonly number[];
}

/** x [B, T, C] with spans masked; x and `embed` both get gradients. */
export function specAugment(x: Tensor, options: SpecAugmentOptions): Tensor {
  const [B, T, C] = x.shape;
  const { embed, random, lengths = new Array<number>(B).fill(T) } = options;
  const { maskTimeProb = 0.05, maskTimeLength = 10, maskTimeMinMasks = 2 } = options;
  const { maskFeatureProb = 0, maskFeatureLength = 10, maskFeatureMinMasks = 0 } = options;
  let out = x;
  if (maskTimeProb > 0) {
    const masked = drawSpans(lengths, {
      size: T,
      probability: maskTimeProb,
      span: maskTimeLength,
      minSpans: maskTimeMinMasks,
      random,
    });
    const replace = x.device.tensor(masked, [B, T, 1]);
    const keep = x.device.tensor(masked.map((m) => 1 - m), [B, T, 1]);
    out = add(mul(out, keep), mul(reshape(embed, [1, 1, C]), replace));
  }
  if (maskFeatureProb > 0) {
    const masked = drawSpans(new Array<number>(B).fill(C), {
      size: C,
      probability: maskFeatureProb,
      span: maskFeatureLength,
      minSpans: maskFeatureMinMasks,
      random,
    });
    out = mul(out, x.device.tensor(masked.map((m) => 1 - m), [B, 1, C]));
  }
  return out;
}
