/** `timbre` through the real commands: a run by actor that calibrates itself, and one to be given away. */
import assert from "node:assert/strict";
import { decodeSafetensors } from "../../engine/io/safetensors.ts";
import { VOICES, Workplace } from "./programme.ts";

Deno.test("timbre is trained by actor, then on every clip with that run's calibration", async (t) => {
  await using place = await Workplace.open();
  const train = `train timbre --data ${VOICES} --epochs 1 --device cpu`;
  const json = async (...names: string[]) => JSON.parse(await place.text(...names));
  let calibration = { temperature: 0, unsureBelow: 0 };

  await t.step("a run by actor fits a calibration on its validation actors", async () => {
    const done = await place.run(`${train} --split actors --out runs/folded`);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /confidence +temperature/);
    const { calibration: found, bestEpoch } = await json("runs", "folded", "metrics.json");
    assert.equal(bestEpoch, 1);
    assert.ok(found.n > 0 && found.temperature > 0 && found.error.after !== null);
    assert.match(await place.text("runs", "folded", "report.html"), /calibration error/);
    calibration = found;
  });

  await t.step("a run on every clip takes it, tests nothing and says so", async () => {
    const words = `${train} --split all --calibration runs --out given`;
    const done = await place.run(words);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /none was left to test/);
    const metrics = await json("given", "metrics.json");
    assert.deepEqual([metrics.test.n, metrics.test.accuracy, metrics.validation], [0, null, null]);
    assert.equal(metrics.calibration.n, 0);
    const bytes = await Deno.readFile(place.file("given", "model.safetensors"));
    const { metadata } = decodeSafetensors(bytes, "model");
    assert.equal(metadata.get("unsureBelow"), String(calibration.unsureBelow));
    const temperature = Number(metadata.get("temperature"));
    assert.ok(Math.abs(temperature / calibration.temperature - 1) < 1e-12);
    assert.ok((await place.text("given", "report.html")).includes("none was left to test"));
  });

  await t.step("predict answers unsure below the threshold, and by name above it", async () => {
    const clip = (await place.names(VOICES, "Actor_01"))[0];
    const asked = await place.run(`predict --run given ${VOICES}/Actor_01/${clip} --json`);
    assert.equal(asked.code, 0, asked.stderr);
    const { licence, answers: [{ label, unsure, probabilities }] } = JSON.parse(asked.stdout);
    assert.equal(licence, null, "synthetic voices bind nobody");
    assert.equal(unsure, probabilities[label] < calibration.unsureBelow);
    const table = await place.run(`predict given ${VOICES}/Actor_01/${clip}`);
    assert.ok(table.stdout.includes(unsure ? " unsure " : ` ${label} `), table.stdout);
  });

  await t.step("robustness is tried on the run's own test clips", async () => {
    const asked = await place.run("evaluate runs/folded --robustness --json --device cpu");
    assert.equal(asked.code, 0, asked.stderr);
    const { metrics, robustness } = JSON.parse(asked.stdout);
    assert.equal(robustness[0].name, "clean");
    assert.equal(robustness[0].accuracy, metrics.accuracy, "read afresh and from the cache alike");
    assert.equal(robustness.length, 9);
  });

  await t.step("what goes together is said", async () => {
    const cases: [string, RegExp][] = [
      ["train mlp --split all", /^timbre: --split all goes with timbre or .*, not with mlp/],
      ["train timbre --calibration runs", /^timbre: --calibration goes with --split all or/],
      ["train mlp --unvalidated", /^timbre: --unvalidated goes with timbre or .*, not with mlp/],
      [
        `${train} --split actors --fold 2 --unvalidated --calibration runs`,
        /by actor, fold 2, that/,
      ],
      [`${train} --split all --calibration given`, /holds no finished run of timbre by actor/],
    ];
    for (const [words, line] of cases) {
      const { code, lastLine } = await place.run(words);
      assert.equal(code, 2);
      assert.match(lastLine, line);
    }
  });
});
