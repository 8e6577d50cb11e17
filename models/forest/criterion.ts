/**
 * Impurity of a node, as scikit-learn computes it, to the order of the additions: two splits that
 * are equally good must come out equal in every bit, for then the one that was met first wins.
 */

/** Which impurity a tree lowers. */
export type Criterion = "gini" | "entropy";

export const CRITERIA: readonly Criterion[] = ["gini", "entropy"];

/** Impurity of weighted class counts: `counts` [K] and their sum. */
export type Impurity = (counts: Float64Array, weight: number) => number;

/** 1 - Σ p², the chance that two draws differ in class. */
function gini(counts: Float64Array, weight: number): number {
  let squares = 0;
  for (let c = 0; c < counts.length; c++) squares += counts[c] * counts[c];
  return 1 - squares / (weight * weight);
}

/** -Σ p log2 p, in bits. */
function entropy(counts: Float64Array, weight: number): number {
  let bits = 0;
  for (let c = 0; c < counts.length; c++) {
    if (counts[c] > 0) {
      const share = counts[c] / weight;
      bits -= share * (Math.log(share) / Math.LN2);
    }
  }
  return bits;
}

export const IMPURITY: Readonly<Record<Criterion, Impurity>> = { gini, entropy };

/**
 * k log2 k for k = 0 … max: the entropy of whole counts is a sum of these, which moving one row
 * from right to left changes in four places only.
 */
export function timesLog(max: number): Float64Array {
  const table = new Float64Array(max + 1);
  for (let k = 2; k <= max; k++) table[k] = k * Math.log2(k);
  return table;
}
