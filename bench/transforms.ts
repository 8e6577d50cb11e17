/** Attention as Wav2Vec2 has it, and real FFTs as spectrograms take them. */
import { attention } from "../engine/ops/attention.ts";
import { irfft, rfft } from "../engine/ops/fft.ts";
import { Random } from "../engine/random.ts";
import type { BenchCase } from "./measure.ts";
import { bytesOf, type Extent, type Family, opCase, sizeText } from "./op_case.ts";

/** `p`: dropout of the probabilities; without an expected result then, since it is random. */
function attentionCases([batch, T, heads, D]: readonly number[], p = 0): BenchCase[] {
  const dropout = { p, random: Random.of(2, "attention") };
  const C = heads * D;
  const x = [batch, T, C];
  const products = 2 * batch * heads * T * T * D; // of one T×T by D product
  const scale = 1 / Math.sqrt(D);
  const base = {
    size: sizeText([batch, T, heads, D]),
    shapes: [x, x, x],
    run: ([q, k, v]: Parameters<Parameters<typeof opCase>[0]["run"]>[0]) =>
      attention(q, k, v, { heads, dropout }),
    ...(p > 0 && { variant: `dropout ${p}` }),
  };
  return [
    opCase({
      name: "attention",
      ...base,
      flops: 2 * products,
      bytes: 4 * bytesOf(x),
      expected: p > 0 ? undefined : ([q, k, v], i) => {
        const d = i % D, head = Math.floor(i / D) % heads;
        const query = Math.floor(i / C) % T, clip = Math.floor(i / C / T);
        const row = (t: number) => ((clip * T + t) * heads + head) * D;
        const scores = Array.from({ length: T }, (_, key) => {
          let dot = 0;
          for (let e = 0; e < D; e++) dot += q[row(query) + e] * k[row(key) + e];
          return dot * scale;
        });
        const largest = Math.max(...scores);
        let total = 0, mixed = 0;
        scores.forEach((score, key) => {
          const weight = Math.exp(score - largest);
          total += weight;
          mixed += weight * v[row(key) + d];
        });
        return mixed / total;
      },
    }),
    // Backward: scores and dP again, then dQ, dK and dV.
    opCase({
      name: "attention-training",
      ...base,
      flops: 7 * products,
      bytes: 12 * bytesOf(x),
      gradients: [0, 1, 2],
    }),
  ];
}

const ATTENTION: Readonly<Record<Extent, readonly (readonly number[])[]>> = {
  tiny: [[2, 13, 2, 8]],
  usual: [[1, 199, 12, 64], [1, 1500, 12, 64]],
  large: [[16, 199, 12, 64], [4, 1500, 12, 64], [1, 4096, 16, 64]],
};

export const attentionFamily: Family = {
  name: "attention",
  dims: "BxTxHEADSxD",
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
      expected([x], i) {
        const k = Math.floor(i / 2) % (n / 2 + 1), from = Math.floor(i / (n + 2)) * n;
        let total = 0;
        for (let j = 0; j < n; j++) {
          const angle = 2 * Math.PI * (j * k % n) / n;
          total += x[from + j] * (i % 2 === 0 ? Math.cos(angle) : -Math.sin(angle));
        }
        return total;
      },
    }),
    opCase({
      name: "irfft",
      size: sizeText([batch, n]),
      flops,
      bytes,
      shapes: [spectrum],
      run: ([x]) => irfft(x),
    }),
  ];
}

const FFT: Readonly<Record<Extent, readonly (readonly number[])[]>> = {
  tiny: [[5, 64]],
  usual: [[173, 2048], [4096, 512]],
  large: [[11072, 2048], [65536, 512]],
};

export const fftFamily: Family = {
  name: "fft",
  dims: "BATCHxN",
  cases: (extent) => FFT[extent].flatMap(fftCases),
  sweep: [256, 1024, 4096, 16384].map((n) => [(1 << 20) / n, n]),
  at: fftCases,
};
