/** How wrong a result is, from some of its elements recomputed in float64. */

const SAMPLES = 64;

/** Elements spread over a result, all of a small one. */
export function spread(length: number, samples: number = SAMPLES): number[] {
  const count = Math.min(samples, length);
  return Array.from({ length: count }, (_, s) => Math.floor((s + 0.5) / count * length));
}

/**
 * Largest error of `actual` at those elements, relative to the largest magnitude of what is `right` there, or
 * absolute where all of that is 0. What is not a finite number counts as the largest there is, for JSON knows
 * no infinity.
 */
export function sampledError(
  actual: ArrayLike<number>,
  right: (i: number) => number,
  elements: readonly number[] = spread(actual.length),
): number {
  let error = 0, scale = 0;
  for (const i of elements) {
    const value = right(i);
    const off = Math.abs(actual[i] - value);
    error = Math.max(error, Number.isFinite(off) ? off : Number.MAX_VALUE);
    scale = Math.max(scale, Math.abs(value));
  }
  return scale === 0 ? error : Math.min(error / scale, Number.MAX_VALUE);
}
