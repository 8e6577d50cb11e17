/** Ctrl-C, and going on: to the same bits as a run that was never stopped (CPU backend). */
import assert from "node:assert/strict";
import { VOICES, Workplace } from "./programme.ts";

/** `history.csv` but for the seconds, which are another matter. */
async function historyOf(place: Workplace, run: string): Promise<string[]> {
  const lines = (await place.text(run, "history.csv")).trimEnd().split("\n");
  return lines.map((line) => line.slice(0, line.lastIndexOf(",")));
}

async function sameRun(place: Workplace, run: string, whole: string): Promise<void> {
  assert.deepEqual(await historyOf(place, run), await historyOf(place, whole));
  const model = (of: string) => Deno.readFile(place.file(of, "model.safetensors"));
  assert.deepEqual(await model(run), await model(whole));
  const test = async (of: string) => JSON.parse(await place.text(of, "metrics.json")).test;
  assert.deepEqual(await test(run), await test(whole));
}

const cases = [
  // Dropout draws from a stream that has to go on where it stood.
  { system: "mlp", words: "--epochs 8 --batch 8", at: /training\s+1\/8/ },
  // Masks and noise draw from it too.
  { system: "cnn4", words: "--augment --epochs 2 --batch 16", at: /training\s+1\/2/ },
];
for (const { system, words, at } of cases) {
  Deno.test(`${system}: stopped by Ctrl-C and resumed gives the bits of a run never stopped`, async () => {
    await using place = await Workplace.open();
    const train = `train ${system} --data ${VOICES} --device cpu ${words} --out`;
    const whole = await place.run(`${train} whole`);
    assert.equal(whole.code, 0, whole.stderr);

    const stopped = await place.run(`${train} part`, { interruptAt: at });
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.equal(stopped.stdout, "");
    assert.match(stopped.stderr, /finishing this step/);
    assert.match(
      stopped.lastLine,
      /^timbre: stopped and saved; go on with: deno task train --resume part$/,
    );
    assert.deepEqual(await place.names("part"), ["checkpoint", "config.json", "history.csv"]);
    const before = await historyOf(place, "part");
    assert.ok(before.length < (await historyOf(place, "whole")).length, "it was stopped too late");

    // On one core: the number of threads may not show in any bit either.
    const resumed = await place.run("train --resume part --device cpu", { hook: "one_core" });
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stderr, /CPU, 1 thread\b/);
    await sameRun(place, "part", "whole");
  });
}

Deno.test("stopped while pretraining and resumed, cnn3 gives the bits of a run never stopped", async () => {
  await using place = await Workplace.open();
  const train = `train cnn3 --pretrain --data ${VOICES} --device cpu --epochs 1 --out`;
  const whole = await place.run(`${train} whole`);
  assert.equal(whole.code, 0, whole.stderr);
  assert.match(whole.stdout, /cnn3, pretrained on SYNTHETIC corpus/);
  assert.match(await place.text("whole", "report.html"), /restored from layer 3/);

  const stopped = await place.run(`${train} part`, { interruptAt: /pretraining\s+6\/15/ });
  assert.equal(stopped.code, 130, stopped.stderr);
  assert.match(stopped.lastLine, /^timbre: stopped and saved; go on with: .* --resume part$/);
  assert.deepEqual(await place.names("part", "checkpoint"), ["pretraining.safetensors"]);

  const resumed = await place.run("train --resume part --device cpu");
  assert.equal(resumed.code, 0, resumed.stderr);
  await sameRun(place, "part", "whole");

  // Pretrained already: only what training had reached is taken up.
  const longer = await place.run("train --resume part --device cpu --epochs 2");
  assert.equal(longer.code, 0, longer.stderr);
  assert.doesNotMatch(longer.stderr, /layer 1/);
  assert.equal((await historyOf(place, "part")).length, 3);
});

Deno.test("a resumed run may go on for longer, and its configuration says so", async () => {
  await using place = await Workplace.open();
  const train = `train mlp --data ${VOICES} --device cpu --out`;
  assert.equal((await place.run(`${train} whole --epochs 3`)).code, 0);
  assert.equal((await place.run(`${train} part --epochs 2`)).code, 0);
  const { code, stderr } = await place.run("train --resume part --epochs 3 --device cpu");
  assert.equal(code, 0, stderr);
  await sameRun(place, "part", "whole");
  assert.equal(JSON.parse(await place.text("part", "config.json")).recipe.epochs, 3);
});

Deno.test("a finished run that is resumed is judged again, and claims no memory that nobody saw", async () => {
  await using place = await Workplace.open();
  assert.equal((await place.run(`train mlp --data ${VOICES} --epochs 3 --out run`)).code, 0);
  const before = JSON.parse(await place.text("run", "metrics.json"));
  assert.ok(before.peakMemoryMB > 0);
  const { code, stderr } = await place.run("train --resume run");
  assert.equal(code, 0, stderr);
  const after = JSON.parse(await place.text("run", "metrics.json"));
  assert.equal(after.peakMemoryMB, null); // no step ran
  assert.deepEqual(after.test, before.test);
});
