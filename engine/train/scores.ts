/** Scores from logits, on the host in float64. */

export interface Scores {
  /** Mean cross-entropy. */
  readonly loss: number;
  /** Share of right answers. */
  readonly accuracy: number;
}

/** Softmax over the last axis of `[n, classes]`. */
export function softmaxRows(logits: Float32Array, classes: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let at = 0; at < logits.length; at += classes) {
    const row = logits.subarray(at, at + classes);
    const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
    let total = 0;
    for (const v of row) total += Math.exp(v - top);
    for (let c = 0; c < classes; c++) out[at + c] = Math.exp(row[c] - top) / total;
  }
  return out;
}

/** Index of the largest value in each row of `[n, classes]`; the first at a tie. */
export function argmaxRows(values: Float32Array, classes: number): Int32Array {
  const out = new Int32Array(values.length / classes);
  for (let i = 0; i < out.length; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if (values[i * classes + c] > values[i * classes + best]) best = c;
    }
    out[i] = best;
  }
  return out;
}

/** Mean cross-entropy (without smoothing) and accuracy of logits `[n, classes]`. */
export function scoreLogits(logits: Float32Array, labels: Int32Array): Scores {
  const n = labels.length;
  const classes = logits.length / n;
  const guesses = argmaxRows(logits, classes);
  let loss = 0;
  let hits = 0;
  for (let i = 0; i < n; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
    let total = 0;
    for (const v of row) total += Math.exp(v - top);
    loss += top + Math.log(total) - row[labels[i]];
    if (guesses[i] === labels[i]) hits++;
  }
  return { loss: loss / n, accuracy: hits / n };
}
