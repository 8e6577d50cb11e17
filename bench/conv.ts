/** The 3×3 convolutions of the paper's CNN-4: forward, each gradient alone, and forward with all of them. */
import { conv2d, conv2dWeight, convTranspose2d } from "../engine/ops/conv.ts";
import { convAt, convInputAt, convWeightAt } from "./expected.ts";
import { convGradients } from "./expected_gradients.ts";
import type { BenchCase } from "./case.ts";
import { bytesOf, type Family, opCase } from "./op_case.ts";
import type { Extent } from "./sizes.ts";

interface Layer {
  readonly batch: number;
  readonly channels: number;
  /** Rows and columns of the image. */
  readonly height: number;
  readonly width: number;
  readonly outputs: number;
}

const square = (channels: number, outputs: number, size: number): Layer => ({
  batch: 64,
  channels,
  outputs,
  height: size,
  width: size,
});

const usual = [square(1, 16, 128), square(16, 32, 64), square(32, 64, 32), square(64, 128, 16)];

const layers: Readonly<Record<Extent, readonly Layer[]>> = {
  tiny: [{ batch: 2, channels: 3, outputs: 5, height: 9, width: 8 }],
  usual,
  large: [...usual, { batch: 64, channels: 128, outputs: 256, height: 32, width: 32 }],
};

interface Facts {
  readonly dims: number[];
  readonly label: string;
  readonly flops: number;
  readonly x: number[];
  readonly w: number[];
  readonly out: number[];
}

function factsOf({ batch, channels, outputs, height, width }: Layer): Facts {
  return {
    dims: [batch, channels, height, width, outputs],
    label: `${batch}x${channels}x${height}x${width} to ${outputs}`,
    flops: 2 * batch * height * width * outputs * channels * 9,
    x: [batch, channels, height, width],
    w: [outputs, channels, 3, 3],
    out: [batch, outputs, height, width],
  };
}

function forward(layer: Layer): BenchCase {
  const { dims, label, flops, x, w, out } = factsOf(layer);
  return opCase({
    name: "conv2d",
    size: label,
    flops,
    bytes: bytesOf(x, w, out),
    shapes: [x, w, [layer.outputs]],
    run: ([x, w, bias]) => conv2d(x, w, { bias, padding: 1 }),
    expected: (inputs, i) => convAt(inputs, dims, i),
  });
}

function inputGradient(layer: Layer): BenchCase {
  const { dims, label, flops, x, w, out } = factsOf(layer);
  return opCase({
    name: "conv2d-dx",
    size: label,
    flops,
    bytes: bytesOf(x, w, out),
    shapes: [out, w],
    run: ([g, w]) => convTranspose2d(g, w, { padding: 1 }),
    expected: (inputs, i) => convInputAt(inputs, dims, i),
  });
}

function weightGradient(layer: Layer): BenchCase {
  const { dims, label, flops, x, w, out } = factsOf(layer);
  return opCase({
    name: "conv2d-dw",
    size: label,
    flops,
    bytes: bytesOf(x, w, out),
    shapes: [x, out],
    run: ([x, g]) => conv2dWeight(x, g, { taps: [3, 3], padding: 1 }),
    expected: (inputs, i) => convWeightAt(inputs, dims, i),
  });
}

/** Forward and the gradients of weights and bias, and of an input that is not data. */
function training(layer: Layer): BenchCase {
  const { dims, label, flops, x, w, out } = factsOf(layer);
  const gradients = layer.channels > 1 ? [0, 1, 2] : [1, 2];
  const passes = gradients.length;
  return opCase({
    name: "conv2d-training",
    size: label,
    flops: passes * flops,
    bytes: passes * bytesOf(x, w, out),
    shapes: [x, w, [layer.outputs]],
    run: ([x, w, bias]) => conv2d(x, w, { bias, padding: 1 }),
    gradients,
    expectedGradients: gradients.map((input) => convGradients(dims)[input]),
  });
}

/** What other programs are measured on beside us. */
export const cases: readonly BenchCase[] = usual.flatMap((l) => [forward(l), training(l)]);

const all = (layer: Layer) => [
  forward(layer),
  ...(layer.channels > 1 ? [inputGradient(layer)] : []),
  weightGradient(layer),
  training(layer),
];

export const family: Family = {
  name: "conv2d",
  dims: "NxCxHxWxO",
  cases: (extent) => layers[extent].flatMap(all),
  sweep: [16, 32, 64, 128].map((c) => [16, c, 32, 32, c]),
  at: ([batch, channels, height, width, outputs]) =>
    all({ batch, channels, height, width, outputs }),
};
