/** Attention: one frame to past a block of keys, odd heads, lengths from 0 to all, dropout, padding of any content. */
import * as T from "../../../engine/mod.ts";
import { threefry } from "../../../engine/random.ts";
import { type Nd, nd, type OpCase } from "./harness.ts";

interface Options {
  readonly B?: number;
  readonly T: number;
  readonly heads: number;
  readonly D: number;
  readonly lengths?: readonly number[];
  readonly p?: number;
  readonly scale?: number;
  readonly forwardOnly?: boolean;
}

const mask = () => T.Random.of(7, "mask");

/** The mask's random words, block after block: drawn once, for references run many times. */
const words: number[] = [];
const KEY = mask().key;

function wordOf(block: number, part: number): number {
  for (let b = words.length / 2; b <= block; b++) words.push(...threefry(KEY, [b, 0]));
  return words[2 * block + part];
}

function reference([q, k, v]: readonly Nd[], o: Required<Omit<Options, "forwardOnly">>): Nd {
  const { B, T: frames, heads, D, p, scale } = o;
  const out = new Float64Array(B * frames * heads * D);
  const at = (b: number, t: number, h: number) => ((b * frames + t) * heads + h) * D;
  const half = Math.ceil(frames / 2);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < heads; h++) {
      const n = Math.min(o.lengths[b], frames);
      for (let i = 0; i < frames && n > 0; i++) {
        const scores = Array.from({ length: n }, (_, j) => {
          let s = 0;
          for (let d = 0; d < D; d++) s += q.data[at(b, i, h) + d] * k.data[at(b, j, h) + d];
          return s * scale;
        });
        const top = Math.max(...scores);
        const sum = scores.reduce((s, x) => s + Math.exp(x - top), 0);
        scores.forEach((x, j) => {
          const block = ((b * heads + h) * half + (j >> 1)) * frames + i;
          if (p > 0 && wordOf(block, j & 1) < p * 2 ** 32) return;
          const weight = Math.exp(x - top) / sum / (1 - p);
          for (let d = 0; d < D; d++) out[at(b, i, h) + d] += weight * v.data[at(b, j, h) + d];
        });
      }
    }
  }
  return nd(q.shape, (i) => out[i]);
}

export function attention(o: Options): OpCase {
  const { B = 1, T: frames, heads, D, lengths, p = 0, scale } = o;
  const shape = [B, frames, heads * D];
  const words = [`attention of ${B}×${frames}, ${heads} heads of ${D}`];
  if (lengths) words.push(`lengths ${lengths.join(" ")}`);
  if (p > 0) words.push(`dropout ${p}`);
  return {
    covers: ["attention", "attentionGrad"],
    name: words.join(", "),
    inputs: [
      { shape },
      { shape },
      { shape },
      { shape: [B], dtype: "i32", values: (i) => (lengths ?? [])[i] ?? frames },
    ],
    run: ([q, k, v, n]) =>
      T.attention(q, k, v, {
        heads,
        ...lengths ? { lengths: n } : {},
        ...scale !== undefined ? { scale } : {},
        ...p > 0 ? { dropout: { p, random: mask() } } : {},
      }),
    reference: (inputs) =>
      reference(inputs, {
        B,
        T: frames,
        heads,
        D,
        p,
        scale: scale ?? 1 / Math.sqrt(D),
        lengths: lengths ?? new Array(B).fill(frames),
      }),
    forwardOnly: o.forwardOnly,
  };
}

export const cases: OpCase[] = [
  // Of one frame the gradients of q and k are 0 but for rounding, which nothing scales.
  attention({ T: 1, heads: 1, D: 1, forwardOnly: true }),
  attention({ T: 1, heads: 2, D: 64, forwardOnly: true }),
  attention({ T: 2, heads: 2, D: 4 }),
  attention({ B: 2, T: 7, heads: 3, D: 5 }),
  attention({ B: 3, T: 17, heads: 2, D: 8, lengths: [17, 0, 11] }),
  attention({ T: 49, heads: 1, D: 64 }),
  attention({ B: 2, T: 65, heads: 1, D: 16, lengths: [64, 99], scale: 0.7 }),
  attention({ T: 33, heads: 1, D: 80 }),
  attention({ T: 9, heads: 1, D: 128, lengths: [9] }),
  attention({ B: 2, T: 19, heads: 2, D: 12, lengths: [13, 19], p: 0.3 }),
  attention({ T: 35, heads: 1, D: 64, p: 0.1 }),
  attention({ T: 20, heads: 1, D: 72, p: 0.5, lengths: [7] }),
  attention({ T: 199, heads: 1, D: 64, forwardOnly: true }),
  // Past a block of keys of the kernels, backward and forward.
  attention({ T: 197, heads: 1, D: 2, lengths: [195], p: 0.2 }),
  attention({ T: 263, heads: 1, D: 2, lengths: [259], p: 0.2, forwardOnly: true }),
];
