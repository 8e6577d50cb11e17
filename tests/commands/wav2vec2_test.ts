/** The life of a fine-tuned network through the real commands, from a checkpoint of random weights. */
import assert from "node:assert/strict";
import { decodeSafetensors } from "../../engine/io/safetensors.ts";
import { speech } from "../features/signals.ts";
import { makeWave } from "../features/wave_file.ts";
import { TINY, TINY_LARGE, writeTiny } from "../models/wav2vec2/tiny.ts";
import { writeUnevenClips } from "./uneven_clips.ts";
import { type Outcome, VOICES, Workplace } from "./programme.ts";

function ended({ code, stderr }: Outcome, expected = 0): void {
  assert.equal(code, expected, stderr);
}

const FIGURES = /^\s*(accuracy|UAR|macro F1|AUC)\b/;
const figuresOf = (table: string) =>
  table.split("\n").filter((line) => FIGURES.test(line))
    .map((line) => line.trim().replaceAll(/\s+/g, " "));

Deno.test("a checkpoint is fine-tuned, evaluated, asked, and opened as Hugging Face's", async (t) => {
  await using place = await Workplace.open();
  await writeTiny(place.file("tiny"));
  const common = `--data ${VOICES} --device cpu --epochs 2`;
  let trained = "";

  await t.step("the last layers: the run holds the whole network, once", async () => {
    const done = await place.run(`train wav2vec2-base --weights tiny ${common} --out run`);
    ended(done);
    trained = done.stdout;
    const [, loaded, total] = /(\d+) of the network's (\d+) tensors are loaded/.exec(done.stderr)!;
    assert.equal(Number(total) - Number(loaded), 4, "two layers of the head are fresh");
    assert.match(
      done.stderr,
      /the head is fresh and must be trained: the file does not hold head\.hidden\.weight, /,
    );
    assert.deepEqual(await place.names("run", "huggingface"), [
      "config.json",
      "model.safetensors",
      "modeling_emotion.py",
      "preprocessor_config.json",
    ]);
    const config = JSON.parse(await place.text("run", "config.json"));
    assert.equal(config.fineTuning.part, "last:2");
    assert.equal(config.fineTuning.caution, null);
    assert.match(config.fineTuning.hash, /^[0-9a-f]{64}$/);
    assert.match(config.split, /80\/10\/10/);
    const own = await Deno.stat(place.file("run", "model.safetensors"));
    assert.ok(own.size < 1000, "the backbone is not stored twice");
  });

  await t.step("evaluate finds the same figures from the run alone", async () => {
    await Deno.rename(place.file("tiny"), place.file("elsewhere"));
    const evaluated = await place.run(`evaluate run --data ${VOICES} --device cpu`);
    ended(evaluated);
    const own = await place.run("evaluate run --device cpu");
    ended(own);
    assert.deepEqual(figuresOf(own.stdout), figuresOf(trained));
    await Deno.rename(place.file("elsewhere"), place.file("tiny"));
  });

  await t.step("predict answers, also to a moment of sound", async () => {
    const clips = { "long.wav": speech(20_000, 16_000), "moment.wav": speech(100, 16_000) };
    for (const [name, samples] of Object.entries(clips)) {
      await Deno.writeFile(place.file(name), makeWave({ samples, rate: 16_000 }));
    }
    const asked = await place.run("predict run --json long.wav moment.wav --device cpu");
    ended(asked);
    for (const { probabilities } of JSON.parse(asked.stdout).answers) {
      const sum = Object.values<number>(probabilities).reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(sum - 1) < 1e-5);
    }
    const { answers, synthetic } = JSON.parse(asked.stdout);
    // The folder alone answers alike, calibrated as the run is, and knows what it has heard.
    const exported = await place.run(
      "predict run/huggingface --json long.wav moment.wav --device cpu",
    );
    ended(exported);
    const alone = JSON.parse(exported.stdout);
    assert.equal(alone.synthetic, synthetic);
    for (const [i, { probabilities }] of alone.answers.entries()) {
      for (const [label, p] of Object.entries<number>(probabilities)) {
        assert.ok(Math.abs(p - answers[i].probabilities[label]) < 1e-6, `${p} of ${label}`);
      }
    }
  });

  await t.step("a checkpoint without a head for its labels is not asked", async () => {
    const asked = await place.run("predict tiny long.wav --device cpu");
    ended(asked, 2);
    assert.match(
      asked.lastLine,
      /^timbre: tiny: its config\.json names no labels; give a checkpoint/,
    );
  });

  await t.step("a second run takes what the frozen layers gave from the cache", async () => {
    const again = await place.run(`train wav2vec2-base --weights tiny ${common} --out again`);
    ended(again);
    assert.doesNotMatch(again.stderr, /frozen layers/);
    assert.deepEqual(figuresOf(again.stdout), figuresOf(trained));
  });

  await t.step("other weights are not taken for those a run began from", async () => {
    await writeTiny(place.file("other"), { seed: 2 });
    const resumed = await place.run("train --resume run --weights other --epochs 3 --device cpu");
    ended(resumed, 2);
    assert.match(resumed.lastLine, /^timbre: other: other weights than those the run began from/);
  });

  await t.step("a run goes on as if it had never stopped", async () => {
    const whole = await place.run(
      `train wav2vec2-base --weights tiny --data ${VOICES} --device cpu --epochs 3 --out whole`,
    );
    ended(whole);
    const resumed = await place.run("train --resume again --epochs 3 --device cpu");
    ended(resumed);
    assert.deepEqual(figuresOf(resumed.stdout), figuresOf(whole.stdout));
  });

  await t.step("embed gives states of any layer, averaged or frame by frame", async () => {
    const mean = await place.run("embed --weights tiny --json long.wav --device cpu");
    ended(mean);
    const [, loaded, total] = /(\d+) of the network's (\d+) tensors are loaded/.exec(mean.stderr)!;
    assert.equal(loaded, total);
    assert.match(
      mean.stderr,
      /left over: classifier\.\* \(2 tensors\), projector\.\* .*\(a head, and the backbone alone/,
    );
    const [{ shape, values }] = JSON.parse(mean.stdout).files;
    assert.deepEqual(shape, [TINY.hiddenSize]);
    const written = await place.run(
      "embed --weights tiny --frames --layer 3 --out states.safetensors long.wav --device cpu",
    );
    ended(written);
    const { tensors } = decodeSafetensors(
      await Deno.readFile(place.file("states.safetensors")),
      "states.safetensors",
    );
    const states = tensors.get("long.wav")!;
    const [frames, width] = states.shape;
    // A post-LN network's output is its last hidden state.
    const all = new Float32Array(states.data.slice().buffer);
    const averages = Array.from({ length: width }, (_, c) => {
      let sum = 0;
      for (let f = 0; f < frames; f++) sum += all[f * width + c];
      return sum / frames;
    });
    averages.forEach((x, c) => assert.ok(Math.abs(x - values[c]) < 1e-5));
    const wrong = await place.run("embed --weights tiny --layer 4 long.wav");
    ended(wrong, 2);
    assert.match(wrong.lastLine, /^timbre: --layer 4: tiny has 3 layers, so 0 to 3$/);
    const broken = await place.run("embed --weights tiny missing.wav long.wav --device cpu");
    ended(broken, 2);
    assert.match(broken.stdout, /long\.wav/);
    assert.match(broken.lastLine, /1 of 2 files could not be read/);
  });
});

Deno.test("a head alone is trained on what the frozen network gives, and says what it has heard", async () => {
  await using place = await Workplace.open();
  const seen = "wav2vec2-lg-xlsr-en-speech-emotion-recognition";
  await writeTiny(place.file(seen), { config: TINY_LARGE, head: "dense" });
  const done = await place.run(
    `train wav2vec2-large --weights ${seen} --data ${VOICES} --device cpu --out run`,
  );
  ended(done);
  assert.match(
    done.stderr,
    /left over: classifier\.dense\.\* \(2 tensors\), classifier\.output\.\* .*a head of another kind/,
  );
  assert.match(
    done.stderr,
    /the head is fresh and must be trained: the file does not hold projector\.weight, /,
  );
  for (const where of [done.stdout, done.stderr, await place.text("run", "report.html")]) {
    assert.match(where, /this checkpoint has\s+seen RAVDESS/i);
  }
  const evaluated = await place.run("evaluate run --device cpu");
  ended(evaluated);
  assert.match(evaluated.stdout, /this checkpoint has\s+seen RAVDESS/i);
  assert.deepEqual(figuresOf(evaluated.stdout), figuresOf(done.stdout));
  const history = (await place.text("run", "history.csv")).trimEnd().split("\n");
  assert.equal(history.length, 1 + 5);
});

Deno.test("a network that learned from nothing is fine-tuned further, and better whole than by its head", async () => {
  await using place = await Workplace.open();
  const common = `--data ${VOICES} --device cpu --epochs 3`;
  ended(await place.run(`train wav2vec2-small ${common} --out small`));
  const losses: number[] = [];
  for (const part of ["head", "all"]) {
    const weights = "--weights small/huggingface";
    const done = await place.run(
      `train wav2vec2-base ${weights} --train ${part} ${common} --out ${part}`,
    );
    ended(done);
    assert.match(done.stderr, /the head is fresh/);
    const { validation } = JSON.parse(await place.text(part, "metrics.json"));
    losses.push(validation.loss);
  }
  const [frozen, whole] = losses;
  assert.ok(whole < frozen - 0.02, `${frozen} with frozen features, ${whole} with all`);
});

Deno.test("any checkpoint that names classes is asked, and says what it has heard", async () => {
  await using place = await Workplace.open();
  const labels = ["calm", "sad"];
  await writeTiny(place.file("named"), { config: { ...TINY_LARGE, labels } });
  await writeTiny(place.file("heard"), { config: { ...TINY, labels, heard: ["ravdess"] } });
  const wave = makeWave({ samples: speech(20_000, 16_000), rate: 16_000 });
  await Deno.writeFile(place.file("clip.wav"), wave);
  const named = await place.run("predict --run named clip.wav --device cpu");
  ended(named);
  assert.match(named.stdout, /^file +emotion +calm +sad\n/);
  const heard = await place.run("predict heard clip.wav --device cpu");
  ended(heard);
  assert.match(heard.stdout, /^this model was trained on RAVDESS .*non-commercial/);
  assert.match(heard.stdout, /This checkpoint has seen RAVDESS: it was fine-tuned on clips of it/);
  await writeTiny(place.file("dense"), { config: { ...TINY_LARGE, labels }, head: "dense" });
  const dense = await place.run("predict dense clip.wav --device cpu");
  ended(dense);
  assert.match(dense.stdout, /^This checkpoint has seen RAVDESS: .* all its speakers/);
  assert.match(dense.stdout, /clip\.wav +(calm|sad) /);
});

Deno.test("a checkpoint that names classes is judged on all clips of a corpus", async () => {
  await using place = await Workplace.open();
  const labels = ["calm", "angry"];
  await writeUnevenClips(place.file("clips"), { labels, each: 3 });
  await writeTiny(place.file("named"), { config: { ...TINY_LARGE, labels } });
  await writeTiny(place.file("dense"), { config: { ...TINY_LARGE, labels }, head: "dense" });
  await writeTiny(place.file("mute"));
  const named = await place.run("evaluate named --data clips --device cpu");
  ended(named);
  assert.match(named.stdout, /^named: all clips of clips\n/);
  assert.match(
    named.stdout,
    /No clip was held out: what this checkpoint was trained on is not known/,
  );
  assert.match(named.stdout, /n = 6 test clips/);
  const dense = await place.run("evaluate dense --data clips --device cpu --json");
  ended(dense);
  const { cautions, metrics } = JSON.parse(dense.stdout);
  assert.equal(metrics.n, 6);
  assert.match(cautions[0], /^This checkpoint has seen RAVDESS/);
  const without = await place.run("evaluate named --device cpu");
  ended(without, 2);
  assert.match(without.lastLine, /^timbre: named: a checkpoint has no test clips of its own; give/);
  const mute = await place.run("evaluate mute --data clips --device cpu");
  ended(mute, 2);
  assert.match(mute.lastLine, /^timbre: mute: its config\.json names no labels/);
});

Deno.test("a step that memory cannot hold is told before the frozen layers are run", async () => {
  await using place = await Workplace.open();
  await writeTiny(place.file("tiny"));
  const train = `train wav2vec2-base --weights tiny --data ${VOICES} --device cpu --epochs 1`;
  const many = await place.run(`${train} --train encoder --batch 96 --out run`, {
    hook: "short_memory",
  });
  ended(many, 2);
  assert.match(
    many.lastLine,
    /^timbre: --train encoder with --batch 96 needs more than .* --accumulate 2 or more/,
  );
  assert.doesNotMatch(many.stderr, /frozen layers/);
  const few = await place.run(`${train} --train last:1 --batch 4 --out run`, {
    hook: "short_memory",
  });
  ended(few);
});

Deno.test("what does not go together is one line", async () => {
  await using place = await Workplace.open();
  await writeTiny(place.file("tiny"));
  const cases = [
    ["train wav2vec2-base", /wav2vec2-base needs --weights DIR, the folder of a checkpoint/],
    [
      "train cnn4 --weights tiny",
      /--weights goes with wav2vec2-base or wav2vec2-large, not with cnn4/,
    ],
    [
      "train wav2vec2-base --weights tiny --train body",
      /--train body: not known; allowed are head/,
    ],
    [
      "train wav2vec2-small --train head --data ../voices",
      /a network without --weights learns as a whole/,
    ],
    ["train wav2vec2-base --weights nowhere --data ../voices", /config\.json is missing/],
    [
      `train wav2vec2-base --weights tiny --train last:9 --data ${VOICES}`,
      /the encoder has 3 layers/,
    ],
    ["train wav2vec2-small --warmup 1.5", /--warmup 1\.5: expected a number from 0 to 1/],
  ] as const;
  for (const [words, line] of cases) {
    const outcome = await place.run(words);
    ended(outcome, 2);
    assert.match(outcome.lastLine, line);
  }
});
