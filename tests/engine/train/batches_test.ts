import assert from "node:assert/strict";
import { Random } from "../../../engine/random.ts";
import { batchCount, drawBatches } from "../../../engine/train/batches.ts";

const draw = (n: number, batch: number, lengths?: Int32Array, seed = 1) =>
  drawBatches(n, { batch, lengths, random: Random.of(seed) });
const spread = (lengths: Int32Array, rows: Int32Array) => {
  const all = [...rows].map((r) => lengths[r]);
  return Math.max(...all) - Math.min(...all);
};

Deno.test("an epoch's batches hold every row once, but for a last batch of one", () => {
  for (const lengths of [undefined, Int32Array.from({ length: 100 }, (_, i) => i * 7 % 31)]) {
    for (const [n, left] of [[100, 0], [96, 0], [97, 1]]) {
      const rows = draw(n, 8, lengths).flatMap((batch) => [...batch]);
      assert.equal(rows.length, n - left);
      assert.equal(new Set(rows).size, n - left);
      assert.equal(draw(n, 8, lengths).length, batchCount(n, 8));
    }
  }
});

Deno.test("the same seed draws the same batches, another one others", () => {
  assert.deepEqual(draw(50, 8), draw(50, 8));
  assert.notDeepEqual(draw(50, 8), draw(50, 8, undefined, 2));
});

Deno.test("sequences of similar lengths come together, and long ones not always first", () => {
  const lengths = Int32Array.from({ length: 512 }, (_, i) => 1 + i * 37 % 512);
  const sorted = draw(512, 16, lengths);
  const mean = (batches: Int32Array[]) =>
    batches.reduce((s, b) => s + spread(lengths, b), 0) / batches.length;
  assert.ok(mean(sorted) < mean(draw(512, 16)) / 3);
  const longest = [1, 2, 3, 4].map((seed) =>
    draw(512, 16, lengths, seed).findIndex((b) => b.includes(lengths.indexOf(512)))
  );
  assert.ok(new Set(longest).size > 1);
});
