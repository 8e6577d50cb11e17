/** Attention of wav2vec 2.0 base: twelve heads of 64 over four seconds and thirty, with gradients. */
import { backward } from "../engine/autograd.ts";
import { attention } from "../engine/ops/attention.ts";
import { normal } from "../engine/ops/random_ops.ts";
import { Random } from "../engine/random.ts";
import type { BenchCase } from "./measure.ts";

const HEADS = 12, CHANNELS = 64;
/** Products of the backward pass beside the forward pass's two: five. */
const TRAINING = 3.5;

function attentionCase(frames: number, p: number, training: boolean): BenchCase {
  const flops = 4 * HEADS * CHANNELS * frames ** 2;
  return {
    name: training ? "attention-training" : "attention",
    size: `1x${frames}x${HEADS * CHANNELS}`,
    variant: p > 0 ? `dropout ${p}` : "default",
    flops: training ? TRAINING * flops : flops,
    prepare(device) {
      const random = Random.of(1, "attention");
      const shape = [1, frames, HEADS * CHANNELS];
      const make = () => device.keep(normal(device, shape, random));
      const [q, k, v, seed] = [make(), make(), make(), make()];
      for (const t of [q, k, v]) t.requiresGrad = training;
      const dropout = { p, random: Random.of(2, "attention") };
      return {
        run() {
          const out = attention(q, k, v, { heads: HEADS, dropout });
          if (!training) return;
          backward(out, seed);
          for (const t of [q, k, v]) {
            t.grad?.dispose();
            t.grad = null;
          }
        },
        dispose() {
          for (const t of [q, k, v, seed]) t.dispose();
        },
      };
    },
  };
}

export const cases: readonly BenchCase[] = ([[199, 0], [199, 0.1], [1500, 0]] as const)
  .flatMap(([frames, p]) => [attentionCase(frames, p, false), attentionCase(frames, p, true)]);
