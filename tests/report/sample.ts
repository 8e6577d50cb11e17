/** A run made up for tests: eight classes, 216 clips, answers drawn from a fixed stream of numbers. */
import { type Answers, classCurves, computeMetrics } from "../../report/metrics.ts";
import type { Epoch, RunConfig, RunMetrics, RunReport } from "../../report/types.ts";

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
  const answers = sampleAnswers(labels, support, random);
  const test = computeMetrics(answers);
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
      clips: { train: 1008, validation: 216, test: test.n },
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
  return { config, history, metrics, curves: classCurves(answers) };
}

/** Scores that favour the true class, more or less: about four of five clips come out right. */
function sampleAnswers(
  classes: readonly string[],
  support: readonly number[],
  random: () => number,
): Answers {
  const actual = support.flatMap((n, c) => Array.from({ length: n }, () => c));
  const rows = actual.map((c) => {
    const scores = classes.map((_, k) => Math.exp(3 * random() + (k === c ? 2 : 0)));
    const total = scores.reduce((sum, score) => sum + score, 0);
    return scores.map((score) => score / total);
  });
  return {
    labels: actual,
    predictions: rows.map((row) => row.indexOf(Math.max(...row))),
    probabilities: rows.flat(),
    classes,
  };
}
