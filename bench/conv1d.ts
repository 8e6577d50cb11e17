/**
 * Convolution over time at the shapes of the networks that use it: Wav2Vec2's feature encoder and
 * its positional convolution, and the residual temporal network's blocks.
 */
import { conv1d } from "../engine/ops/conv1d.ts";
import { encoderCase } from "./encoder.ts";
import { conv1dExpected, countOf } from "./expected_conv1d.ts";
import type { BenchCase } from "./case.ts";
import { bytesOf, type Family, opCase } from "./op_case.ts";
import type { Extent } from "./sizes.ts";

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
  const { stride = 1, padding = 0, dilation = 1, groups = 1, outputs = row.channels } = row;
  const sizes = { ...row, stride, padding, dilation, groups, outputs };
  const { batch, times, channels, taps } = row;
  const per = channels / groups, count = countOf(sizes);
  const x = [batch, times, channels], w = [outputs, per, taps], out = [batch, count, outputs];
  const passes = training ? 3 : 1;
  const right = conv1dExpected(sizes);
  return opCase({
    name: training ? "conv1d-training" : "conv1d",
    size: `${batch}x${times}x${channels}${outputs === channels ? "" : ` to ${outputs}`} k${taps}` +
      `${stride === 1 ? "" : ` s${stride}`} d${dilation} g${groups}`,
    flops: passes * 2 * batch * count * outputs * per * taps,
    bytes: passes * bytesOf(x, w, out),
    shapes: [x, w, [outputs]],
    run: ([x, w, bias]) => conv1d(x, w, { bias, stride, padding, dilation, groups }),
    expected: right.at,
    ...training && { gradients: [0, 1, 2], expectedGradients: right.gradients },
  });
}

const both = (row: Row) => [convCase(row, false), convCase(row, true)];

/** What other programs are measured on beside us. */
export const cases: readonly BenchCase[] = [encoderCase(), ...usual.flatMap(both)];

export const family: Family = {
  name: "conv1d",
  dims: "BxTxCxOxK",
  check: ([, times, , , taps]) =>
    taps <= times ? null : `conv1d: ${taps} taps do not fit ${times} times`,
  cases: (extent) => [...(extent === "tiny" ? [] : [encoderCase()]), ...rows[extent].flatMap(both)],
  sweep: [64, 128, 256, 512].map((c) => [4, 256, c, c, 3]),
  at: ([batch, times, channels, outputs, taps]) => both({ batch, times, channels, outputs, taps }),
};
