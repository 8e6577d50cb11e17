/**
 * Tonal centroids, librosa 0.11's `tonnetz` (Harte, Sandler and Gasser 2006): a frame's chroma as a point
 * in the circles of fifths, of minor thirds and of major thirds.
 */
import { CLASSES } from "./chroma.ts";
import { TINY } from "./stft.ts";

export const TONNETZ = 6;

const CIRCLES = [
  { step: 7 / 6, radius: 1 },
  { step: 3 / 2, radius: 1 },
  { step: 2 / 3, radius: 0.5 },
];

/** [TONNETZ, CLASSES]: sine and cosine in each circle */
const PLACES = CIRCLES.flatMap(({ step, radius }) =>
  [0.5, 0].map((back) =>
    Float64Array.from(
      { length: CLASSES },
      (_, c) => radius * Math.cos(Math.PI * (step * c - back)),
    )
  )
);

/**
 * `librosa.feature.tonnetz(chroma=chroma)`, transposed.
 *
 * @param chroma [frames, CLASSES]
 * @returns [frames, TONNETZ], each −1 to 1 (thirds −0.5 to 0.5): fifths x, y, minor x, y, major x, y
 */
export function tonnetz(chroma: Float32Array): Float32Array {
  const out = new Float32Array((chroma.length / CLASSES) * TONNETZ);
  for (let from = 0, to = 0; from < chroma.length; from += CLASSES, to += TONNETZ) {
    let total = 0;
    for (let c = 0; c < CLASSES; c++) total += chroma[from + c];
    if (total < TINY) continue;
    for (let p = 0; p < TONNETZ; p++) {
      let sum = 0;
      for (let c = 0; c < CLASSES; c++) sum += PLACES[p][c] * chroma[from + c];
      out[to + p] = sum / total;
    }
  }
  return out;
}
