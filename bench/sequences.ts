/** Convolution over time, channels last: Wav2Vec2's encoder, its positional embedding, residual blocks. */
import { conv1d } from "../engine/ops/conv1d.ts";
import type { BenchCase } from "./measure.ts";
import { bytesOf, type Extent, type Family, opCase } from "./op_case.ts";

interface Layer {
  readonly batch: number;
  readonly length: number;
  readonly channels: number;
  readonly outputs: number;
  readonly taps: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly dilation?: number;
  readonly groups?: number;
}

const layers: Readonly<Record<Extent, readonly Layer[]>> = {
  tiny: [{ batch: 2, length: 33, channels: 6, outputs: 4, taps: 3, stride: 2, groups: 2 }],
  usual: [
    { batch: 1, length: 3199, channels: 512, outputs: 512, taps: 3, stride: 2 },
    { batch: 1, length: 199, channels: 768, outputs: 768, taps: 128, padding: 64, groups: 16 },
    { batch: 32, length: 250, channels: 128, outputs: 128, taps: 5, padding: 4, dilation: 2 },
  ],
  large: [
    { batch: 16, length: 12799, channels: 512, outputs: 512, taps: 3, stride: 2 },
    { batch: 16, length: 199, channels: 768, outputs: 768, taps: 128, padding: 64, groups: 16 },
    { batch: 32, length: 250, channels: 128, outputs: 128, taps: 5, padding: 4, dilation: 2 },
  ],
};

function layerCase(layer: Layer, training: boolean): BenchCase {
  const { batch, length, channels, outputs, taps } = layer;
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = layer;
  const steps = Math.floor((length + 2 * padding - (taps - 1) * dilation - 1) / stride) + 1;
  const per = channels / groups;
  const x = [batch, length, channels], w = [outputs, per, taps], out = [batch, steps, outputs];
  const passes = training ? 3 : 1;
  const extra = `${stride > 1 ? ` s${stride}` : ""}${dilation > 1 ? ` d${dilation}` : ""}`;
  return opCase({
    name: training ? "conv1d-training" : "conv1d",
    size: `${batch}x${length}x${channels} to ${outputs} k${taps}${extra}${
      groups > 1 ? ` g${groups}` : ""
    }`,
    flops: passes * 2 * batch * steps * outputs * per * taps,
    bytes: passes * bytesOf(x, w, out),
    shapes: [x, w],
    run: ([x, w]) => conv1d(x, w, { stride, padding, dilation, groups }),
    gradients: training ? [0, 1] : [],
    expected([x, w], i) {
      const o = i % outputs, t = Math.floor(i / outputs) % steps;
      const clip = Math.floor(i / outputs / steps),
        first = Math.floor(o / (outputs / groups)) * per;
      let total = 0;
      for (let tap = 0; tap < taps; tap++) {
        const at = t * stride - padding + tap * dilation;
        if (at < 0 || at >= length) continue;
        for (let c = 0; c < per; c++) {
          total += x[(clip * length + at) * channels + first + c] * w[(o * per + c) * taps + tap];
        }
      }
      return total;
    },
  });
}

const both = (layer: Layer) => [layerCase(layer, false), layerCase(layer, true)];

export const family: Family = {
  name: "conv1d",
  dims: "BxTxCxOxK",
  cases: (extent) => layers[extent].flatMap(both),
  sweep: [64, 128, 256, 512].map((c) => [4, 256, c, c, 3]),
  at: ([batch, length, channels, outputs, taps]) =>
    both({ batch, length, channels, outputs, taps }),
};
