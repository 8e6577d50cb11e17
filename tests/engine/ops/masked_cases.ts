/** Ops over the valid frames of padded batches; padding holds infinities (NaN: see masked_test.ts). */
import * as T from "../../../engine/mod.ts";
import { sizeOf } from "../../../engine/shape.ts";
import { type InputSpec, type Nd, nd, normal, type OpCase } from "./harness.ts";

type Shape3 = readonly [number, number, number];

/** Values with dirt past the lengths. */
function dirty([_, frames, C]: Shape3, lengths: readonly number[]): InputSpec["values"] {
  return (i, random) => {
    const frame = Math.floor(i / C);
    const valid = frame % frames < lengths[Math.floor(frame / frames)];
    return valid ? normal(random) : [Infinity, -Infinity][i % 2];
  };
}

/** The valid frames of channel c of clip b. */
function column(x: Nd, b: number, c: number, lengths: readonly number[]): number[] {
  const [, frames, C] = x.shape;
  const n = Math.max(0, Math.min(lengths[b], frames));
  return Array.from({ length: n }, (_, t) => x.data[(b * frames + t) * C + c]);
}

function weightsOf(scores: readonly number[]): number[] {
  const top = Math.max(...scores);
  const sum = scores.reduce((s, v) => s + Math.exp(v - top), 0);
  return scores.map((v) => Math.exp(v - top) / sum);
}

interface Op {
  readonly name: string;
  readonly covers?: readonly string[];
  readonly inputs?: number;
  readonly run: (x: T.Tensor[], lengths: T.Tensor) => T.Tensor;
  readonly reference: (x: Nd[], lengths: readonly number[]) => Nd;
}

const ops: readonly Op[] = [
  {
    name: "maskFrames",
    covers: ["maskFrames"],
    run: ([x], lengths) => T.maskFrames(x, lengths, 0.5),
    reference: ([x], lengths) => {
      const [, frames, C] = x.shape;
      return nd(x.shape, (i) => {
        const frame = Math.floor(i / C);
        return frame % frames < lengths[Math.floor(frame / frames)] ? x.data[i] : 0.5;
      });
    },
  },
  {
    name: "maskedMean",
    run: ([x], lengths) => T.maskedMean(x, lengths),
    reference: ([x], lengths) =>
      nd([x.shape[0], x.shape[2]], (i) => {
        const values = column(x, Math.floor(i / x.shape[2]), i % x.shape[2], lengths);
        return values.reduce((s, v) => s + v, 0) / Math.max(1, values.length);
      }),
  },
  {
    name: "maskedSoftmax",
    run: ([x], lengths) => T.maskedSoftmax(x, lengths),
    reference: ([x], lengths) => {
      const [, frames, C] = x.shape;
      return nd(x.shape, (i) => {
        const c = i % C, t = Math.floor(i / C) % frames, b = Math.floor(i / (C * frames));
        return weightsOf(column(x, b, c, lengths))[t] ?? 0;
      });
    },
  },
  {
    name: "attentiveStatistics",
    inputs: 2,
    run: ([x, scores], lengths) => T.attentiveStatistics(x, scores, lengths, { eps: 1e-3 }),
    reference: ([x, scores], lengths) => {
      const [B, , C] = x.shape;
      return nd([B, 2 * C], (i) => {
        const b = Math.floor(i / (2 * C)), c = i % C;
        const values = column(x, b, c, lengths);
        const weights = weightsOf(column(scores, b, c, lengths));
        const mean = values.reduce((s, v, t) => s + v * weights[t], 0);
        if (i % (2 * C) < C) return mean;
        const variance = values.reduce((s, v, t) => s + weights[t] * (v - mean) ** 2, 0);
        return Math.sqrt(Math.max(variance, 1e-3));
      });
    },
  },
];

const sizes: readonly [Shape3, readonly number[]][] = [
  [[1, 1, 1], [1]],
  [[3, 7, 5], [7, 4, 0]],
  [[2, 67, 3], [66, 99]],
];

export const cases: OpCase[] = ops.flatMap((op) =>
  sizes.map(([shape, lengths]): OpCase => {
    const values = dirty(shape, lengths);
    const count = op.inputs ?? 1;
    return {
      covers: op.covers ?? [],
      name: `${op.name} of ${shape.join("×")}, lengths ${lengths.join(" ")}`,
      inputs: [
        ...Array.from({ length: count }, () => ({ shape, values })),
        { shape: [shape[0]], dtype: "i32", values: (i) => lengths[i] },
      ],
      run: (inputs) => op.run(inputs.slice(0, count), inputs[count]),
      reference: (inputs) => op.reference(inputs.slice(0, count), lengths),
      // One frame alone is its own mean, whatever its weight: nothing but rounding is left.
      forwardOnly: sizeOf(shape) === 1,
    };
  })
);
