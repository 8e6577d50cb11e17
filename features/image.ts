/**
 * The paper's picture of a clip (section 3.3.1): its mel spectrogram in decibels against its own maximum,
 * 128 bands by 128 columns, band 0 the lowest.
 * The paper says "resized to 128×128" and no more. The reading taken is torchvision's Resize: bilinear with
 * antialiasing (`torch.nn.functional.interpolate(mode="bilinear", align_corners=False, antialias=True)`);
 * bands are 128 already, so only time is resized. Normalising is the model's affair, from training clips.
 */
import { powerToDb } from "./decibels.ts";
import { BANDS, melSpectrogram } from "./mel.ts";
import type { SpectralKernels } from "./spectral.ts";

export const COLUMNS = 128;

/**
 * A clip's image in dB, 0 the loudest and −80 the least.
 *
 * @param samples [n] at SAMPLE_RATE
 * @returns [BANDS, COLUMNS]
 */
export async function melImage(
  samples: Float32Array,
  kernels: SpectralKernels,
): Promise<Float32Array<ArrayBuffer>> {
  const { frames, values } = await melSpectrogram(samples, kernels);
  return resizeTime(powerToDb(values, { ref: "max" }), frames);
}

/** [frames, BANDS] → [BANDS, COLUMNS] */
export function resizeTime(rows: Float32Array, frames: number): Float32Array<ArrayBuffer> {
  const step = frames / COLUMNS;
  const reach = Math.max(1, step); // of the triangle: wider than a frame only where frames are squeezed
  const image = new Float32Array(BANDS * COLUMNS);
  const column = new Float64Array(BANDS);
  for (let c = 0; c < COLUMNS; c++) {
    const centre = (c + 0.5) * step;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const last = Math.min(frames, Math.floor(centre + reach + 0.5));
    column.fill(0);
    let total = 0;
    for (let f = first; f < last; f++) {
      const weight = Math.max(0, 1 - Math.abs(f + 0.5 - centre) / reach);
      total += weight;
      for (let b = 0, at = f * BANDS; b < BANDS; b++, at++) column[b] += weight * rows[at];
    }
    for (let b = 0; b < BANDS; b++) image[b * COLUMNS + c] = column[b] / total;
  }
  return image;
}
