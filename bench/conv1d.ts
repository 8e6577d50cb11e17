/**
 * Convolution over time at the shapes of the networks that use it: Wav2Vec2's feature encoder on 4
 * seconds and its positional convolution, and the residual temporal network's blocks.
 */
import { backward } from "../engine/autograd.ts";
import { conv1d, type Conv1dOptions } from "../engine/ops/conv1d.ts";
import { gelu } from "../engine/ops/elementwise.ts";
import { groupNorm } from "../engine/ops/group_norm.ts";
import { normal } from "../engine/ops/random_ops.ts";
import { Random } from "../engine/random.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { BenchCase } from "./measure.ts";

interface Row {
  readonly batch: number;
  readonly times: number;
  readonly channels: number;
  readonly taps: number;
  readonly options: Omit<Conv1dOptions, "bias"> & { readonly padding: number };
}

const rows: readonly Row[] = [
  { batch: 1, times: 199, channels: 768, taps: 128, options: { padding: 64, groups: 16 } },
  { batch: 32, times: 250, channels: 128, taps: 5, options: { padding: 2 } },
  { batch: 32, times: 250, channels: 128, taps: 5, options: { padding: 16, dilation: 8 } },
];

/** As many channels out as in; `training` adds all gradients. */
function convCase({ batch, times, channels, taps, options }: Row, training: boolean): BenchCase {
  const { padding, dilation = 1, groups = 1 } = options;
  const count = times + 2 * padding - dilation * (taps - 1);
  const flops = 2 * batch * count * channels * channels / groups * taps;
  return {
    name: training ? "conv1d-training" : "conv1d",
    size: `${batch}x${times}x${channels} k${taps} d${dilation} g${groups}`,
    flops: training ? 3 * flops : flops,
    prepare(device) {
      const random = Random.of(1, "conv1d");
      const make = (shape: number[]) => device.keep(normal(device, shape, random));
      const x = make([batch, times, channels]), w = make([channels, channels / groups, taps]);
      const bias = make([channels]), seed = make([batch, count, channels]);
      const leaves = [x, w, bias];
      for (const t of leaves) t.requiresGrad = training;
      return {
        run() {
          const out = conv1d(x, w, { ...options, bias });
          if (!training) return;
          backward(out, seed);
          for (const t of leaves) {
            t.grad?.dispose();
            t.grad = null;
          }
        },
        dispose() {
          for (const t of [...leaves, seed]) t.dispose();
        },
      };
    },
  };
}

/** The feature encoder's layers; each writes 512 channels. */
const ENCODER = [
  { channels: 1, taps: 10, stride: 5 },
  ...Array.from({ length: 4 }, () => ({ channels: 512, taps: 3, stride: 2 })),
  ...Array.from({ length: 2 }, () => ({ channels: 512, taps: 2, stride: 2 })),
];

const encoder: BenchCase = {
  name: "wav2vec2-encoder",
  size: "4 s",
  prepare(device) {
    const random = Random.of(1, "encoder");
    const make = (shape: number[]) => device.keep(normal(device, shape, random));
    const x = make([1, 64_000, 1]), gamma = make([512]), beta = make([512]);
    const weights = ENCODER.map(({ channels, taps }) => make([512, channels, taps]));
    return {
      run() {
        let h: Tensor = x;
        ENCODER.forEach(({ stride }, i) => {
          h = conv1d(h, weights[i], { stride });
          if (i === 0) h = groupNorm(h, gamma, beta, { groups: 512 });
          h = gelu(h);
        });
      },
      dispose() {
        for (const t of [x, gamma, beta, ...weights]) t.dispose();
      },
    };
  },
};

export const cases: readonly BenchCase[] = [
  encoder,
  ...rows.flatMap((row) => [convCase(row, false), convCase(row, true)]),
];
