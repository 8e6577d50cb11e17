/** Wav2Vec2's feature encoder on 4 seconds: seven convolutions over time, from samples to 512 channels. */
import { conv1d } from "../engine/ops/conv1d.ts";
import { gelu } from "../engine/ops/elementwise.ts";
import { groupNorm } from "../engine/ops/group_norm.ts";
import { normal } from "../engine/ops/random_ops.ts";
import { Random } from "../engine/random.ts";
import type { Tensor } from "../engine/tensor.ts";
import { normalCdf, type Values } from "./expected.ts";
import type { BenchCase } from "./case.ts";
import { sampledError } from "./sampled_error.ts";

/** Four seconds. */
const SAMPLES = 64_000;
/** That each layer writes. */
const CHANNELS = 512;
const LAYERS = [
  { channels: 1, taps: 10, stride: 5 },
  ...Array.from({ length: 4 }, () => ({ channels: CHANNELS, taps: 3, stride: 2 })),
  ...Array.from({ length: 2 }, () => ({ channels: CHANNELS, taps: 2, stride: 2 })),
];

/** Times that layer `index` (from 0) writes. */
function timesOf(index: number, samples: number): number {
  return LAYERS.slice(0, index + 1).reduce(
    (times, { taps, stride }) => Math.floor((times - taps) / stride) + 1,
    samples,
  );
}

function flopsOf(samples: number): number {
  return LAYERS.reduce(
    (sum, { channels, taps }, i) => sum + 2 * timesOf(i, samples) * CHANNELS * channels * taps,
    0,
  );
}

/** All channels of the last layer at time `t` in float64, from what lies below it alone. */
function frameAt([x, gamma, beta, ...weights]: Values, t: number): Float64Array {
  /** A layer's sums before norm and GELU. */
  function sums(index: number, t: number): Float64Array {
    const { channels, taps, stride } = LAYERS[index];
    const seen = Array.from(
      { length: taps },
      (_, tap) => index === 0 ? [x[t * stride + tap]] : layer(index - 1, t * stride + tap),
    );
    return Float64Array.from({ length: CHANNELS }, (_, o) => {
      let total = 0;
      for (let c = 0; c < channels; c++) {
        for (let tap = 0; tap < taps; tap++) {
          total += seen[tap][c] * weights[index][(o * channels + c) * taps + tap];
        }
      }
      return total;
    });
  }

  // The first layer's channels are normed over all times, each by itself.
  const first = Array.from({ length: timesOf(0, x.length) }, (_, t) => sums(0, t));
  const mean = new Float64Array(CHANNELS), variance = new Float64Array(CHANNELS);
  for (const row of first) row.forEach((v, c) => mean[c] += v / first.length);
  for (const row of first) row.forEach((v, c) => variance[c] += (v - mean[c]) ** 2 / first.length);

  function layer(index: number, t: number): Float64Array {
    const row = index === 0
      ? first[t].map((v, c) => (v - mean[c]) / Math.sqrt(variance[c] + 1e-5) * gamma[c] + beta[c])
      : sums(index, t);
    return row.map((v) => v * normalCdf(v));
  }
  return layer(LAYERS.length - 1, t);
}

/** On so many samples; default 4 seconds. */
export function encoderCase(samples = SAMPLES): BenchCase {
  return {
    name: "wav2vec2-encoder",
    size: `${samples / 16_000} s`,
    flops: flopsOf(samples),
    prepare(device) {
      const random = Random.of(1, "encoder");
      const make = (shape: number[]) => device.keep(normal(device, shape, random));
      const x = make([1, samples, 1]), gamma = make([CHANNELS]), beta = make([CHANNELS]);
      const weights = LAYERS.map(({ channels, taps }) => make([CHANNELS, channels, taps]));
      const inputs = [x, gamma, beta, ...weights];
      const forward = () => {
        let h: Tensor = x;
        LAYERS.forEach(({ stride }, i) => {
          h = conv1d(h, weights[i], { stride });
          if (i === 0) h = groupNorm(h, gamma, beta, { groups: CHANNELS });
          h = gelu(h);
        });
        return h;
      };
      return {
        run: () => void forward(),
        /** Of the frame in the middle: a whole result would take minutes. */
        async error() {
          const values = await Promise.all(inputs.map((t) => t.data()));
          using out = device.scope(forward);
          const frame = Math.floor(timesOf(LAYERS.length - 1, samples) / 2);
          const found = (await out.data()).subarray(frame * CHANNELS, (frame + 1) * CHANNELS);
          const right = frameAt(values, frame);
          return sampledError(found, (i) => right[i]);
        },
        dispose() {
          for (const t of inputs) t.dispose();
        },
      };
    },
  };
}
