/** Attention as Wav2Vec2 has it, and real FFTs as spectrograms take them. */
import { attention } from "../engine/ops/attention.ts";
import { checkAttention } from "../engine/ops/attention_plan.ts";
import { checkPoints, irfft, rfft } from "../engine/ops/fft.ts";
import { Random } from "../engine/random.ts";
import { attentionAt, irfftAt, rfftAt } from "./expected.ts";
import { attentionElements, attentionGradients } from "./expected_attention.ts";
import type { BenchCase } from "./case.ts";
import { bytesOf, type Family, opCase, sizeText } from "./op_case.ts";
import { type Check, type Extent, saidBy } from "./sizes.ts";

/** `p`: dropout of the probabilities; nothing is expected then, since the result is random. */
function attentionCases(dims: readonly number[], p = 0): BenchCase[] {
  const [batch, T, heads, D] = dims;
  const dropout = { p, random: Random.of(2, "attention") };
  const C = heads * D;
  const x = [batch, T, C];
  const products = 2 * batch * heads * T * T * D; // of one T×T by D product
  const base = {
    size: sizeText(dims),
    shapes: [x, x, x],
    run: ([q, k, v]: Parameters<Parameters<typeof opCase>[0]["run"]>[0]) =>
      attention(q, k, v, { heads, dropout }),
    ...(p > 0 && { variant: `dropout ${p}`, random: true }),
  };
  return [
    opCase({
      name: "attention",
      ...base,
      flops: 2 * products,
      bytes: 4 * bytesOf(x),
      expected: p > 0 ? undefined : (inputs, i) => attentionAt(inputs, dims, i),
    }),
    // Backward: scores and dP again, then dQ, dK and dV.
    opCase({
      name: "attention-training",
      ...base,
      flops: 7 * products,
      bytes: 12 * bytesOf(x),
      gradients: [0, 1, 2],
      expectedGradients: p > 0 ? undefined : attentionGradients(dims),
      elements: attentionElements(dims),
    }),
  ];
}

const ATTENTION: Readonly<Record<Extent, readonly (readonly number[])[]>> = {
  tiny: [[2, 13, 2, 8]],
  usual: [[1, 199, 12, 64], [1, 1500, 12, 64]],
  large: [[16, 199, 12, 64], [4, 1500, 12, 64], [1, 4096, 16, 64]],
};

/** Heads may be of so many channels alone. */
export const checkHeads: Check = ([batch, T, heads, D]) => {
  const x = { shape: [batch, T, heads * D], dtype: "f32" } as const;
  return saidBy(() => checkAttention([x, x, x], { heads, scale: 1, dropout: null }));
};

export const attentionFamily: Family = {
  name: "attention",
  dims: "BxTxHEADSxD",
  check: checkHeads,
  cases: (extent) => [
    ...ATTENTION[extent].flatMap((dims) => attentionCases(dims)),
    ...attentionCases(ATTENTION[extent][0], 0.1),
  ],
  sweep: [128, 256, 512, 1024].map((T) => [1, T, 8, 64]),
  at: (dims) => attentionCases(dims),
};

function fftCases([batch, n]: readonly number[]): BenchCase[] {
  const spectrum = [batch, n / 2 + 1, 2];
  // The usual count: 5 N log2 N for a complex transform, half of it for a real one.
  const flops = 2.5 * n * Math.log2(n) * batch;
  const bytes = bytesOf([batch, n], spectrum);
  return [
    opCase({
      name: "rfft",
      size: sizeText([batch, n]),
      flops,
      bytes,
      shapes: [[batch, n]],
      run: ([x]) => rfft(x),
      expected: (inputs, i) => rfftAt(inputs, [batch, n], i),
    }),
    opCase({
      name: "irfft",
      size: sizeText([batch, n]),
      flops,
      bytes,
      shapes: [spectrum],
      run: ([x]) => irfft(x),
      expected: (inputs, i) => irfftAt(inputs, [batch, n], i),
    }),
  ];
}

const FFT: Readonly<Record<Extent, readonly (readonly number[])[]>> = {
  tiny: [[5, 64]],
  usual: [[173, 2048], [4096, 512]],
  large: [[11072, 2048], [65536, 512]],
};

/** Signals may be of so many points alone. */
export const checkSignals: Check = ([batch, n]) =>
  saidBy(() => checkPoints("rfft", { shape: [batch, n], dtype: "f32" }, n));

export const fftFamily: Family = {
  name: "fft",
  dims: "BATCHxN",
  check: checkSignals,
  cases: (extent) => FFT[extent].flatMap(fftCases),
  sweep: [256, 1024, 4096, 16384].map((n) => [(1 << 20) / n, n]),
  at: fftCases,
};
