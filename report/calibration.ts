/**
 * Whether a network's confidence means what it says. One temperature, fitted on validation clips,
 * divides all logits (Guo et al. 2017): it changes no answer, only how sure it sounds. The expected
 * calibration error says how far confidence and hits lie apart; a threshold, chosen on the same
 * clips, says when it had better answer "unsure".
 */

/** How answers are to be taken; it travels with the model. */
export interface Calibration {
  /** Logits are divided by it. */
  readonly temperature: number;
  /** Answers of less confidence are "unsure", 0 to 1. */
  readonly unsureBelow: number;
}

/** Numbers of a network on labelled clips. */
interface Judged {
  /** `[n, classes]`. */
  readonly logits: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

const LIMITS = [1 / 50, 50] as const;

/**
 * The temperature with the least negative log-likelihood, within 1/50 … 50; 1 for no clips. The
 * likelihood is concave in 1/temperature, so its slope is bisected.
 */
export function fitTemperature({ logits, labels }: Judged): number {
  if (labels.length === 0) return 1;
  let [low, high] = LIMITS.map((t) => -Math.log(t)).reverse(); // logarithms of 1/temperature
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (slope(logits, labels, Math.exp(middle)) > 0) high = middle;
    else low = middle;
  }
  return Math.exp(-(low + high) / 2);
}

/** Of the summed negative log-likelihood, by the factor of all logits: Σ (Σ pₖ zₖ − z of the label). */
function slope(logits: ArrayLike<number>, labels: ArrayLike<number>, factor: number): number {
  const classes = logits.length / labels.length;
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    const z = (k: number) => logits[i * classes + k];
    let top = -Infinity;
    for (let k = 0; k < classes; k++) top = Math.max(top, z(k));
    let weights = 0;
    let mean = 0;
    for (let k = 0; k < classes; k++) {
      const weight = Math.exp(factor * (z(k) - top));
      weights += weight;
      mean += weight * z(k);
    }
    total += mean / weights - z(labels[i]);
  }
  return total;
}

/** An answer's probability and whether it was right. */
interface Answered {
  readonly confidence: number;
  readonly right: boolean;
}

/** Each clip's likeliest class. */
export function answered(probabilities: ArrayLike<number>, labels: ArrayLike<number>): Answered[] {
  const classes = probabilities.length / labels.length;
  return Array.from({ length: labels.length }, (_, i) => {
    let best = 0;
    for (let k = 1; k < classes; k++) {
      if (probabilities[i * classes + k] > probabilities[i * classes + best]) best = k;
    }
    return { confidence: probabilities[i * classes + best], right: best === labels[i] };
  });
}

const BINS = 15;

/**
 * Expected calibration error: the distance between mean confidence and share of hits, over 15 bins of
 * equal width, each weighted by its clips. Null for no clips.
 */
export function calibrationError(answers: readonly Answered[]): number | null {
  if (answers.length === 0) return null;
  const gaps = new Float64Array(BINS);
  for (const { confidence, right } of answers) {
    const bin = Math.min(BINS - 1, Math.floor(confidence * BINS));
    gaps[bin] += confidence - Number(right);
  }
  return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / answers.length;
}

/**
 * The confidence below which "unsure" is the better answer, where a wrong answer and an "unsure" in
 * place of a right one cost the same: no other threshold has fewer of both together. 0 where every
 * answer had better be given.
 */
export function unsureBelow(answers: readonly Answered[]): number {
  const rising = answers.toSorted((a, b) => a.confidence - b.confidence);
  let cost = 0; // of being unsure so far: right answers withheld less wrong ones spared
  let least = 0;
  let threshold = 0;
  rising.forEach(({ confidence, right }, i) => {
    cost += right ? 1 : -1;
    const next = rising[i + 1]?.confidence ?? 1;
    if (cost < least && next > confidence) {
      least = cost;
      threshold = next;
    }
  });
  return threshold;
}
