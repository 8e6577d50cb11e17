import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../../engine/error.ts";
import {
  historyCsv,
  parseConfig,
  parseCurves,
  parseHistory,
  parseMetrics,
  prettyJson,
} from "../../report/run_files.ts";
import { sampleReport } from "./sample.ts";

const report = sampleReport({ labels: ["a", "b"], support: [3, 2], epochs: 2 });

Deno.test("metrics are written under the names other programs rely on", () => {
  const metrics = JSON.parse(prettyJson(report.metrics));
  for (
    const name of [
      "system",
      "protocol",
      "seed",
      "fold",
      "device",
      "synthetic",
      "paper",
      "test",
      "validation",
      "epochs",
      "secondsPerEpoch",
      "seconds",
      "peakMemoryMB",
    ]
  ) assert.ok(name in metrics, name);
  assert.deepEqual(
    Object.keys(metrics.test).sort(),
    ["accuracy", "auc", "ci95", "confusion", "macroF1", "n", "perClass", "uar"],
  );
  assert.deepEqual(
    Object.keys(metrics.test.perClass[0]).sort(),
    ["auc", "f1", "label", "precision", "recall", "support"],
  );
});

Deno.test("pretty JSON is the same value, its lists of plain values on one line", () => {
  assert.match(prettyJson({ confusion: [[1, 2], [3, 4]] }), /^ {4}\[1, 2\],$/m);
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    assert.deepEqual(JSON.parse(prettyJson(value)), JSON.parse(JSON.stringify(value)));
  }));
});

Deno.test("history is one line an epoch, with what is not known left empty", () => {
  const [epoch] = sampleReport({ validation: false }).history;
  const csv = historyCsv([{ ...epoch, trainLoss: 2.5, trainAccuracy: 0.25, seconds: null }]);
  assert.equal(
    csv,
    "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,learning_rate,seconds\n" +
      "1,2.5,0.25,,,0.001,\n",
  );
  assert.deepEqual(parseHistory(historyCsv(report.history), "history.csv"), report.history);
  assert.deepEqual(parseHistory(historyCsv([]), "history.csv"), []);
});

function refused(read: () => unknown, message: RegExp): void {
  assert.throws(read, (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("a damaged file is refused, naming the first field that is wrong", () => {
  const metrics = report.metrics;
  const read = (value: unknown) => () => parseMetrics(JSON.stringify(value), "metrics.json");
  refused(() => parseMetrics("{", "metrics.json"), /^metrics\.json: not valid JSON/);
  refused(read([]), /^metrics\.json should be an object, but is \[\]/);
  refused(read({ ...metrics, seed: "42" }), /^metrics\.json\.seed should be a whole number/);
  refused(read({ ...metrics, protocol: "loud" }), /protocol should be random or actors or state/);
  const test = (change: object) => read({ ...metrics, test: { ...metrics.test, ...change } });
  refused(test({ accuracy: 1.5 }), /test\.accuracy should be a number in 0 to 1, but is 1\.5/);
  refused(test({ ci95: [0.1] }), /test\.ci95 should be a pair/);
  refused(test({ confusion: [[1, 2]] }), /test\.confusion should be 2×2/);
  refused(test({ perClass: [{ label: "<b>" }] }), /perClass\[0\]\.precision should be/);
  refused(
    () => parseConfig(JSON.stringify({ ...report.config, version: 2 }), "config.json"),
    /config\.json\.version should be 1, but is 2/,
  );
  refused(
    () => parseConfig(JSON.stringify({ ...report.config, settings: { a: {} } }), "config.json"),
    /settings\.a should be/,
  );
  refused(() => parseCurves('[{"label":"a"}]', "curves.json"), /curves\.json\[0\]\.roc should be/);
  refused(() => parseHistory("epoch\n1\n", "history.csv"), /the first line should be epoch,/);
  const heading = historyCsv([]);
  refused(() => parseHistory(`${heading}1,2\n`, "history.csv"), /line 2 is not 7 numbers/);
  refused(() => parseHistory(`${heading}1,x,,,,,\n`, "history.csv"), /line 2/);
  refused(() => parseHistory(`${heading},1,,,,,\n`, "history.csv"), /line 2/);
});

Deno.test("fields of a later version are kept", () => {
  const json = JSON.stringify({ ...report.config, mood: "good" });
  assert.equal((parseConfig(json, "config.json") as unknown as { mood: string }).mood, "good");
});
