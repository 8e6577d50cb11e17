/**
 * Convolution over time at the shapes of the networks that use it: Wav2Vec2's feature encoder on 4
 * seconds and its positional convolution, and the residual temporal network's blocks.
 */
import { conv1d } from "../engine/ops/conv1d.ts";
import { gelu } from "../engine/ops/elementwise.ts";
import { groupNorm } from "../engine/ops/group_norm.ts";
import { normal } from "../engine/ops/random_ops.ts";
import { Random } from "../engine/random.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { BenchCase } from "./measure.ts";
import { bytesOf, type Extent, type Family, opCase } from "./op_case.ts";

interface Row {
  readonly batch: number;
  readonly times: number;
  readonly channels: number;
  /** Default: as many as channels. */
  readonly outputs?: number;
  readonly taps: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
}

const usual: readonly Row[] = [
  { batch: 1, times: 199, channels: 768, taps: 128, padding: 64, groups: 16 },
  { batch: 32, times: 250, channels: 128, taps: 5, padding: 2 },
  { batch: 32, times: 250, channels: 128, taps: 5, padding: 16, dilation: 8 },
];

const rows: Readonly<Record<Extent, readonly Row[]>> = {
  tiny: [{ batch: 2, times: 33, channels: 6, outputs: 4, taps: 3, stride: 2, groups: 2 }],
  usual,
  large: [...usual, { batch: 16, times: 12_799, channels: 512, taps: 3, stride: 2 }],
};

/** `training` adds all gradients. */
function convCase(row: Row, training: boolean): BenchCase {
  const { batch, times, channels, outputs = channels, taps } = row;
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = row;
  const count = Math.floor((times + 2 * padding - dilation * (taps - 1) - 1) / stride) + 1;
  const per = channels / groups;
  const x = [batch, times, channels], w = [outputs, per, taps], out = [batch, count, outputs];
  const passes = training ? 3 : 1;
  return opCase({
    name: training ? "conv1d-training" : "conv1d",
    size: `${batch}x${times}x${channels}${outputs === channels ? "" : ` to ${outputs}`} k${taps}` +
      `${stride === 1 ? "" : ` s${stride}`} d${dilation} g${groups}`,
    flops: passes * 2 * batch * count * outputs * per * taps,
    bytes: passes * bytesOf(x, w, out),
    shapes: [x, w, [outputs]],
    run: ([x, w, bias]) => conv1d(x, w, { bias, stride, padding, dilation, groups }),
    gradients: training ? [0, 1, 2] : [],
    expected([x, w, bias], i) {
      const o = i % outputs, t = Math.floor(i / outputs) % count;
      const clip = Math.floor(i / outputs / count);
      const first = Math.floor(o / (outputs / groups)) * per;
      let total = bias[o];
      for (let tap = 0; tap < taps; tap++) {
        const at = t * stride - padding + tap * dilation;
        if (at < 0 || at >= times) continue;
        for (let c = 0; c < per; c++) {
          total += x[(clip * times + at) * channels + first + c] * w[(o * per + c) * taps + tap];
        }
      }
      return total;
    },
  });
}

/** Four seconds. */
const SAMPLES = 64_000;

/** The feature encoder's layers; each writes 512 channels. */
const ENCODER = [
  { channels: 1, taps: 10, stride: 5 },
  ...Array.from({ length: 4 }, () => ({ channels: 512, taps: 3, stride: 2 })),
  ...Array.from({ length: 2 }, () => ({ channels: 512, taps: 2, stride: 2 })),
];

function encoderFlops(): number {
  let length = SAMPLES, flops = 0;
  for (const { channels, taps, stride } of ENCODER) {
    length = Math.floor((length - taps) / stride) + 1;
    flops += 2 * length * 512 * channels * taps;
  }
  return flops;
}

const encoder: BenchCase = {
  name: "wav2vec2-encoder",
  size: "4 s",
  flops: encoderFlops(),
  prepare(device) {
    const random = Random.of(1, "encoder");
    const make = (shape: number[]) => device.keep(normal(device, shape, random));
    const x = make([1, SAMPLES, 1]), gamma = make([512]), beta = make([512]);
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

const both = (row: Row) => [convCase(row, false), convCase(row, true)];

/** What other programs are measured on beside us. */
export const cases: readonly BenchCase[] = [encoder, ...usual.flatMap(both)];

export const family: Family = {
  name: "conv1d",
  dims: "BxTxCxOxK",
  check: ([, times, , , taps]) =>
    taps <= times ? null : `conv1d: ${taps} taps do not fit ${times} times`,
  cases: (extent) => [...(extent === "tiny" ? [] : [encoder]), ...rows[extent].flatMap(both)],
  sweep: [64, 128, 256, 512].map((c) => [4, 256, c, c, 3]),
  at: ([batch, times, channels, outputs, taps]) => both({ batch, times, channels, outputs, taps }),
};
