/** Metrics against scikit-learn's, and the values that have no meaning, which must be null. */

import assert from "node:assert/strict";
import {
  type Answers,
  computeMetrics,
  precisionRecallCurve,
  rocCurve,
} from "../../report/metrics.ts";
import golden from "../goldens/metrics.json" with { type: "json" };

function answersOf(c: typeof golden[number]): Answers {
  return {
    labels: c.labels,
    predictions: c.predictions,
    probabilities: Float32Array.from(c.votes, (votes) => votes / 64),
    classes: Array.from({ length: c.classes }, (_, i) => `class ${i}`),
  };
}

function close(actual: number | null, expected: number, what: string): void {
  assert.ok(
    actual !== null && Math.abs(actual - expected) < 1e-12,
    `${what}: ${actual} ≠ ${expected}`,
  );
}

Deno.test("metrics equal scikit-learn's, ties among the scores included", () => {
  for (const expected of golden) {
    const metrics = computeMetrics(answersOf(expected));
    assert.equal(metrics.n, expected.labels.length);
    for (const key of ["accuracy", "uar", "macroF1", "auc"] as const) {
      close(metrics[key], expected[key], key);
    }
    assert.deepEqual(metrics.confusion, expected.confusion);
    metrics.ci95!.forEach((bound, i) => close(bound, expected.ci95[i]!, `ci95[${i}]`));
    for (const [c, of] of metrics.perClass.entries()) {
      assert.equal(of.support, expected.support[c]);
      close(of.recall, expected.recall[c]!, "recall");
      close(of.f1, expected.f1[c]!, "f1");
      close(of.auc, expected.perClassAuc[c]!, "auc of a class");
      const answered = expected.predictions.includes(c);
      if (answered) close(of.precision, expected.precision[c]!, "precision");
      else assert.equal(of.precision, null);
    }
  }
});

Deno.test("ROC and precision-recall curves equal scikit-learn's", () => {
  for (const expected of golden) {
    for (let c = 0; c < expected.classes; c++) {
      const [fpr, tpr] = expected.roc[c]!;
      const roc = rocCurve(answersOf(expected), c)!;
      assert.deepEqual(roc.map((point) => point.fpr), fpr);
      assert.deepEqual(roc.map((point) => point.tpr), tpr);
      const [recall, precision] = expected.pr[c]!;
      const pr = precisionRecallCurve(answersOf(expected), c)!;
      assert.deepEqual(pr.map((point) => point.recall), recall);
      assert.deepEqual(pr.map((point) => point.precision), precision);
    }
  }
});

Deno.test("a class without clips gives null, and means leave it out", () => {
  const answers: Answers = {
    labels: [0, 0, 1],
    predictions: [0, 1, 1],
    probabilities: [0.9, 0.1, 0, 0.4, 0.6, 0, 0.2, 0.8, 0],
    classes: ["a", "b", "absent"],
  };
  const metrics = computeMetrics(answers);
  const absent = {
    label: "absent",
    precision: null,
    recall: null,
    f1: null,
    support: 0,
    auc: null,
  };
  assert.deepEqual(metrics.perClass[2], absent);
  assert.equal(metrics.uar, 0.75);
  close(metrics.macroF1, 2 / 3, "macroF1");
  assert.equal(metrics.auc, 1);
  assert.equal(rocCurve(answers, 2), null);
  assert.equal(precisionRecallCurve(answers, 2), null);
});

Deno.test("a single true class leaves every area undefined", () => {
  const metrics = computeMetrics({
    labels: [0, 0],
    predictions: [0, 1],
    probabilities: [0.7, 0.3, 0.4, 0.6],
    classes: ["a", "b"],
  });
  assert.equal(metrics.auc, null);
  assert.equal(metrics.accuracy, 0.5);
  assert.equal(metrics.perClass[1]!.f1, 0, "answered, wrongly: 0, not undefined");
});

Deno.test("no clips at all: counts are zero and every rate is null", () => {
  const metrics = computeMetrics({
    labels: [],
    predictions: [],
    probabilities: [],
    classes: ["a"],
  });
  const { n, accuracy, ci95, uar, macroF1, auc } = metrics;
  assert.deepEqual({ n, accuracy, ci95, uar, macroF1, auc }, {
    n: 0,
    accuracy: null,
    ci95: null,
    uar: null,
    macroF1: null,
    auc: null,
  });
});

Deno.test("every answer right: accuracy 1 and an interval that stays inside [0, 1]", () => {
  const { accuracy, ci95 } = computeMetrics({
    labels: [0, 1, 1],
    predictions: [0, 1, 1],
    probabilities: [1, 0, 0, 1, 0, 1],
    classes: ["a", "b"],
  });
  assert.equal(accuracy, 1);
  assert.equal(ci95![1], 1);
  assert.ok(ci95![0] > 0.3 && ci95![0] < 0.5);
});

Deno.test("arrays that do not fit together are refused with their sizes", () => {
  const answers = {
    labels: [0, 1],
    predictions: [0],
    probabilities: [1, 0, 0, 1],
    classes: ["a", "b"],
  };
  assert.throws(() => computeMetrics(answers), /2 labels, 1 predictions and 4 probabilities/);
  assert.throws(() => computeMetrics({ ...answers, predictions: [0, 2] }), /class 2 of clip 1/);
  assert.throws(
    () => computeMetrics({ ...answers, predictions: [0, 1], probabilities: [1, 0, NaN, 1] }),
    /probability at 2/,
  );
});
