/** Temperature, calibration error and threshold against cases that can be worked out by hand. */
import assert from "node:assert/strict";
import {
  answered,
  calibrationError,
  fitTemperature,
  unsureBelow,
} from "../../report/calibration.ts";

const sure = (confidence: number, right: boolean) => ({ confidence, right });

Deno.test("the temperature makes confidence equal to the share of hits", () => {
  // Two classes, logits ±2: three of four right, so the best odds are 3 to 1.
  const logits = [2, -2, 2, -2, 2, -2, 2, -2];
  const labels = [0, 0, 0, 1];
  const temperature = fitTemperature({ logits, labels });
  assert.ok(Math.abs(4 / temperature - Math.log(3)) < 1e-9, `${temperature}`);
});

Deno.test("logits made ten times as large want a temperature ten times as high", () => {
  const logits = [1, 0.2, -1, 0.3, 0.9, 0.1, -0.4, 0.8, 0.5, 0.7, 0.1, 0.2];
  const labels = [0, 1, 2, 0];
  const once = fitTemperature({ logits, labels });
  const tenfold = fitTemperature({ logits: logits.map((z) => 10 * z), labels });
  assert.ok(Math.abs(tenfold / once - 10) < 1e-6, `${once} and ${tenfold}`);
});

Deno.test("a network that is always right, and no clips at all, have a finite temperature", () => {
  assert.ok(fitTemperature({ logits: [5, 0, 0, 5], labels: [0, 1] }) >= 1 / 50);
  assert.equal(fitTemperature({ logits: [], labels: [] }), 1);
});

Deno.test("the calibration error weighs each bin's distance by its clips", () => {
  // Three at 0.9 of which two are right, one at 0.5 that is wrong.
  const answers = [sure(0.9, true), sure(0.9, true), sure(0.9, false), sure(0.5, false)];
  const expected = 3 / 4 * (0.9 - 2 / 3) + 1 / 4 * 0.5;
  assert.ok(Math.abs(calibrationError(answers)! - expected) < 1e-12);
  assert.equal(calibrationError([sure(1, true), sure(1, true)]), 0);
  assert.equal(calibrationError([]), null);
});

Deno.test("unsure is said where it spares more wrong answers than it withholds right ones", () => {
  const answers = [
    ...[sure(0.2, false), sure(0.3, true), sure(0.4, false), sure(0.45, false)],
    ...[sure(0.6, true), sure(0.7, false), sure(0.9, true)],
  ];
  assert.equal(unsureBelow(answers), 0.6);
  assert.equal(unsureBelow(answers.toReversed()), 0.6);
  assert.equal(unsureBelow([sure(0.4, true), sure(0.5, true)]), 0);
  assert.equal(unsureBelow([sure(0.4, false), sure(0.5, false)]), 1);
  assert.equal(unsureBelow([sure(0.4, false), sure(0.4, true), sure(0.4, true)]), 0);
  assert.equal(unsureBelow([]), 0);
});

Deno.test("the answer is the likeliest class", () => {
  const given = answered([0.2, 0.8, 0.7, 0.3], [1, 1]);
  assert.deepEqual(given, [sure(0.8, true), sure(0.7, false)]);
});
