/** A run made up for tests: eight classes, 216 clips, answers drawn from a fixed stream of numbers. */
import type {
  ClassCurves,
  Epoch,
  Metrics,
  RunConfig,
  RunMetrics,
  RunReport,
} from "../../report/types.ts";

export const LABELS = [
  "neutral",
  "calm",
  "happy",
  "sad",
  "angry",
  "fearful",
  "disgust",
  "surprised",
];

/** Park and Miller's generator: the same numbers on every machine. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = state * 48271 % 2147483647) / 2147483647;
}

export interface SampleOptions {
  readonly labels?: readonly string[];
  /** Test clips of each class. */
  readonly support?: readonly number[];
  readonly synthetic?: boolean;
  readonly validation?: boolean;
  readonly epochs?: number;
}

export function sampleReport(options: SampleOptions = {}): RunReport {
  const { labels = LABELS, synthetic = false, validation = true, epochs = 28 } = options;
  const support = options.support ?? labels.map((_, i) => i === 0 ? 14 : 29);
  const random = numbers(7);
  const confusion = labels.map(() => labels.map(() => 0));
  support.forEach((n, actual) => {
    for (let k = 0; k < n; k++) {
      const right = random() < 0.6 + 0.35 * random();
      confusion[actual][right ? actual : Math.floor(random() * labels.length)]++;
    }
  });
  const n = support.reduce((sum, one) => sum + one, 0);
  const hits = confusion.reduce((sum, row, i) => sum + row[i], 0);
  const perClass = labels.map((label, i) => {
    const answered = confusion.reduce((sum, row) => sum + row[i], 0);
    const none = support[i] === 0;
    return {
      label,
      precision: answered === 0 ? null : confusion[i][i] / answered,
      recall: none ? null : confusion[i][i] / support[i],
      f1: answered + support[i] === 0 ? null : 2 * confusion[i][i] / (answered + support[i]),
      support: support[i],
      auc: none || support[i] === n ? null : 0.9 + 0.1 * random(),
    };
  });
  const mean = (values: (number | null)[]) => {
    const defined = values.filter((value) => value !== null);
    return defined.length === 0 ? null : defined.reduce((sum, v) => sum + v, 0) / defined.length;
  };
  const test: Metrics = {
    n,
    accuracy: n === 0 ? null : hits / n,
    ci95: n === 0 ? null : [Math.max(0, hits / n - 0.06), Math.min(1, hits / n + 0.05)],
    uar: mean(perClass.map(({ recall }) => recall)),
    macroF1: mean(perClass.map(({ f1 }) => f1)),
    auc: mean(perClass.map(({ auc }) => auc)),
    perClass,
    confusion,
  };
  const config: RunConfig = {
    version: 1,
    system: "cnn4",
    protocol: "random",
    split: "random by clip, 70/15/15, stratified by class, seed 42",
    seed: 42,
    fold: null,
    device: "CPU, 2 threads, SIMD",
    synthetic,
    paper: { accuracy: 0.7788, n: 217, ci95: [0.7191, 0.829] },
    data: synthetic ? null : "RAVDESS",
    skipBroken: false,
    recipe: {
      epochs: 50,
      batch: 64,
      learningRate: 0.001,
      weightDecay: 0.0001,
      clipNorm: 1,
      plateau: { factor: 0.5, patience: 3 },
      patience: 8,
      labelSmoothing: 0,
    },
    corpus: {
      name: synthetic ? "synthetic" : "RAVDESS",
      labels,
      clips: { train: 1008, validation: 216, test: n },
      notes: ["1,012 song files were left out"],
    },
    settings: {
      optimiser: "Adam",
      "learning rate": 0.001,
      "weight decay": 0.0001,
      batch: 64,
      "stops after": "8 epochs without a lower validation loss",
      image: "128×128 mel, dB",
    },
    started: "2026-01-31T17:45:00",
  };
  const metrics: RunMetrics = {
    system: config.system,
    protocol: config.protocol,
    seed: config.seed,
    fold: config.fold,
    device: config.device,
    synthetic,
    paper: 0.7788,
    test,
    validation: validation ? { n: 216, loss: 0.812, accuracy: 0.745 } : null,
    epochs,
    bestEpoch: validation ? Math.ceil(0.72 * epochs) : null,
    secondsPerEpoch: 7.12,
    seconds: 199.4,
    peakMemoryMB: 812.3,
  };
  const history = Array.from({ length: epochs }, (_, i): Epoch => ({
    epoch: i + 1,
    trainLoss: 2.05 * Math.exp(-i / 9) + 0.05 * random(),
    trainAccuracy: 1 - 0.86 * Math.exp(-i / 8) - 0.03 * random(),
    validationLoss: validation ? 0.75 + 1.3 * Math.exp(-i / 6) + 0.12 * random() : null,
    validationAccuracy: validation ? 0.76 - 0.6 * Math.exp(-i / 6) - 0.05 * random() : null,
    learningRate: 0.001,
    seconds: 7 + random(),
  }));
  return {
    config,
    history,
    metrics,
    curves: labels.map((label, i) => sampleCurves(label, support[i], n)),
  };
}

function sampleCurves(label: string, positives: number, n: number): ClassCurves {
  if (positives === 0 || positives === n) return { label, roc: null, precisionRecall: null };
  const random = numbers(11 + label.length * 7919 + positives);
  const clips = Array.from({ length: n }, (_, i) => ({
    own: i < positives,
    score: random() + (i < positives ? 0.75 * random() : 0),
  })).sort((a, b) => b.score - a.score);
  let [found, wrong] = [0, 0];
  const steps = clips.map(({ own }) => {
    if (own) found++;
    else wrong++;
    return { found, wrong };
  });
  return {
    label,
    roc: [
      { fpr: 0, tpr: 0 },
      ...steps.map((s) => ({ fpr: s.wrong / (n - positives), tpr: s.found / positives })),
    ],
    precisionRecall: [
      { recall: 0, precision: 1 },
      ...steps.map((s) => ({
        recall: s.found / positives,
        precision: s.found / (s.found + s.wrong),
      })),
    ],
  };
}
