/** What a folder is taken for, and what is left out of it and said. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { UserError } from "../../../engine/error.ts";
import { actorOf } from "../../../features/corpus/folders.ts";
import { openCorpus } from "../../../features/corpus/open.ts";
import { decodeRavdessName, encodeRavdessName } from "../../../features/corpus/ravdess.ts";

/** Runs with a fresh folder that holds these files, all empty. */
async function withFiles(names: string[], run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    for (const name of names) {
      await Deno.mkdir(dirname(join(dir, name)), { recursive: true });
      await Deno.writeFile(join(dir, name), new Uint8Array());
    }
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function refuses(dir: string, message: RegExp): Promise<void> {
  await assert.rejects(openCorpus(dir), (error: unknown) => {
    assert.ok(error instanceof UserError, `${error}`);
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    return true;
  });
}

Deno.test("a RAVDESS name tells modality, channel, emotion, intensity, statement, take and actor", () => {
  assert.deepEqual(decodeRavdessName("03-01-06-01-02-01-12"), {
    modality: 3,
    channel: 1,
    emotion: 5,
    intensity: 1,
    statement: 2,
    repetition: 1,
    actor: 12,
    sex: "female",
  });
  for (const broken of ["03-01-09-01-02-01-12", "03-01-06-01-02-01", "03-01-06-01-02-01-00", "x"]) {
    assert.equal(decodeRavdessName(broken), null);
  }
  const name = { emotion: 5, intensity: 1, statement: 2, repetition: 1, actor: 12 };
  assert.equal(encodeRavdessName(name), "03-01-06-01-02-01-12");
});

Deno.test("flat, nested and doubled RAVDESS layouts give each clip once, in the order of names", async () => {
  const names = ["03-01-08-02-02-02-24", "03-01-01-01-01-01-01", "03-01-02-01-01-01-02"];
  const flat = names.map((name) => `${name}.wav`);
  const nested = names.map((name) => `Actor_${name.slice(-2)}/${name}.wav`);
  const doubled = [...nested, ...nested.map((path) => `audio_speech_actors_01-24/${path}`)];
  for (
    const [files, notes] of [[flat, []], [nested, []], [doubled, ["3 second copies left out"]]]
  ) {
    await withFiles(files!, async (dir) => {
      const corpus = await openCorpus(dir);
      assert.equal(corpus.kind, "ravdess");
      assert.equal(corpus.synthetic, false);
      assert.deepEqual(corpus.clips.map((clip) => clip.id), names.toSorted());
      assert.deepEqual(corpus.clips.map((clip) => clip.label), [0, 1, 7]);
      assert.deepEqual(corpus.notes, notes);
    });
  }
});

Deno.test("video, song, malformed and foreign files are left out, counted and named", async () => {
  const files = [
    "Actor_01/03-01-01-01-01-01-01.wav",
    "Actor_01/03-01-02-01-01-01-01.wav",
    "Actor_01/03-01-03-01-01-01-01.wav",
    "Actor_01/03-01-04-01-01-01-01.wav",
    "Actor_01/03-01-05-01-01-01-01.flac",
    "Actor_01/03-01-05-01-01-01-01.mp3",
    "Actor_01/03-02-05-01-01-01-01.wav",
    "Actor_01/01-01-05-01-01-01-01.m4a",
    "Actor_01/03-01-05-01-01-01-01 (1).wav",
    "Actor_01/03-01-55-01-01-01-01.wav",
    "Actor_01/._03-01-06-01-01-01-01.wav",
    "Actor_01/03-01-06-01-01-01-01.txt",
    ".trash/03-01-07-01-01-01-01.wav",
    "noise.wav",
  ];
  await withFiles(files, async (dir) => {
    const { clips, notes } = await openCorpus(dir);
    assert.deepEqual(clips.map((clip) => clip.label), [0, 1, 2, 3, 4]);
    assert.ok(clips[4]!.path.endsWith(".flac"), "the more faithful of two formats is taken");
    assert.deepEqual(notes, [
      "1 video file left out",
      "1 song file left out",
      "1 second copy left out",
      "2 malformed names left out: Actor_01/03-01-05-01-01-01-01 (1).wav, " +
      "Actor_01/03-01-55-01-01-01-01.wav",
      "1 audio file without a RAVDESS name left out",
    ]);
  });
});

Deno.test("any other corpus is one folder a class, with actors where every name holds one", async () => {
  const files = [
    "glad/speaker07_1.wav",
    "glad/deep/spk3-b.ogg",
    "angry/Actor 12/x.mp3",
    "angry/speaker7_2.WAV",
    ".hidden/speaker1_1.wav",
    "glad/readme.txt",
    "outside.wav",
  ];
  await withFiles(files, async (dir) => {
    const corpus = await openCorpus(dir);
    assert.equal(corpus.kind, "folders");
    assert.deepEqual(corpus.labels, ["angry", "glad"]);
    assert.deepEqual(corpus.clips.map(({ id, label, actor }) => [id, label, actor]), [
      ["angry/Actor 12/x.mp3", 0, "actor12"],
      ["angry/speaker7_2.WAV", 0, "speaker7"],
      ["glad/deep/spk3-b.ogg", 1, "spk3"],
      ["glad/speaker07_1.wav", 1, "speaker7"],
    ]);
    assert.deepEqual(corpus.notes, ["1 audio file outside the class folders left out"]);
  });
  await withFiles(["a/speaker1.wav", "b/one.wav"], async (dir) => {
    const corpus = await openCorpus(dir);
    assert.ok(corpus.clips.every((clip) => !("actor" in clip)));
    assert.deepEqual(corpus.notes, ["actors not used: only 1 of 2 names hold one"]);
  });
});

Deno.test("an actor is read only from a whole word with a number, and never from two", () => {
  assert.equal(actorOf("x_spk02.wav"), "spk2");
  assert.equal(actorOf("03-01-06-01-02-01-12.wav"), 12);
  for (const none of ["loudspeaker3.wav", "actor.wav", "spk1/spk2.wav", "7.wav"]) {
    assert.equal(actorOf(none), undefined, none);
  }
});

Deno.test("links are followed once, and circles and dead ends do no harm", async () => {
  await withFiles(["a/1.wav", "b/2.wav"], async (dir) => {
    await Deno.symlink(dir, join(dir, "a", "round"));
    await Deno.symlink(join(dir, "nowhere"), join(dir, "b", "dead.wav"));
    await Deno.symlink(join(dir, "a", "1.wav"), join(dir, "b", "again.wav"));
    const corpus = await openCorpus(dir);
    assert.deepEqual(corpus.clips.map((clip) => clip.id), ["a/1.wav", "b/2.wav"]);
  });
});

Deno.test("a folder that is no corpus is refused in one line", async () => {
  await refuses("no-such-folder", /no such folder: no-such-folder/);
  await withFiles(["x.wav"], (dir) => refuses(join(dir, "x.wav"), /is a file/));
  await withFiles(["notes.txt", ".x.wav"], (dir) => refuses(dir, /no audio in .*\.wav/));
  await withFiles(["only/1.wav"], (dir) => refuses(dir, /at least two.*only the folder 'only'/));
  await withFiles(["1.wav", "2.wav"], (dir) => refuses(dir, /found no folder with audio/));
  await withFiles(
    ["03-02-01-01-01-01-01.wav"],
    (dir) => refuses(dir, /no speech in .*1 song file left out/),
  );
});
