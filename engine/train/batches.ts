/** How the rows of an epoch are put into batches. */
import type { Random } from "../random.ts";

/** Batches whose rows are sorted by length together: enough for little padding, few enough to stay mixed. */
const POOL = 8;

/** Batches of an epoch over `n` rows. A last batch of a single row is left out: it has no variance. */
export function batchCount(n: number, batch: number): number {
  return Math.max(1, Math.floor(n / batch) + (n % batch > 1 ? 1 : 0));
}

/**
 * All rows in an order drawn from `random`, cut into batches. Sequences of similar lengths come
 * together: the shuffled rows are sorted by length pool by pool, and the batches shuffled again.
 */
export function drawBatches(
  n: number,
  { batch, lengths, random }: {
    readonly batch: number;
    readonly lengths?: Int32Array;
    readonly random: Random;
  },
): Int32Array[] {
  const order = random.permutation(n);
  const count = batchCount(n, batch);
  const cut = (rows: Int32Array) =>
    Array.from({ length: count }, (_, i) => rows.subarray(i * batch, (i + 1) * batch));
  if (!lengths) return cut(order);
  for (let start = 0; start < n; start += POOL * batch) {
    order.subarray(start, start + POOL * batch).sort((a, b) => lengths[a] - lengths[b]);
  }
  const batches = cut(order);
  return Array.from(random.permutation(count), (i) => batches[i]);
}
