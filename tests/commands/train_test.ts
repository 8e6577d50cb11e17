/** The life of a run through the real commands: trained, evaluated, asked, on a few synthetic voices. */
import assert from "node:assert/strict";
import { decodeSafetensors } from "../../engine/io/safetensors.ts";
import { speech } from "../features/signals.ts";
import { makeWave } from "../features/wave_file.ts";
import { type Outcome, VOICES, Workplace } from "./programme.ts";

const RUN_FILES = [
  "checkpoint",
  "config.json",
  "curves.json",
  "history.csv",
  "metrics.json",
  "model.safetensors",
  "report.html",
];

function ended({ code, stderr }: Outcome, expected = 0): void {
  assert.equal(code, expected, stderr);
}

/** `accuracy   51.7 %` and the like, as a table shows them. */
function figuresOf(table: string): string[] {
  return table.split("\n").filter((line) => /^(accuracy|UAR|macro F1|AUC)\b/.test(line.trim()))
    .map((line) => line.trim().replaceAll(/\s+/g, " "));
}

/** A constant, a single click, a moment of a tone: nothing that statistics are made for. */
async function answersDegenerate(place: Workplace, run: string): Promise<void> {
  const clips = {
    "constant.wav": Float32Array.from({ length: 11025 }, () => 0.5),
    "click.wav": Float32Array.from({ length: 11025 }, (_, i) => i === 5000 ? 0.9 : 0),
    "moment.wav": Float32Array.from({ length: 40 }, (_, i) => Math.sin(i)),
  };
  for (const [name, samples] of Object.entries(clips)) {
    await Deno.writeFile(place.file(name), makeWave({ samples }));
  }
  const asked = await place.run(`predict ${run} --json ${Object.keys(clips).join(" ")}`);
  ended(asked);
  for (const { probabilities } of JSON.parse(asked.stdout).answers) {
    assert.ok(Object.values<number>(probabilities).every((p) => p >= 0 && p <= 1));
  }
}

Deno.test("a run is trained, evaluated and asked", async (t) => {
  await using place = await Workplace.open();
  const train =
    `train mlp --data ${VOICES} --epochs 3 --split actors --fold 2 --out first --device cpu`;

  let trained = "";

  await t.step("training leaves a whole run folder and says that it is synthetic", async () => {
    const done = await place.run(train);
    ended(done);
    trained = done.stdout;
    assert.deepEqual(await place.names("first"), RUN_FILES);
    assert.match(done.stdout, /SYNTHETIC/);
    assert.match(done.stderr, /SYNTHETIC/);
    assert.match(await place.text("first", "report.html"), /synthetic/i);
    const history = (await place.text("first", "history.csv")).trimEnd().split("\n");
    assert.equal(history.length, 1 + 3);
    const config = JSON.parse(await place.text("first", "config.json"));
    assert.deepEqual([config.system, config.protocol, config.fold], ["mlp", "actors", 2]);
  });

  await t.step("metrics.json holds every figure", async () => {
    const metrics = JSON.parse(await place.text("first", "metrics.json"));
    const { system, protocol, seed, fold, synthetic, epochs, test } = metrics;
    assert.deepEqual(
      { system, protocol, seed, fold, synthetic, epochs },
      { system: "mlp", protocol: "actors", seed: 42, fold: 2, synthetic: true, epochs: 3 },
    );
    assert.match(metrics.device, /^CPU/);
    assert.equal(metrics.paper, 0.6991);

    for (const name of ["secondsPerEpoch", "seconds", "peakMemoryMB"]) {
      assert.ok(metrics[name] > 0, name);
    }
    assert.equal(test.n, 32);
    for (const name of ["accuracy", "uar", "macroF1", "auc"]) {
      assert.ok(test[name] >= 0 && test[name] <= 1, name);
    }
    const [lo, hi] = test.ci95;
    assert.ok(lo <= test.accuracy && test.accuracy <= hi);
    assert.equal(test.perClass.length, 8);
    for (const row of test.perClass) {
      assert.deepEqual(
        Object.keys(row).sort(),
        ["auc", "f1", "label", "precision", "recall", "support"],
      );
    }
    const counted = test.confusion.flat().reduce((a: number, b: number) => a + b, 0);
    assert.equal(counted, test.n);
    assert.ok(metrics.validation.n > 0 && metrics.validation.loss > 0);
  });

  await t.step("evaluate finds the very figures of metrics.json again", async () => {
    const judged = await place.run("evaluate first --device cpu");
    ended(judged);
    assert.equal(figuresOf(judged.stdout).length, 4, judged.stdout);
    assert.deepEqual(figuresOf(judged.stdout), figuresOf(trained));
    assert.match(judged.stdout, /SYNTHETIC/);
  });

  await t.step(
    "evaluate --data takes all clips of another corpus, whatever its layout",
    async () => {
      for (const [i, label] of ["calm", "sad"].entries()) {
        await Deno.mkdir(place.file("other", label), { recursive: true });
        for (let take = 0; take < 3; take++) {
          const wave = makeWave({ samples: speech(6000 + 900 * (3 * i + take), 22050) });
          await Deno.writeFile(place.file("other", label, `${take}.wav`), wave);
        }
      }
      const judged = await place.run("evaluate first --data other --device cpu");
      ended(judged);
      assert.match(judged.stdout, /all clips of other/);
      assert.match(judged.stdout, /n = 6\b/);
      assert.match(judged.stdout, /SYNTHETIC/);
    },
  );

  await t.step(
    "predict answers for every file that can be read, and fails for the rest",
    async () => {
      await Deno.writeTextFile(place.file("broken.wav"), "RIFF");
      const files = "other/sad/0.wav broken.wav other/calm/1.wav";
      const asked = await place.run(`predict first --json ${files} --device cpu`);
      ended(asked, 2);
      assert.match(asked.lastLine, /^timbre: 1 of 3 files could not be read/);
      const { synthetic, answers } = JSON.parse(asked.stdout);
      assert.equal(synthetic, true);
      assert.deepEqual(answers.map((a: { file: string }) => a.file), files.split(" "));
      assert.match(answers[1].error, /^broken\.wav: /);
      for (const { label, probabilities } of [answers[0], answers[2]]) {
        const shares: number[] = Object.values(probabilities);
        assert.equal(shares.length, 8);
        assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-5);
        assert.equal(probabilities[label], Math.max(...shares));
      }
      const table = await place.run(`predict first ${files} --device cpu`);
      ended(table, 2);
      const lines = table.stdout.trimEnd().split("\n");
      assert.match(lines[0], /SYNTHETIC/);
      assert.equal(lines.length, 2 + 3);
      assert.ok(lines[2].includes(answers[0].unsure ? "unsure" : answers[0].label));
    },
  );

  await t.step("a model file answers without the rest of its run", async () => {
    await Deno.copyFile(place.file("first/model.safetensors"), place.file("alone.safetensors"));
    const { stdout, code } = await place.run("predict alone.safetensors other/sad/0.wav");
    assert.equal(code, 0);
    const whole = await place.run("predict first other/sad/0.wav");
    assert.equal(stdout, whole.stdout);
  });

  await t.step("a clip that never changes still gets finite answers", async () => {
    await answersDegenerate(place, "first");
  });

  await t.step("a silent clip is named as such", async () => {
    const silent = makeWave({ samples: new Float32Array(11025) });
    await Deno.writeFile(place.file("silent.wav"), silent);
    const asked = await place.run("predict first silent.wav --device cpu");
    ended(asked, 2);
    assert.match(asked.stdout, /silent: /);
  });
});

Deno.test("CNN-4 trains from the command line, and its model holds what predict needs", async () => {
  await using place = await Workplace.open();
  ended(await place.run(`train --data ${VOICES} --epochs 1 --batch 32 --out run --device cpu`));
  assert.deepEqual(await place.names("run"), RUN_FILES);
  const bytes = await Deno.readFile(place.file("run", "model.safetensors"));
  const { metadata } = decodeSafetensors(bytes);
  assert.equal(metadata.get("system"), "cnn4");
  assert.equal(metadata.get("synthetic"), "true");
  assert.equal(JSON.parse(metadata.get("labels") ?? "").length, 8);
  const [clip] = await place.names(VOICES, "Actor_01");
  ended(await place.run(`predict run ${VOICES}/Actor_01/${clip} --device cpu`));
  await answersDegenerate(place, "run");
});
