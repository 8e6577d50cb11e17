/** `bench` as its task runs it: figures on the terminal, a file, a page, a comparison, a ladder. */
import assert from "node:assert/strict";
import type { BenchResults } from "../../bench/results.ts";
import { Workplace } from "./programme.ts";

Deno.test("bench times one size, and writes what it says as JSON and as a page", async () => {
  await using place = await Workplace.open();
  const words = "bench matmul --size 9x8x7 --device cpu --json a.json --html a.html";
  const first = await place.run(words);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /^CPU, .*: at most .* [GT]FLOP\/s of multiply-adds/m);
  assert.match(first.stdout, /^matmul +9x8x7 .* [\d.]+%/m);
  const { rows, peaks }: BenchResults = JSON.parse(await place.text("a.json"));
  assert.deepEqual(rows.map(({ name, size, clock }) => [name, size, clock]), [
    ["matmul", "9x8x7", "wall"],
  ]);
  assert.ok(rows[0].error! < 1e-5 && rows[0].low <= rows[0].seconds && rows[0].peak! > 0);
  assert.ok(peaks[0].gflops > 0 && peaks[0].gbps > 0);
  assert.match(await place.text("a.html"), /<svg/);

  const second = await place.run("bench matmul --size 9x8x7 --device cpu --compare a.json");
  assert.match(second.stdout, /^since \d{4}-.*\nmatmul 9x8x7 .* -> .*(faster|slower|spread)$/m);
});

Deno.test("bench --precision f16 rounds products, says so, and is compared with its like alone", async () => {
  await using place = await Workplace.open();
  const rowsOf = async (file: string): Promise<BenchResults["rows"]> =>
    JSON.parse(await place.text(file)).rows;
  await place.run("bench matmul --size 9x8x7 --device cpu --json full.json");
  const words = "bench matmul --size 9x8x7 --device cpu --precision f16 --json half.json";
  const run = await place.run(`${words} --compare full.json`);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout, /^the CPU rounds as a GPU would/m);
  assert.match(run.stdout, /^matmul +9x8x7 +in f16 /m);
  assert.match(run.stdout, /^no row of this run is in that file$/m);
  const [full] = await rowsOf("full.json"), [half] = await rowsOf("half.json");
  assert.deepEqual([full.precision, full.variant], [undefined, "default"]);
  assert.deepEqual([half.precision, half.variant], ["f16", "in f16"]);
  assert.ok(half.error! > 1e-5 && half.error! < 3e-3, `${half.error}`);
  assert.ok(full.error! < 1e-6, `${full.error}`);
});

Deno.test("bench says where a result is random, and so has no error", async () => {
  await using place = await Workplace.open();
  const words = "bench attention --filter dropout --device cpu --json r.json";
  const { code, stderr, stdout } = await place.run(words);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.match(/^attention.* dropout 0\.1 .*% +random$/gm)?.length, 2, stdout);
  const { rows }: BenchResults = JSON.parse(await place.text("r.json"));
  assert.deepEqual(rows.map((r) => [r.error, r.unchecked]), [[null, "random"], [null, "random"]]);
});

Deno.test("bench times the forest's Workers beside the CPU's kernels, and on no other device", async () => {
  await using place = await Workplace.open();
  const words = "bench forest --size 24x6x10 --device cpu --json f.json";
  const { code, stderr, stdout } = await place.run(words);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^forest-fit +24x6x10 +[\d.]+ (µs|ms|s) /m);
  const { rows }: BenchResults = JSON.parse(await place.text("f.json"));
  assert.deepEqual(rows.map((r) => [r.name, r.runs, r.clock]), [["forest-fit", 3, "wall"]]);
});

Deno.test("bench --explain prints every rung with its head and its figures", async () => {
  await using place = await Workplace.open();
  const run = await place.run("bench --explain softmax --size 65x33 --device cpu --json l.json");
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout, /01_naive\.ts\)\n {4}The definition/);
  assert.match(run.stdout, /02_online\.ts\)\n {4}What changed/);
  assert.match(run.stdout, /kernels\/softmax\.ts\)/);
  assert.equal(run.stdout.match(/times the first, error/g)?.length, 3);
  assert.equal(JSON.parse(await place.text("l.json")).ladders[0].rungs.length, 3);
});

Deno.test("bench tells in one line what it cannot do, before it measures anything", async () => {
  await using place = await Workplace.open();
  const cases: [string, RegExp][] = [
    ["bench matmul --size 9x8", /^timbre: --size 9x8: matmul needs MxKxN$/],
    ["bench --compare gone.json --device cpu", /gone\.json/],
    [
      "bench fft --filter zebra --device cpu",
      /^timbre: --filter zebra: no row has this; there are/,
    ],
    ["bench --tune --device cpu", /^timbre: --tune: needs a GPU/],
    ["bench --explain fft --size 3 --device cpu", /^timbre: --size 3: fft needs BATCHxN$/],
    ["bench fft --size 3x100 --device cpu", /^timbre: --size 3x100: rfft: needs a power of two/],
    ["bench --explain fft --size 3x100 --device cpu", /--size 3x100: rfft: needs a power of two/],
    ["bench --explain fft --size 999x65536 --device cpu", /one run of fft is .* at most 100 are/],
    [
      "bench steps --size 99999999 --filter mlp --device cpu",
      /--size 99999999: steps: at most 4096 clips at a time$/,
    ],
    ["bench steps --sweep --device cpu", /^timbre: --sweep: steps has no powers of two$/],
  ];
  for (const [words, message] of cases) {
    const { code, lastLine, stdout } = await place.run(words);
    assert.equal(code, 2, `${words}: ${stdout}`);
    assert.match(lastLine, message);
    assert.equal(stdout, "", words);
  }
});
