/**
 * What a classifier's answers are worth: counts, rates and curves from true classes,
 * predicted classes and probabilities, with scikit-learn's definitions.
 * A value that the data leave undefined (the recall of a class nobody spoke) is null, never NaN,
 * and means are over the defined ones.
 */

export interface Answers {
  /** The true class of each clip. */
  readonly labels: ArrayLike<number>;
  /** The class taken for each clip. */
  readonly predictions: ArrayLike<number>;
  /** [n, classes], row by row; any scores that rank the clips of a class will do. */
  readonly probabilities: ArrayLike<number>;
  /** The names of the classes. */
  readonly classes: readonly string[];
}

export interface ClassMetrics {
  readonly label: string;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  /** Clips that truly are of this class. */
  readonly support: number;
  /** One against the rest. */
  readonly auc: number | null;
}

export interface Metrics {
  readonly n: number;
  readonly accuracy: number | null;
  /** Wilson's 95 % interval of the accuracy. */
  readonly ci95: readonly [lo: number, hi: number] | null;
  /** Unweighted average recall, over the classes that occur. */
  readonly uar: number | null;
  /** Over the classes that occur or were answered. */
  readonly macroF1: number | null;
  /** Unweighted mean of the one-versus-rest areas. */
  readonly auc: number | null;
  readonly perClass: readonly ClassMetrics[];
  /** [true class][predicted class], clips. */
  readonly confusion: readonly (readonly number[])[];
}

/** @throws RangeError if the arrays' lengths differ or a class is outside `classes` */
export function computeMetrics(answers: Answers): Metrics {
  const { labels, predictions, classes } = answers;
  check(answers);
  const n = labels.length;
  const confusion = classes.map(() => classes.map(() => 0));
  for (let i = 0; i < n; i++) confusion[labels[i]!]![predictions[i]!]!++;

  const perClass = classes.map((label, c): ClassMetrics => {
    const hits = confusion[c]![c]!;
    const support = sum(confusion[c]!);
    const answered = sum(confusion.map((row) => row[c]!));
    return {
      label,
      precision: ratio(hits, answered),
      recall: ratio(hits, support),
      f1: ratio(2 * hits, support + answered),
      support,
      auc: areaUnderRoc(answers, c),
    };
  });
  const hits = sum(classes.map((_, c) => confusion[c]![c]!));
  return {
    n,
    accuracy: ratio(hits, n),
    ci95: wilson95(hits, n),
    uar: meanOfDefined(perClass.map((c) => c.recall)),
    macroF1: meanOfDefined(perClass.map((c) => c.f1)),
    auc: meanOfDefined(perClass.map((c) => c.auc)),
    perClass,
    confusion,
  };
}

/** Wilson's 95 % score interval of `hits` of `n`; null for none at all. */
export function wilson95(hits: number, n: number): [lo: number, hi: number] | null {
  if (n === 0) return null;
  const z = 1.959963984540054;
  const rate = hits / n;
  const centre = rate + z * z / (2 * n);
  const spread = z * Math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n));
  const scale = 1 + z * z / n;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}

export interface RocPoint {
  readonly fpr: number;
  readonly tpr: number;
}

export interface PrecisionRecallPoint {
  readonly recall: number;
  readonly precision: number;
}

/**
 * The ROC curve of one class against the rest, from (0, 0) to (1, 1), without the points that
 * lie on a straight line between their neighbours (`roc_curve(drop_intermediate=True)`).
 * Null if no clip, or every clip, is of the class.
 */
export function rocCurve(answers: Answers, c: number): RocPoint[] | null {
  check(answers);
  const steps = sweep(answers, c);
  const { positives, negatives } = steps.at(-1)!;
  if (positives === 0 || negatives === 0) return null;
  const kept = steps.filter((step, i) => {
    const before = steps[i - 1]!;
    const after = steps[i + 1];
    // scikit-learn adds (0, 0) after thinning, so the first step always stays.
    return i <= 1 || after === undefined ||
      after.positives - step.positives !== step.positives - before.positives ||
      after.negatives - step.negatives !== step.negatives - before.negatives;
  });
  return kept.map((step) => ({ fpr: step.negatives / negatives, tpr: step.positives / positives }));
}

/**
 * Precision over recall for one class against the rest, by rising recall, from recall 0 with
 * precision 1 (`precision_recall_curve`, reversed). Null if no clip is of the class.
 */
export function precisionRecallCurve(answers: Answers, c: number): PrecisionRecallPoint[] | null {
  check(answers);
  const steps = sweep(answers, c);
  const all = steps.at(-1)!.positives;
  if (all === 0) return null;
  return steps.map(({ positives, negatives }, i) => ({
    recall: positives / all,
    precision: i === 0 ? 1 : positives / (positives + negatives),
  }));
}

/** One class's curves; null where the clips define none. */
export interface ClassCurves {
  readonly label: string;
  readonly roc: readonly RocPoint[] | null;
  readonly precisionRecall: readonly PrecisionRecallPoint[] | null;
}

/** Both curves of every class, in the order of the classes. */
export function classCurves(answers: Answers): ClassCurves[] {
  return answers.classes.map((label, c) => ({
    label,
    roc: rocCurve(answers, c),
    precisionRecall: precisionRecallCurve(answers, c),
  }));
}

/** The area under the ROC curve: ties count half, as the trapezoid rule has it. */
function areaUnderRoc(answers: Answers, c: number): number | null {
  const steps = sweep(answers, c);
  const { positives, negatives } = steps.at(-1)!;
  if (positives === 0 || negatives === 0) return null;
  let area = 0;
  for (let i = 1; i < steps.length; i++) {
    const width = steps[i]!.negatives - steps[i - 1]!.negatives;
    area += width * (steps[i]!.positives + steps[i - 1]!.positives) / 2;
  }
  return area / (positives * negatives);
}

/**
 * Clips accepted as class `c` while the threshold falls past every distinct score:
 * one entry a score, after one with none accepted.
 */
function sweep(answers: Answers, c: number): { positives: number; negatives: number }[] {
  const { labels, probabilities, classes } = answers;
  const score = (i: number) => probabilities[i * classes.length + c]!;
  const order = Array.from({ length: labels.length }, (_, i) => i)
    .sort((a, b) => score(b) - score(a));
  let positives = 0;
  let negatives = 0;
  const steps = [{ positives, negatives }];
  for (const [place, i] of order.entries()) {
    if (labels[i] === c) positives++;
    else negatives++;
    const next = order[place + 1];
    if (next === undefined || score(next) !== score(i)) steps.push({ positives, negatives });
  }
  return steps;
}

function check({ labels, predictions, probabilities, classes }: Answers): void {
  const n = labels.length;
  if (predictions.length !== n || probabilities.length !== n * classes.length) {
    throw new RangeError(
      `metrics: ${n} labels, ${predictions.length} predictions and ${probabilities.length} ` +
        `probabilities do not fit ${classes.length} classes`,
    );
  }
  for (let i = 0; i < n; i++) {
    for (const value of [labels[i]!, predictions[i]!]) {
      if (!Number.isInteger(value) || value < 0 || value >= classes.length) {
        throw new RangeError(`metrics: class ${value} of clip ${i} is not 0…${classes.length - 1}`);
      }
    }
  }
  for (let i = 0; i < probabilities.length; i++) {
    if (Number.isNaN(probabilities[i])) {
      throw new RangeError(`metrics: the probability at ${i} is not a number`);
    }
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function meanOfDefined(values: readonly (number | null)[]): number | null {
  const defined = values.filter((value) => value !== null);
  return ratio(sum(defined), defined.length);
}
