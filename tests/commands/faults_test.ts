/** What can go wrong is told in one line with the right exit code, and costs no more than it must. */
import assert from "node:assert/strict";
import { summarize } from "../../engine/webgpu/adapter.ts";
import { firstAdapter } from "../engine/devices.ts";
import { speech } from "../features/signals.ts";
import { makeWave } from "../features/wave_file.ts";
import { type Outcome, type RunOptions, VOICES, Workplace } from "./programme.ts";

const CPU = "--device cpu";

/** One line that begins with the program's name; progress may stand before it. */
function failed({ code, stderr, lastLine }: Outcome, expected: { code: number; line: RegExp }) {
  assert.match(lastLine, /^timbre: /, stderr);
  assert.match(lastLine.slice("timbre: ".length), expected.line);
  assert.equal(code, expected.code, stderr);
  assert.ok(!/\n\s+at |unexpected/.test(stderr), stderr);
}

/** `--data` with one folder a class and a few clips in each. */
async function writeClasses(place: Workplace, folder: string, labels: readonly string[]) {
  for (const [i, label] of labels.entries()) {
    await Deno.mkdir(place.file(folder, label), { recursive: true });
    for (let take = 0; take < 10; take++) {
      const samples = speech(4000 + 100 * (10 * i + take), 22050);
      await Deno.writeFile(place.file(folder, label, `${take}.wav`), makeWave({ samples }));
    }
  }
}

Deno.test("what train cannot begin with is told before anything is computed", async (t) => {
  await using place = await Workplace.open();
  await Deno.writeTextFile(place.file("file"), "not a folder");
  await Deno.mkdir(place.file("taken"));
  await Deno.writeTextFile(place.file("taken", "letter.txt"), "dear");
  await Deno.mkdir(place.file("empty"));
  await writeClasses(place, "one-class", ["calm"]);
  await writeClasses(place, "two-classes", ["calm", "sad"]);
  await Deno.mkdir(place.file("neutral"));
  for (let actor = 1; actor <= 5; actor++) {
    for (const take of ["01-01", "01-02", "02-01", "02-02"]) {
      const name = `03-01-01-01-${take}-0${actor}.wav`;
      await Deno.copyFile(place.file(VOICES, `Actor_0${actor}`, name), place.file("neutral", name));
    }
  }
  const voices = `train mlp --data ${VOICES} ${CPU}`;
  const readable = ["--no-prompt", "--allow-read", "--allow-run=deno"];
  const mistakes: [words: string, line: RegExp, options?: RunOptions][] = [
    ["train --data nowhere", /^no such folder: nowhere; check/],
    ["train --data file", /^file is a file; expected the folder/],
    ["train --data empty", /^no audio in empty: expected files/],
    [`train ${CPU} --data one-class`, /one folder a class, at least two/],
    [`train ${CPU} --data neutral`, /expected clips of two classes at least, .*only 'neutral'/],
    [`train mlp ${CPU} --data two-classes --split actors`, /two-classes: .*actor/],
    [`train mlp ${CPU} --data two-classes --split statement`, /two-classes: .*use --split random/],
    [`${voices} --out file`, /^--out file: a file; give a folder/],
    [`${voices} --out taken`, /^--out taken: the folder is not empty and holds no run/],
    [`${voices} --out file/below`, /^cannot read file\/below: a part of the path is a file/],
    [`${voices} --out new`, /permission/, { flags: [...readable, "--allow-write=elsewhere"] }],
    [`train --data ${VOICES}`, /permission/, { flags: ["--no-prompt"] }],
    [`${voices} --batch 1`, /^--batch 1: expected a whole number, 2 or more/],
    ["train --resume nowhere", /^nowhere: there is no such folder/],
    ["train --resume taken", /^taken: the folder holds no run/],
    ["evaluate empty", /^empty: the folder is empty/],
    ["evaluate file", /^file: a file, not a folder/],
    ["predict --run nowhere x.wav", /^nowhere: there is no such folder; give the folder of a run/],
    ["predict --run file x.wav", /^file: .*(safetensors|header)/],
  ];
  for (const [words, line, options] of mistakes) {
    await t.step(`${words}: ${line.source}`, async () => {
      const outcome = await place.run(words, options);
      failed(outcome, { code: 2, line });
      assert.ok(!/features/.test(outcome.stderr), outcome.stderr);
    });
  }
  assert.deepEqual(await place.names("taken"), ["letter.txt"]);
  assert.equal(await place.text("file"), "not a folder");
});

Deno.test("broken recordings are named, or left out with --skip-broken", async () => {
  await using place = await Workplace.open();
  await writeClasses(place, "corpus", ["calm", "sad"]);
  await Deno.writeTextFile(place.file("corpus/calm/cut.wav"), "RIFF");
  await Deno.writeFile(place.file("corpus/sad/empty.wav"), new Uint8Array());
  const train = `train mlp --data corpus --epochs 1 ${CPU} --out run`;
  failed(await place.run(train), {
    code: 2,
    line: /^2 of 22 audio files cannot be used: .*cut\.wav: .*empty\.wav: empty.*--skip-broken$/,
  });
  const { code, stderr } = await place.run(`${train} --skip-broken`);
  assert.equal(code, 0, stderr);
  const { clips, notes } = JSON.parse(await place.text("run", "config.json")).corpus;
  assert.equal(clips.train + clips.validation + clips.test, 20);
  assert.match(notes.join(), /2 unreadable clips left out/);
  const judged = await place.run(`evaluate run ${CPU}`);
  assert.equal(judged.code, 0, judged.stderr);
});

Deno.test("a cache that cannot be written is a note, not a failure", async () => {
  await using place = await Workplace.open();
  await Deno.writeTextFile(place.file(".cache"), "in the way");
  const { code, stderr } = await place.run(
    `train mlp --data ${VOICES} --epochs 1 ${CPU} --out run`,
  );
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^note: features are not cached in \.cache\/timbre: /m);
});

Deno.test("a damaged model or checkpoint, or another corpus, is refused in one line", async (t) => {
  await using place = await Workplace.open();
  const begun = await place.run(`train mlp --data ${VOICES} --epochs 1 ${CPU} --out run`);
  assert.equal(begun.code, 0, begun.stderr);
  const clip = `${VOICES}/Actor_01/03-01-01-01-01-01-01.wav`;
  const model = place.file("run", "model.safetensors");
  const state = place.file("run", "checkpoint", "state.safetensors");
  const config = place.file("run", "config.json");

  /** Damages a file for as long as a few commands run. */
  async function damaged(file: string, damage: (bytes: Uint8Array) => Uint8Array, to: [
    words: string,
    line: RegExp,
  ][]) {
    const whole = await Deno.readFile(file);
    await Deno.writeFile(file, damage(Uint8Array.from(whole)));
    for (const [words, line] of to) failed(await place.run(words), { code: 2, line });
    await Deno.writeFile(file, whole);
  }
  const edit = (from: string, to: string) => (bytes: Uint8Array) => {
    // Byte for byte: the decoder called latin1 is windows-1252, which is not.
    const text = Array.from(bytes, (b) => String.fromCharCode(b)).join("");
    assert.ok(text.includes(from), `${from} is not there`);
    return Uint8Array.from(text.replace(from, to), (c) => c.charCodeAt(0));
  };
  const predict = `predict run ${clip} ${CPU}`;
  const evaluate = `evaluate run ${CPU}`;
  const resume = `train --resume run --epochs 2 ${CPU}`;

  await t.step(
    "a model cut short",
    () =>
      damaged(model, (bytes) => bytes.subarray(0, bytes.length - 1000), [
        [predict, /^run\/model\.safetensors: .*the file has only/],
        [evaluate, /^run\/model\.safetensors: .*the file has only/],
      ]),
  );
  await t.step(
    "a model that lies about sizes",
    () =>
      damaged(model, edit('"shape":[256]', '"shape":[999]'), [
        [predict, /^run\/model\.safetensors: .* needs 3996/],
      ]),
  );
  await t.step(
    "a model of a system nobody knows",
    () =>
      damaged(model, edit('"system":"mlp"', '"system":"mla"'), [
        [predict, /^run\/model\.safetensors: unknown system "mla"/],
      ]),
  );
  await t.step("a checkpoint cut short", () =>
    damaged(state, (bytes) => bytes.subarray(0, 100), [
      [resume, /^run\/checkpoint\/state\.safetensors: .*truncated/],
    ]));
  await t.step(
    "a checkpoint without its numbers",
    () =>
      damaged(state, edit('\\"random\\"', '\\"rondom\\"'), [
        [resume, /^run\/checkpoint\/state\.safetensors: trainer\.random should be/],
      ]),
  );
  await t.step(
    "a configuration that is none",
    () =>
      damaged(config, edit('"seed": 42', '"seed": -1'), [
        [evaluate, /^run\/config\.json: seed should be|^run\/config\.json\.seed should be/],
      ]),
  );
  await t.step("another corpus than the one it began with", async () => {
    await writeClasses(place, "other", ["calm", "sad"]);
    failed(await place.run(`${resume} --data other`), {
      code: 2,
      line: /^other: it now has 14, 3 and 3 clips of calm, sad .*the run began with 112, 24 and 24/,
    });
    await writeClasses(place, "strange", ["calm", "bored"]);
    failed(await place.run(`evaluate run --data strange ${CPU}`), {
      code: 2,
      line: /^strange: class "bored" is unknown to the model, which knows neutral, calm/,
    });
  });
  await t.step("no model yet", async () => {
    await Deno.remove(model);
    failed(await place.run(evaluate), { code: 2, line: /there is no such model; finish its run/ });
  });
  await t.step("no checkpoint", async () => {
    await Deno.remove(state);
    failed(await place.run(resume), { code: 2, line: /there is no checkpoint to resume from/ });
  });
});

/** A run that was cut short by a fault finishes from its checkpoint, without the fault. */
async function finishes(place: Workplace, run: string): Promise<void> {
  const { code, stderr } = await place.run(`train --resume ${run} ${CPU}`);
  assert.equal(code, 0, stderr);
  assert.ok((await place.names(run)).includes("report.html"));
}

Deno.test("a disk that fills up ends the training, and the last checkpoint goes on", async () => {
  await using place = await Workplace.open();
  const train = `train mlp --data ${VOICES} --epochs 4 ${CPU} --out run`;
  failed(await place.run(train, { hook: "disk_full" }), {
    code: 2,
    line:
      /^cannot write run\/checkpoint\/state\.safetensors: the disk is full; .*is kept; go on with: deno task train --resume run$/,
  });
  assert.deepEqual(await place.names("run", "checkpoint"), ["state.safetensors"]);
  await finishes(place, "run");
});

Deno.test("out of memory names --batch, and the checkpoint is kept", async () => {
  await using place = await Workplace.open();
  const train = `train cnn4 --data ${VOICES} --epochs 1 --batch 16 ${CPU} --out run`;
  const begun = await place.run(train);
  assert.equal(begun.code, 0, begun.stderr);
  const checkpoint = () => Deno.readFile(place.file("run", "checkpoint", "state.safetensors"));
  const before = await checkpoint();
  failed(await place.run(`train --resume run --epochs 2 ${CPU}`, { hook: "short_memory" }), {
    code: 1,
    line: /^out of memory: .* MB more.*--batch is 16.*the checkpoint in run is kept$/,
  });
  assert.deepEqual(await checkpoint(), before);
});

Deno.test("a GPU that goes away ends the training, and another device goes on", async () => {
  const adapter = await firstAdapter();
  if (!adapter) return;
  await using place = await Workplace.open();
  const [word] = summarize(adapter).name.split(" "); // takes a software adapter too
  const train = `train mlp --data ${VOICES} --epochs 9 --batch 16 --out run --device gpu:`;
  failed(await place.run(train + word, { hook: "lost_gpu" }), {
    code: 1,
    line: /^the GPU went away .*is kept; go on with: deno task train --resume run$/,
  });
  await finishes(place, "run");
});
