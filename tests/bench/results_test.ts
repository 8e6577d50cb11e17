/** What bench says of its figures: quartiles, shares of the peaks, changes against an older file, the page. */
import assert from "node:assert/strict";
import { benchPage, rooflineChart } from "../../bench/html.ts";
import { quantile } from "../../bench/measure.ts";
import { type BenchRow, type Peaks, shareOfPeak } from "../../bench/row.ts";
import { type BenchResults, changeLines, compareRows, parseResults } from "../../bench/results.ts";
import { beyondPeakText, RowTable, timeText } from "../../bench/table.ts";
import { UserError } from "../../engine/mod.ts";

function row(seconds: number, low: number, high: number, more: Partial<BenchRow> = {}): BenchRow {
  return {
    name: "matmul",
    size: "8x8x8",
    device: "CPU, 1 thread",
    variant: "default",
    clock: "wall",
    seconds,
    low,
    high,
    runs: 9,
    error: null,
    ...more,
  };
}

const peaks: Peaks = { device: "CPU, 1 thread", gflops: 100, gbps: 10, timestamps: false };

Deno.test("a quantile lies between neighbours by proportion", () => {
  const values = [40, 10, 30, 20];
  assert.deepEqual([0, 0.25, 0.5, 1].map((q) => quantile(values, q)), [10, 17.5, 25, 40]);
  assert.equal(quantile([7], 0.75), 7);
});

Deno.test("a kernel is held against the limit it is nearer to", () => {
  assert.equal(shareOfPeak(peaks, { gflops: 50, gbps: 1 }), 0.5);
  assert.equal(shareOfPeak(peaks, { gflops: 5, gbps: 8 }), 0.8);
  assert.equal(shareOfPeak(peaks, { gbps: 4 }), 0.4);
  assert.equal(shareOfPeak(peaks, {}), undefined);
});

Deno.test("a change counts only where the middle halves of both runs do not meet", () => {
  const old = [
    row(1, 0.9, 1.1),
    row(1, 0.9, 1.1, { variant: "AT" }),
    row(1, 0.9, 1.1, { size: "1" }),
    row(1, 1, 1, { size: "long", runs: 1 }),
  ];
  const now = [
    row(0.8, 0.7, 0.89),
    row(1.2, 1.05, 1.4, { variant: "AT" }),
    row(1.5, 1.4, 1.6, { size: "1" }),
    row(1, 1, 1, { size: "new" }),
    row(2, 2, 2, { size: "long", runs: 1 }),
  ];
  const changes = compareRows(now, old);
  assert.deepEqual(changes.map((c) => c.verdict), [
    "faster",
    "within the spread",
    "slower",
    "timed once",
  ]);
  assert.match(changeLines(changes)[0], /matmul 8x8x8 .*1\.00 s -> 800\.00 ms +-20% +faster$/);
  assert.deepEqual(compareRows(now, [row(1, 1, 1, { device: "another" })]), []);
});

Deno.test("a file that is not a bench's own is refused in one line", () => {
  for (const text of ["", "[]", "null", '{"format":"timbre bench 1"}']) {
    assert.throws(
      () => parseResults(text, "old.json"),
      (error) =>
        error instanceof UserError &&
        /^old\.json: expected a file that bench --json/.test(error.message),
    );
  }
});

const rowLine = (row: BenchRow) => new RowTable([row]).line(row);

Deno.test("a line names time, spread, rate and share, and says when the caches held everything", () => {
  const line = rowLine(row(0.002, 0.0019, 0.0021, { gbps: 4, peak: 0.4 }));
  assert.match(line, /^matmul +8x8x8 +2\.00 ms +±5\.0% +4\.0 GB\/s +40%$/);
  const fast = (limit: BenchRow["limit"]) =>
    rowLine(row(1e-6, 1e-6, 1e-6, { gbps: 40, peak: 4, limit }));
  assert.match(fast("memory"), /1\.0 µs .* cached$/);
  assert.match(fast("arithmetic"), /1\.0 µs .* 400%$/); // fewer products than are counted: Winograd
  assert.match(rowLine(row(1, 1, 1, { gflops: 0.04 })), /40\.0 MFLOP\/s$/);
  assert.equal(beyondPeakText([row(1, 1, 1, { peak: 4, limit: "memory" })]), null);
  assert.equal(beyondPeakText([row(1, 1, 1, { peak: 1.02, limit: "arithmetic" })]), null);
  assert.match(beyondPeakText([row(1, 1, 1, { peak: 4, limit: "arithmetic" })])!, /^over 100% /);
  assert.deepEqual([2.5, 0.0125].map(timeText), ["2.50 s", "12.50 ms"]);
});

Deno.test("columns are as wide as the rows to come need; one run has no spread, and no error has a reason", () => {
  const rows = [
    row(1, 1, 1, { variant: "base, in f16, and more", error: 3e-7 }),
    row(2, 2, 2, { name: "a-long-name-of-a-kernel", runs: 1 }),
    row(3, 3, 3, { size: "1024x1024x1024x1024", unchecked: "random" }),
  ];
  const table = new RowTable(rows);
  assert.equal(
    [table.head, ...rows.map((r) => table.line(r))].join("\n"),
    [
      "name                    size                variant                   median  spread            rate of peak   error",
      "matmul                  8x8x8               base, in f16, and more    1.00 s   ±0.0%                            3e-7",
      "a-long-name-of-a-kernel 8x8x8                                         2.00 s   1 run",
      "matmul                  1024x1024x1024x1024                           3.00 s   ±0.0%                          random",
    ].join("\n"),
  );
});

const stream = { launches: 40, recording: 2.5e-6, submitting: 0.003, idle: 0.25 };
const STREAM =
  "40 dispatches, 2.5 µs of JavaScript each; 3.00 ms a step in submit; the GPU idle 25% of the time";

Deno.test("a step's line has a second one below it: dispatches, JavaScript, submit, idle GPU", () => {
  const [first, second, ...more] = rowLine(row(0.01, 0.01, 0.01, { stream })).split("\n");
  assert.match(first, /^matmul +8x8x8 +10\.00 ms +±0\.0%$/);
  assert.equal(second, `  ${STREAM}`);
  assert.deepEqual(more, []);
  const untold = rowLine(row(0.01, 0.01, 0.01, { stream: { ...stream, idle: null } }));
  assert.match(untold, / a step in submit$/);
});

Deno.test("the page has a roofline and bars for each device, and needs no network", async () => {
  const results: BenchResults = {
    format: "timbre bench 1",
    date: "2026-01-02T03:04:05Z",
    runtime: "Deno <1>",
    peaks: [peaks, { ...peaks, device: "unused" }],
    rows: [
      row(1, 1, 1, { gflops: 50, gbps: 2, peak: 0.5 }),
      row(1, 1, 1, { name: "conv2d", gflops: 200, gbps: 2, peak: 2, limit: "arithmetic" }),
      row(1, 1, 1, { name: "adam", gbps: 5, peak: 0.5 }),
      row(1, 1, 1, { name: "train-step", stream, runs: 1 }),
      row(1, 1, 1, { name: "dropout", unchecked: "random" }),
    ],
  };
  const page = await benchPage(results);
  assert.equal(page.match(/<svg/g)?.length, 2);
  assert.equal(page.match(/<h2>/g)?.length, 1);
  assert.match(page, /Deno &lt;1&gt;/);
  assert.match(page, /<p>over 100% of peak: Winograd/);
  assert.match(page, /train-step 8x8x8.*<td>1 run<\/td>/);
  assert.match(page, /dropout 8x8x8.*<td>random<\/td>/);
  assert.ok(page.includes(STREAM));
  assert.ok(!/https?:\/\/(?!www\.w3\.org)/.test(page));
});

Deno.test("kernels on one spot of the roofline share it with one label", () => {
  const at = (name: string, gflops: number) => row(1, 1, 1, { name, gflops, gbps: 2 });
  const chart = rooflineChart(peaks, [at("rfft", 40), at("irfft", 41), at("matmul", 90)]);
  const labels = JSON.stringify("layer" in chart ? chart.layer.at(-1) : null).match(
    /"label":"\w+"/g,
  );
  assert.deepEqual(labels, ['"label":"rfft"', '"label":"matmul"']);
});
