/**
 * The paper's augmentation of mel images (§3.3.1): a masked stretch of time, a masked stretch of
 * frequency, and Gaussian noise, drawn anew for every clip in every epoch.
 *
 * Where the paper leaves a choice open: it gives no strengths. One mask each, of a width drawn
 * evenly from none to `columns` (a fifth of the clip) and to `bands` (an eighth of the bands), well
 * inside what SpecAugment (Park et al. 2019) uses on longer recordings; masked places take 0, the
 * mean of the normalised training images; noise of a tenth of their deviation, about 2 dB.
 */
import type { LayerContext } from "../../engine/nn/layers.ts";
import { add, mul } from "../../engine/ops/elementwise.ts";
import { normal } from "../../engine/ops/random_ops.ts";
import type { Random } from "../../engine/random.ts";
import type { Tensor } from "../../engine/tensor.ts";

export interface MaskStrengths {
  /** Widest mask along time, in columns. */
  readonly columns: number;
  /** Widest mask along frequency, in bands. */
  readonly bands: number;
  /** Deviation of the noise, in deviations of the training images. */
  readonly noise: number;
}

export const MASK_STRENGTHS: MaskStrengths = { columns: 25, bands: 16, noise: 0.1 };

/** Masks and noise on `[N, bands, columns]`, drawn from the context's stream. */
export function masksAndNoise(
  { device, random }: LayerContext,
  strengths: MaskStrengths = MASK_STRENGTHS,
): (images: Tensor) => Tensor {
  return (images) =>
    device.noGrad(() =>
      device.scope(() => {
        const [n, bands, columns] = images.shape;
        const time = masks(n, { length: columns, widest: strengths.columns, random });
        const frequency = masks(n, { length: bands, widest: strengths.bands, random });
        const kept = mul(
          mul(images, device.tensor(time, [n, 1, columns])),
          device.tensor(frequency, [n, bands, 1]),
        );
        return add(kept, normal(device, images.shape, random, { deviation: strengths.noise }));
      })
    );
}

/** `[n, length]` of ones, each row with one run of zeros. */
export function masks(
  n: number,
  { length, widest, random }: { length: number; widest: number; random: Random },
): Float32Array {
  const rows = new Float32Array(n * length).fill(1);
  for (let i = 0; i < n; i++) {
    const width = random.below(Math.min(widest, length) + 1);
    const first = i * length + random.below(length - width + 1);
    rows.fill(0, first, first + width);
  }
  return rows;
}
