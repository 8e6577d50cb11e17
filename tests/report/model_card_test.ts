/** The model card: every figure is one of its facts, and the one that is shipped is made of its own. */
import assert from "node:assert/strict";
import { type CardFacts, modelCard } from "../../report/model_card.ts";

const FACTS: CardFacts = {
  labels: ["calm", "angry"],
  licence: "for nobody",
  clips: 1440,
  folds: [
    { seed: 1, fold: 1, n: 300, hits: 150, uar: 0.5 },
    { seed: 1, fold: 2, n: 100, hits: 75, uar: 0.7 },
    { seed: 2, fold: 1, n: 300, hits: 211, uar: 0.6 },
    { seed: 2, fold: 2, n: 100, hits: 75, uar: 0.8 },
  ],
  calibration: { temperature: 1.234, unsureBelow: 0.4 },
  calibrated: [
    { error: { before: 0.1, after: 0.02 }, sure: { share: 0.9, accuracy: 0.8 } },
    { error: { before: 0.2, after: 0.04 }, sure: { share: 0.8, accuracy: 0.7 } },
  ],
  robustness: [[
    { name: "clean", n: 9, accuracy: 0.75, uar: 0.7, ci95: null },
    { name: "noise", n: 9, accuracy: 0.25, uar: 0.2, ci95: null },
  ]],
  command: "deno task train",
  device: "CPU",
  version: "9.9.9",
  seconds: 61,
  parameters: 1234,
  bytes: 5678,
  settings: { batch: 32, "input scaled": "no" },
  examples: [],
  recordings: {},
};

Deno.test("the card says its facts, pooled over folds and spread over seeds", () => {
  const card = modelCard(FACTS);
  assert.doesNotMatch(card, /\{\{|undefined|NaN/);
  const said = [
    "| seed 1 | 50.0 %; 50.0 % | 75.0 %; 70.0 % | 62.5 ± 17.7 %; 60.0 ± 14.1 % |",
    "accuracy 63.9 ± 10.8 %", // 225 and 286 of 400
    "from 15.0 % to 3.0 %",
    "| noise | 25.0 % | 20.0 % |",
    "| batch | 32 |",
    "1,234 parameters",
  ];
  const text = card.replaceAll(/(?<!\|)\n(?!\|)/g, " ");
  for (const words of said) assert.ok(text.includes(words), words);
});

Deno.test("a seed that lacks a fold stands in the table and not in the mean", () => {
  const card = modelCard({ ...FACTS, folds: FACTS.folds.slice(0, 3) });
  assert.match(card, /\| seed 2 \| 70\.3 %; 60\.0 % \| not run \|/);
  const text = card.replaceAll("\n", " ");
  assert.ok(text.includes("accuracy 56.3 %"), text); // 225 of 400
  assert.ok(text.includes("(one seed's 400 clips)"), text);
});

Deno.test("what was not measured is said so", () => {
  assert.match(modelCard({ ...FACTS, robustness: [] }), /Not measured/);
});
