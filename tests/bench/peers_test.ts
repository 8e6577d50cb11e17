/** What stands beside other programs: rows of our own files, and the lines that compare them. */
import assert from "node:assert/strict";
import type { EpochResults } from "../../bench/epoch.ts";
import { comparisonLines, ownRows } from "../../bench/peers/comparison.ts";
import { UserError } from "../../engine/mod.ts";

const epochs: EpochResults = {
  format: "timbre epochs 1",
  date: "2026-01-02T03:04:05Z",
  system: "cnn4",
  device: "a card",
  clips: 1008,
  batch: 64,
  precision: "f32",
  seconds: [9, 0.5, 0.25, 0.3],
};

Deno.test("an epoch is a row: the median of those after the first, by the name PyTorch's has", async () => {
  const [row, ...more] = ownRows(JSON.stringify(epochs), "epochs.json");
  assert.deepEqual(more, []);
  assert.deepEqual([row.name, row.size], ["epoch cnn4", "1008 clips, batch 64"]);
  assert.equal(row.seconds, 0.3);
  const script = await Deno.readTextFile("bench/peers/pytorch_networks.py");
  assert.ok(script.includes('"epoch cnn4", f"{CLIPS} clips, batch {BATCH}"'));
  assert.match(script, /CLIPS, VALIDATION = 1008, 216\b/);
  const lines = comparisonLines({
    device: row.device,
    peers: ["theirs"],
    rows: [{ ...row, peers: [{ ...row, seconds: 0.24 }] }],
  });
  assert.match(lines[2], /^epoch cnn4 1008 clips, batch 64 +300\.00 ms +240\.00 ms 0\.80x$/);
});

Deno.test("an epoch in f16 meets no row in f32, and one epoch is taken as it is", () => {
  const half = { ...epochs, precision: "f16" as const, seconds: [9] };
  const [row] = ownRows(JSON.stringify(half), "epochs.json");
  assert.deepEqual([row.variant, row.seconds], ["f16", 9]);
});

Deno.test("a bench's file keeps its rows, and any other file is refused", () => {
  const rows = [{ name: "matmul", size: "8x8x8", variant: "AT", seconds: 1 }];
  assert.deepEqual(ownRows(JSON.stringify({ format: "timbre bench 1", rows }), "b.json"), rows);
  assert.throws(() => ownRows("{}", "b.json"), UserError);
});
