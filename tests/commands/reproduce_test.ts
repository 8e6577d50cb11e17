/** The paper's tables, made in seconds on synthetic voices: said to be a trial, gone on with, not mixed. */
import assert from "node:assert/strict";
import { planRuns, ROWS } from "../../commands/reproduce_rows.ts";
import { type ReproduceOptions, ROW_NAMES } from "../../commands/words/options.ts";
import { type Outcome, VOICES, Workplace } from "./programme.ts";

const OPTIONS: ReproduceOptions = {
  quick: false,
  reportOnly: false,
  out: "results",
  device: "cpu",
  skipBroken: false,
};

function refused({ code, stderr, lastLine }: Outcome, line: RegExp): void {
  assert.match(lastLine.replace(/^timbre: /, ""), line);
  assert.equal(code, 2, stderr);
}

Deno.test("every row of --systems is in the table, and every run has a name of its own", () => {
  const known = ROWS.map(({ name }) => name);
  assert.deepEqual(known.toSorted(), [...ROW_NAMES].sort());
  const { runs } = planRuns(OPTIONS);
  assert.equal(runs.length, 11 * (3 + 5)); // the paper's rows, three seeds and five folds
  assert.equal(new Set(runs.map(({ name }) => name)).size, runs.length);
  assert.ok(runs.every(({ row }) => row.paper !== null), "our own rows are run when asked for");
});

Deno.test("one seed of every row comes first, then the folds, then the other seeds", () => {
  const names = planRuns({ ...OPTIONS, systems: ["mlp", "cnn4"] }).runs.map(({ name }) => name);
  assert.deepEqual(names.slice(0, 3), ["mlp-random-42", "cnn4-random-42", "mlp-actors-1"]);
  assert.deepEqual(names.slice(-2), ["mlp-random-44", "cnn4-random-44"]);
  const actors = planRuns({ ...OPTIONS, systems: ["cnn4-voice"], split: "actors" }).runs;
  assert.deepEqual(actors.map(({ plan }) => plan.fold), [1, 2, 3, 4, 5]);
  assert.ok(actors.every(({ plan }) => plan.augment === "voice"));
});

Deno.test("a quick reproduction of two rows: stopped, gone on with, reported, not mixed", async (t) => {
  await using place = await Workplace.open();
  const words = `reproduce --quick --data ${VOICES} --device cpu`;
  const two = `${words} --systems forest,mlp`;

  await t.step("Ctrl-C leaves what is finished", async () => {
    const stopped = await place.run(two, { interruptAt: /mlp-random-42[^]*training 1\/2/ });
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.match(stopped.lastLine, /stopped in mlp-random-42 and saved; the same command goes on/);
    assert.deepEqual(await place.names("results", "runs"), ["forest-random-42", "mlp-random-42"]);
    assert.match(await place.text("results", "report.md"), /\| MLP \|.*\| not run \|/);
  });

  await t.step("the same command does only what is missing", async () => {
    const done = await place.run(two);
    assert.equal(done.code, 0, done.stderr);
    assert.doesNotMatch(done.stderr, /\] forest-random-42/);
    assert.match(done.stderr, /\[2 of 4\] mlp-random-42 \(QUICK\); left about/);
    const runs = ["forest-actors-1", "forest-random-42", "mlp-actors-1", "mlp-random-42"];
    assert.deepEqual(await place.names("results", "runs"), runs);
    assert.match(done.stdout, /QUICK: .*No figure here is a result/);
    assert.match(done.stdout, /SYNTHETIC: /);
    const metrics = JSON.parse(await place.text("results/runs/mlp-random-42/metrics.json"));
    const all = JSON.parse(await place.text("results", "reproduction.json"));
    const mlp = all.rows.find(({ name }: { name: string }) => name === "mlp");
    assert.deepEqual(mlp.random.accuracy, { mean: metrics.test.accuracy, sd: null });
    assert.equal(mlp.says, "Not compared.");
    assert.equal(all.rows.find(({ name }: { name: string }) => name === "cnn5").random, null);
    const html = await place.text("results", "report.html");
    for (const word of ["QUICK", "SYNTHETIC", "not run", "it begins from a checkpoint"]) {
      assert.ok(html.includes(word), word);
    }
    const again = await place.run(two);
    assert.equal(again.code, 0, again.stderr);
    assert.doesNotMatch(again.stderr, /\[\d of/);
  });

  await t.step("figures of another kind, version or run are not mixed in", async () => {
    const whole = words.replace(" --quick", "");
    refused(
      await place.run(`${whole} --report-only`),
      /^results: holds a --quick trial .* this is a whole reproduction .*give another --out$/,
    );
    const file = place.file("results", "reproduction.json");
    const text = await Deno.readTextFile(file);
    await Deno.writeTextFile(file, text.replace(/"vector": \d+/, '"vector": 1'));
    refused(
      await place.run(two),
      /^results: holds .*vector 1\b.*are not mixed; give another --out$/,
    );
    await Deno.writeTextFile(file, text.replace(/"waveform": \d+/, '"songs": 7'));
    const kinds = await place.run(`${two} --report-only`);
    assert.equal(kinds.code, 0, kinds.stderr); // kinds of features that one side does not know
    await Deno.rename(
      place.file("results/runs/mlp-random-42"),
      place.file("results/runs/cnn4-random-42"),
    );
    refused(
      await place.run(words),
      /cnn4-random-42: its system is mlp, and a quick run of cnn4 has cnn4; move it away/,
    );
  });
});
