import assert from "node:assert/strict";
import {
  NEEDS_CHECKPOINT,
  protocolFigures,
  reproducedRow,
  type Reproduction,
  type RowFacts,
  type RunFigures,
} from "../../report/reproduction.ts";
import { reproductionHtml } from "../../report/reproduction_html.ts";
import { reproductionMarkdown } from "../../report/reproduction_markdown.ts";

function run(accuracy: number, of: Partial<RunFigures> = {}): RunFigures {
  const figures = { accuracy, uar: accuracy - 0.02, macroF1: accuracy - 0.03 };
  return {
    ...{ run: "r", seed: 42, fold: null, n: 200, epochs: 3, seconds: 9, device: "CPU" },
    ...figures,
    ...of,
  };
}

const FACTS: RowFacts = {
  name: "cnn4",
  title: "CNN-4 <b>|",
  paper: { accuracy: 0.7788, n: 217, ci95: null },
  open: "much",
  failed: [],
};

Deno.test("the spread over seeds is the sample deviation, and its interval that of one test set", () => {
  const figures = protocolFigures([run(0.7), run(0.8), run(0.75)], { protocol: "random", of: 3 })!;
  assert.ok(Math.abs(figures.accuracy.mean - 0.75) < 1e-12);
  assert.ok(Math.abs(figures.accuracy.sd! - 0.05) < 1e-12);
  assert.equal(figures.n, 200);
  const [low, high] = figures.ci95!;
  assert.ok(low > 0.68 && low < 0.69 && high > 0.8 && high < 0.81, `${low} ${high}`);
});

Deno.test("folds of different sizes weigh alike in the mean, and by their clips in the interval", () => {
  const folds = [run(0.4, { fold: 1, n: 300 }), run(0.6, { fold: 2, n: 100 })];
  const figures = protocolFigures(folds, { protocol: "actors", of: 5 })!;
  assert.equal(figures.accuracy.mean, 0.5);
  assert.equal(figures.n, 400);
  const [low, high] = figures.ci95!;
  assert.ok(low < 0.45 && 0.45 < high && high < 0.5, `${low} ${high}`);
  assert.equal(protocolFigures([], { protocol: "actors", of: 5 }), null);
  assert.equal(
    protocolFigures([run(0.4)], { protocol: "random", of: 3 })!.accuracy.sd,
    null,
  );
});

Deno.test("a row says whether it differs from the paper by more than chance, and what is open", () => {
  const says = (accuracy: number, comparable = true) =>
    reproducedRow(FACTS, {
      random: protocolFigures([run(accuracy)], { protocol: "random", of: 3 }),
      actors: protocolFigures([run(0.5, { fold: 1 })], { protocol: "actors", of: 5 }),
      comparable,
    }).says;
  assert.match(says(0.75), /^Agrees: 2\.9 points below the paper, where chance .* allows 8\.\d\./);
  assert.match(says(0.6), /^Differs: 17\.9 points below the paper, .*leaves open much\./);
  assert.match(says(0.95), /^Differs: 17\.1 points above/);
  assert.match(says(0.6), /not trained on it is 50\.0 %, 10\.0 points less\.$/);
  assert.equal(says(0.6, false), "Not compared.");
  const none = { random: null, actors: null, comparable: true };
  assert.equal(reproducedRow(FACTS, none).says, "Not run.");
  assert.equal(reproducedRow({ ...FACTS, open: null }, none).says, NEEDS_CHECKPOINT);
  const failed = reproducedRow({ ...FACTS, failed: ["cnn4-random-42"] }, none);
  assert.equal(failed.says, "The loss became infinite in cnn4-random-42. Not run.");
});

Deno.test("an addition to the training is measured fold by fold against the same network without it", () => {
  const folds = (...accuracies: number[]) =>
    protocolFigures(accuracies.map((a, i) => run(a, { fold: i + 1 })), {
      protocol: "actors",
      of: 5,
    })!;
  const says = (...accuracies: number[]) =>
    reproducedRow({ ...FACTS, paper: null }, {
      ...{ random: null, actors: folds(...accuracies), comparable: true },
      plain: { title: "CNN-4", actors: folds(0.5, 0.4, 0.6) },
    }).says;
  assert.equal(
    says(0.6, 0.45, 0.6),
    "The paper has no such row. By actor 5.0 ± 5.0 points above CNN-4 without it, fold by fold " +
      "(better in 2 of 3).",
  );
  assert.match(says(0.4), / 10\.0 points below CNN-4 .* \(better in 0 of 1\)\.$/);
});

Deno.test("both reports show every row, what is missing, and no name as markup", async () => {
  const random = protocolFigures([run(0.7), run(0.8, { seed: 43 })], { protocol: "random", of: 3 });
  const all: Reproduction = {
    ...{ version: 1, timbre: "9.9.9", inputs: { vector: 2 }, quick: false, synthetic: false },
    corpus: { name: "RAVDESS", clips: 1440 },
    devices: ["CPU, 2 threads"],
    date: "2026-01-31T17:45:00Z",
    rows: [reproducedRow(FACTS, { random, actors: null, comparable: true })],
  };
  const text = reproductionMarkdown(all);
  assert.match(
    text,
    /\| CNN-4 <b>\\\| \| 77\.88 % \(n = 217\) \| 75\.0 ± 7\.1 % \(2 of 3 seeds: 42, 43; n = 200\)/,
  );
  assert.match(text, /not run/);
  assert.match(text, /Timbre 9\.9\.9 \(features: vector 2\), 2026-01-31, 1440 clips, on CPU/);
  assert.doesNotMatch(text, /QUICK|SYNTHETIC/);
  const html = await reproductionHtml(all);
  assert.ok(html.includes("CNN-4 &lt;b&gt;|"));
  assert.doesNotMatch(html, /<b>\||<script|NaN|undefined/);
  assert.match(html, /<svg/);
});
