/** What visits each number once: chains of elementwise ops, and Adam over all of a network's weights. */
import { add, gelu, mul, tanh } from "../engine/ops/elementwise.ts";
import { normal } from "../engine/ops/random_ops.ts";
import { Adam } from "../engine/optim/adam.ts";
import { Random } from "../engine/random.ts";
import { normalCdf } from "./expected.ts";
import { geluGradient } from "./expected_gradients.ts";
import type { BenchCase } from "./case.ts";
import { bytesOf, type Family, opCase } from "./op_case.ts";
import type { Extent } from "./sizes.ts";
import { sampledError } from "./sampled_error.ts";

const ELEMENTS: Readonly<Record<Extent, number>> = { tiny: 1000, usual: 1 << 22, large: 1 << 26 };

function chains([n]: readonly number[]): BenchCase[] {
  const size = `${n}`;
  return [
    opCase({
      name: "elementwise",
      size,
      variant: "a·b + a",
      // Two ops: each reads two and writes one.
      bytes: 6 * bytesOf([n]),
      shapes: [[n], [n]],
      run: ([a, b]) => add(mul(a, b), a),
      expected: ([a, b], i) => a[i] * b[i] + a[i],
    }),
    opCase({
      name: "elementwise",
      size,
      variant: "tanh",
      bytes: 2 * bytesOf([n]),
      shapes: [[n]],
      run: ([a]) => tanh(a),
      expected: ([a], i) => Math.tanh(a[i]),
    }),
    opCase({
      name: "elementwise",
      size,
      variant: "gelu, both ways",
      bytes: 5 * bytesOf([n]),
      shapes: [[n]],
      run: ([a]) => gelu(a),
      gradients: [0],
      expected: ([a], i) => a[i] * normalCdf(a[i]),
      expectedGradients: [geluGradient],
    }),
  ];
}

export const elementwiseFamily: Family = {
  name: "elementwise",
  dims: "N",
  cases: (extent) => chains([ELEMENTS[extent]]),
  sweep: [12, 16, 20, 24].map((power) => [2 ** power]),
  at: chains,
};

const RATE = 1e-3;

function adamCase([n]: readonly number[]): BenchCase {
  return {
    name: "adam",
    size: `${n}`,
    // Weights, gradient and two moments read, all but the gradient written.
    bytes: 7 * bytesOf([n]),
    prepare(device) {
      const random = Random.of(1, "adam");
      const weights = device.keep(normal(device, [n], random));
      const adam = new Adam(new Map([["w", weights]]), { learningRate: RATE });
      weights.grad = device.keep(normal(device, [n], random));
      return {
        run: () => adam.step(),
        // Of the first step: its running means are the gradient and its square.
        async error() {
          const [before, g] = [await weights.data(), await weights.grad!.data()];
          adam.step();
          const right = (i: number) => before[i] - RATE * g[i] / (Math.abs(g[i]) + 1e-8);
          return sampledError(await weights.data(), right);
        },
        dispose() {
          adam.dispose();
          weights.dispose();
        },
      };
    },
  };
}

/** Weights of CNN-4 and CNN-5; of Wav2Vec2 base on a GPU. */
const WEIGHTS: Readonly<Record<Extent, readonly number[]>> = {
  tiny: [1000],
  usual: [1_803_448, 9_683_336],
  large: [1_803_448, 9_683_336, 94_371_712],
};

export const adamFamily: Family = {
  name: "adam",
  dims: "N",
  cases: (extent) => WEIGHTS[extent].map((n) => adamCase([n])),
  sweep: [12, 16, 20, 24].map((power) => [2 ** power]),
  at: (dims) => [adamCase(dims)],
};
