/** The 3×3 convolutions of the paper's CNN-4 at batch 64: forward alone, and with all gradients. */
import { backward } from "../engine/autograd.ts";
import { conv2d } from "../engine/ops/conv.ts";
import { normal } from "../engine/ops/random_ops.ts";
import { Random } from "../engine/random.ts";
import type { BenchCase } from "./measure.ts";
import { sampledError } from "./sampled_error.ts";

const BATCH = 64;

interface Layer {
  readonly channels: number;
  readonly outputs: number;
  /** Rows and columns of the image. */
  readonly size: number;
}

const layers: readonly Layer[] = [
  { channels: 1, outputs: 16, size: 128 },
  { channels: 16, outputs: 32, size: 64 },
  { channels: 32, outputs: 64, size: 32 },
  { channels: 64, outputs: 128, size: 16 },
];

/** One layer; `training` adds the gradients of weights and bias, and of an input that is not data. */
function layerCase({ channels, outputs, size }: Layer, training: boolean): BenchCase {
  const products = BATCH * size * size * outputs * channels * 9;
  return {
    name: training ? "conv2d-training" : "conv2d",
    size: `${BATCH}x${channels}x${size}x${size} to ${outputs}`,
    flops: 2 * products * (training ? channels > 1 ? 3 : 2 : 1),
    prepare(device) {
      const random = Random.of(1, "conv");
      const make = (shape: number[]) => device.keep(normal(device, shape, random));
      const x = make([BATCH, channels, size, size]);
      const w = make([outputs, channels, 3, 3]);
      const bias = make([outputs]);
      const seed = make([BATCH, outputs, size, size]);
      const leaves = channels > 1 ? [x, w, bias] : [w, bias];
      if (training) { for (const t of leaves) t.requiresGrad = true; }
      const forward = () => conv2d(x, w, { bias, padding: 1 });
      return {
        run() {
          const out = forward();
          if (!training) return;
          backward(out, seed);
          for (const t of leaves) {
            t.grad?.dispose();
            t.grad = null;
          }
        },
        error: training
          ? undefined
          : () =>
            sampledError(device, forward, [x, w, bias], ([x, w, bias], i) => {
              const column = i % size, row = Math.floor(i / size) % size;
              const map = Math.floor(i / size / size);
              const output = map % outputs, image = Math.floor(map / outputs);
              let total = bias[output];
              for (let tap = 0; tap < channels * 9; tap++) {
                const y = row + Math.floor(tap / 3) % 3 - 1, z = column + tap % 3 - 1;
                if (y < 0 || y >= size || z < 0 || z >= size) continue;
                const plane = image * channels + Math.floor(tap / 9);
                total += x[(plane * size + y) * size + z] * w[output * channels * 9 + tap];
              }
              return total;
            }),
        dispose() {
          for (const t of [x, w, bias, seed]) t.dispose();
        },
      };
    },
  };
}

export const cases: readonly BenchCase[] = layers.flatMap((layer) => [
  layerCase(layer, false),
  layerCase(layer, true),
]);
