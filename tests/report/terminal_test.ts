import assert from "node:assert/strict";
import { evaluatedRun, evaluationTable, resultTable, wrap } from "../../report/terminal.ts";
import { duration, percent, protocolTitle } from "../../report/words.ts";
import { sampleReport } from "./sample.ts";

Deno.test("the result table holds the figures, the protocol, the paper's and the folder", () => {
  const report = sampleReport();
  const table = resultTable(report, "runs/x");
  const { test } = report.metrics;
  assert.match(table, /^cnn4 on RAVDESS: random split by clip, seed 42\n/);
  assert.ok(table.includes(`accuracy   ${percent(test.accuracy)}`));
  assert.match(table, /\([\d.]+ to [\d.]+ %, 95 % interval\) +n = 217 test clips/);
  assert.match(table, /UAR +\d\d\.\d %\n +macro F1 +0\.\d{3}\n +AUC +0\.\d{3}\n/);
  assert.match(table, /paper +77\.88 % +n = 217/);
  assert.match(table, /time +3 min 19 s for 28 epochs, at most 812 MB/);
  assert.match(table, /run +runs\/x$/);
  assert.doesNotMatch(table, /synthetic| $/im);
});

Deno.test("the result table says synthetic, and dashes what is not defined", () => {
  const report = sampleReport({ synthetic: true, labels: ["a", "b"], support: [0, 0] });
  const table = resultTable(report, "runs/x");
  assert.match(table, /^cnn4 on SYNTHETIC corpus/);
  assert.match(table, /no comparison/);
  assert.match(table, /accuracy +– +n = 0 test clips/);
  assert.doesNotMatch(table, /NaN|null|undefined/);
});

Deno.test("durations are told in the units that matter", () => {
  const cases: [number, string][] = [
    [0.841, "0.84 s"],
    [0.996, "1.0 s"],
    [9.96, "10 s"],
    [59.6, "1 min 00 s"],
    [199.4, "3 min 19 s"],
    [3599.7, "1 h 00 min"],
    [7500, "2 h 05 min"],
  ];
  for (const [seconds, words] of cases) assert.equal(duration(seconds), words);
});

Deno.test("a fold is named with its protocol", () => {
  assert.equal(protocolTitle({ protocol: "actors", fold: 2 }), "new speakers, fold 2");
});

Deno.test("wrapped lines are no longer than asked, unless one word is", () => {
  assert.deepEqual(wrap("one two three fourteen", 7, "  "), ["  one two", "  three", "  fourteen"]);
});

Deno.test("an evaluation tells the clips it was made on and each class's recall", () => {
  const { config, metrics } = sampleReport();
  const clips = "all clips of other";
  const real = evaluationTable(metrics.test, evaluatedRun(config, false), clips);
  assert.match(real, /^cnn4: all clips of other\n\n +accuracy +\d\d\.\d %/);
  const { recall } = metrics.test.perClass[7];
  assert.ok(real.includes(`${percent(recall)} of 29 clips`));
  assert.match(real, /^ {2}surprised +\d/m);
  assert.doesNotMatch(real, /synthetic|paper/i);
  const made = evaluationTable(metrics.test, evaluatedRun(config, true), clips);
  assert.match(made, /^cnn4, SYNTHETIC: all clips/);
});
