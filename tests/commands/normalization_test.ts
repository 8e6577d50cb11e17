import assert from "node:assert/strict";
import { fitNormalization, normalizeRows } from "../../commands/model/normalization.ts";

// Four clips of three features; the last clip is no training clip, the last feature constant.
const training = [[1, 10, 5], [3, 30, 5], [5, 20, 5]].map((row) => Float32Array.from(row));
const other = Float32Array.of(100, -100, 7);

Deno.test("min-max brings each feature of the training clips to 0…1, others may go beyond", () => {
  const fitted = fitNormalization({ input: "vector", normalization: "min-max" }, training);
  assert.deepEqual(
    normalizeRows(fitted, [...training, other]).map((row) => [...row]),
    [[0, 0, 0], [0.5, 1, 0], [1, 0.5, 0], [24.75, -5.5, 2]],
  );
});

Deno.test("standardizing brings each feature of the training clips to mean 0 and deviation 1", () => {
  const fitted = fitNormalization({ input: "vector", normalization: "standardize" }, training);
  const rows = normalizeRows(fitted, training);
  for (const feature of [0, 1]) {
    const column = [0, 1, 2].map((r) => rows[r][feature]);
    const mean = column.reduce((s, v) => s + v) / 3;
    const variance = column.reduce((s, v) => s + (v - mean) ** 2, 0) / 3;
    assert.ok(Math.abs(mean) < 1e-6 && Math.abs(variance - 1) < 1e-6);
  }
  assert.deepEqual(rows.map((row) => row[2]), [0, 0, 0]);
});

Deno.test("an image has one offset and one scale", () => {
  for (const normalization of ["standardize", "min-max"] as const) {
    const { offset, scale } = fitNormalization({ input: "mel-image", normalization }, training);
    assert.deepEqual([offset.length, scale.length], [1, 1]);
  }
});

Deno.test("what is not to be scaled stays as it is", () => {
  const fitted = fitNormalization({ input: "waveform", normalization: "none" }, training);
  assert.deepEqual(normalizeRows(fitted, [...training, other]), [...training, other]);
});
