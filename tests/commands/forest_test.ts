/** The forest's life through the real commands, and what it cannot learn from in one line each. */
import assert from "node:assert/strict";
import { ended, type Outcome, refused, VOICES, Workplace } from "./programme.ts";

const GRID = { trees: [9], maxDepth: [4, null], minSamplesSplit: [2], minSamplesLeaf: [1] };

/** `accuracy   51.7 %` as a table shows it. */
function accuracyOf({ stdout }: Outcome): string | undefined {
  return /^ *accuracy +(.*)$/m.exec(stdout)?.[1];
}

Deno.test("a forest is searched for, evaluated, asked, and found again from the same seed", async (t) => {
  await using place = await Workplace.open();
  await Deno.writeTextFile(place.file("grid.json"), JSON.stringify(GRID));
  const train = "train forest --grid grid.json --split actors --fold 2";
  let trained = "";

  await t.step("training leaves a whole run folder with the table of scores", async () => {
    const done = await place.run(`${train} --data ${VOICES} --out run`);
    ended(done);
    trained = accuracyOf(done) ?? "";
    assert.match(done.stdout, /SYNTHETIC/);
    assert.match(done.stdout, /settings +(gini|entropy), max depth .* the best of 4 settings/);
    assert.deepEqual(await place.names("run"), [
      ..."config.json curves.json grid.csv history.csv importances.csv".split(" "),
      ..."metrics.json model.safetensors report.html".split(" "),
    ]);
    const config = JSON.parse(await place.text("run", "config.json"));
    assert.equal(config.recipe, null);
    assert.deepEqual(config.grid, { ...GRID, criterion: ["gini", "entropy"] });
    assert.deepEqual(config.corpus.clips, { train: 128, validation: 0, test: 32 });
    assert.deepEqual(config.corpus.labels, config.corpus.labels.toSorted());
    const metrics = JSON.parse(await place.text("run", "metrics.json"));
    assert.deepEqual([metrics.epochs, metrics.bestEpoch, metrics.test.n], [0, null, 32]);
    const [heading, best, ...others] = (await place.text("run", "grid.csv")).trimEnd().split("\n");
    assert.equal(
      heading,
      "rank,mean,std,fold_1,fold_2,fold_3,fold_4,fold_5,criterion,maxDepth,minSamplesLeaf," +
        "minSamplesSplit,trees",
    );
    assert.equal(others.length, 3);
    const [rank, mean, , ...cells] = best.split(",");
    assert.equal(rank, "1");
    assert.equal(Number(mean), metrics.validation.accuracy);
    const folds = cells.slice(0, 5).map(Number);
    assert.ok(Math.abs(folds.reduce((a, b) => a + b, 0) / 5 - Number(mean)) < 1e-12);
    const shares = (await place.text("run", "importances.csv")).trimEnd().split("\n").slice(1)
      .map((line) => Number(line.split(",")[1]));
    assert.equal(shares.length, 121);
    assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-9);
    const report = await place.text("run", "report.html");
    for (const word of ["What the forest relies on", "Settings that were tried", "synthetic"]) {
      assert.ok(report.includes(word), word);
    }
  });

  await t.step("evaluate finds the same figures, predict answers by name", async () => {
    const judged = await place.run("evaluate run --device cpu");
    ended(judged);
    assert.equal(accuracyOf(judged), trained);
    const clip = `${VOICES}/Actor_01/03-01-05-01-01-01-01.wav`;
    const asked = await place.run(`predict run --json ${clip}`);
    ended(asked);
    const { synthetic, answers: [{ label, probabilities }] } = JSON.parse(asked.stdout);
    assert.equal(synthetic, true);
    const shares: number[] = Object.values(probabilities);
    assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-9);
    assert.equal(probabilities[label], Math.max(...shares));
  });

  await t.step("the same seed finds the same forest, from a table of features too", async () => {
    ended(await place.run(`train --resume run --data ${VOICES}`));
    const model = await Deno.readFile(place.file("run", "model.safetensors"));
    await makeTable(place);
    const done = await place.run(`${train} --data features.csv --out table`);
    ended(done);
    assert.equal(accuracyOf(done), trained);
    assert.deepEqual(await Deno.readFile(place.file("table", "model.safetensors")), model);
    assert.match(done.stdout, /SYNTHETIC/);
    ended(await place.run("evaluate table --device cpu"));
  });

  await t.step("what cannot be learned from is one line", async () => {
    const lines = (await place.text("features.csv")).trimEnd().split("\r\n");
    const write = (name: string, kept: readonly string[]) =>
      Deno.writeTextFile(place.file(name), [...kept, ""].join("\r\n"));
    const [heading, ...rows] = lines;
    const of = (emotion: string) => rows.filter((row) => row.split(",")[1] === emotion);
    await write("one.csv", [heading, ...of("calm")]);
    await write("few.csv", [heading, ...of("calm"), ...of("sad").slice(0, 5)]);
    await write("missing.csv", [heading.replace("tempo", "beat"), ...rows]);
    await write("nan.csv", [heading, rows[0].replace(/,[^,]*$/, ",nan"), ...rows.slice(1)]);
    await Deno.writeTextFile(place.file("wrong.json"), '{"trees": [100, 0]}');
    await Deno.writeTextFile(place.file("text.json"), "trees");
    await Deno.mkdir(place.file("gap/Actor_02"), { recursive: true });
    await Deno.mkdir(place.file("gap/Actor_01"));
    const name = "03-01-05-01-01-01-01.wav";
    await Deno.copyFile(place.file(VOICES, "Actor_01", name), place.file("gap/Actor_01", name));
    const mistakes: [words: string, line: RegExp][] = [
      ["--data one.csv", /^one\.csv: expected clips of two classes at least, .*only 'calm'/],
      ["--data few.csv --split actors", /^the class 'sad' has 4 clips, fewer than the 5 folds/],
      ["--data few.csv", /^few\.csv: the class 'sad' has 5 clips, too few to split/],
      ["--data missing.csv", /^missing\.csv: there is no column 'tempo'/],
      ["--data nan.csv", /^nan\.csv: row 1: snr is 'nan', expected a finite number/],
      ["--data gap", /^gap\/Actor_02: an actor without a clip/],
      ["--grid wrong.json", /^--grid wrong\.json: grid: trees: expected .* at least 1, got 0$/],
      ["--grid text.json", /^--grid text\.json: not JSON/],
      ["--grid none.json", /^cannot read none\.json: there is no such file/],
    ];
    for (const [words, line] of mistakes) refused(await place.run(`train forest ${words}`), line);
    refused(
      await place.run("train cnn4 --data features.csv --device cpu"),
      /^features\.csv: a table of features, which forest, mlp and cnn-mlp take/,
    );
    refused(
      await place.run("reproduce --data one.csv --systems forest --device cpu"),
      /^one\.csv: expected clips of two classes/,
    );
  });
});

async function makeTable(place: Workplace): Promise<void> {
  const flags = ["--no-prompt", "--allow-read", "--allow-write", "--allow-run=deno"];
  ended(await place.run(`features ${VOICES} --out features.csv`, { flags }));
}
