/** The built-in corpus: the same bytes every time, finished or not taken, and nobody's files lost. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../../engine/error.ts";
import { openCorpus } from "../../../features/corpus/open.ts";
import { makeSyntheticCorpus } from "../../../features/corpus/synthetic.ts";
import { clipPlan } from "../../../features/corpus/synthetic_plan.ts";
import { type ClipSpec, synthesize } from "../../../features/corpus/voice/synthesize.ts";
import { encodeWav } from "../../../features/corpus/voice/wav.ts";

const SMALL = { seed: 7, speakers: 1 };
const CLIP: ClipSpec = { actor: 2, emotion: 4, intensity: 2, statement: 1, repetition: 1 };

async function withFolder(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await run(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes.slice().buffer);
  return new Uint8Array(digest).toHex();
}

function level(samples: Float32Array): number {
  return 10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
}

Deno.test("the plan is RAVDESS's: 24 speakers of 60 clips, or an even 32", () => {
  const full = clipPlan({ speakers: 24, clipsPerActor: 60 });
  const small = clipPlan({ speakers: 24, clipsPerActor: 32 });
  assert.equal(full.length, 1440);
  assert.equal(small.length, 768);
  for (let emotion = 0; emotion < 8; emotion++) {
    const size = (plan: ClipSpec[]) => plan.filter((clip) => clip.emotion === emotion).length;
    assert.equal(size(full), emotion === 0 ? 96 : 192);
    assert.equal(size(small), 96);
  }
  assert.equal(new Set(full.map((clip) => JSON.stringify(clip))).size, 1440);
});

Deno.test("a clip is the same bytes in this version of the voices as when the version was set", async () => {
  // If this fails on purpose, raise SYNTHETIC_VERSION, so that corpora made before are remade.
  const bytes = encodeWav(synthesize(CLIP, 42), 22_050);
  assert.equal(
    await sha256(bytes),
    "190217b39f96802541b39c38f2c2fb57a3d945c0d93767cfa014953e1f1d54d1",
  );
});

Deno.test("a clip is speech-like in length and level, inside full scale, and differs by everything", () => {
  const samples = synthesize(CLIP, 42);
  assert.ok(samples.length > 22_050 && samples.length < 3.5 * 22_050, `${samples.length}`);
  assert.ok(samples.every((x) => Math.abs(x) <= 1));
  assert.ok(level(samples) > -45 && level(samples) < -10, `${level(samples)} dB`);
  const spoken = samples.subarray(samples.length / 3, samples.length / 2);
  assert.ok(level(spoken) > level(samples.subarray(0, 1500)) + 20, "it begins with a pause");
  const first = (clip: ClipSpec, seed: number) => synthesize(clip, seed).slice(0, 500).join();
  const others: [ClipSpec, number][] = [
    [CLIP, 43],
    [{ ...CLIP, actor: 4 }, 42],
    [{ ...CLIP, emotion: 3 }, 42],
    [{ ...CLIP, intensity: 1 }, 42],
    [{ ...CLIP, statement: 2 }, 42],
    [{ ...CLIP, repetition: 2 }, 42],
  ];
  const seen = new Set([first(CLIP, 42), ...others.map(([clip, seed]) => first(clip, seed))]);
  assert.equal(seen.size, others.length + 1);
});

Deno.test("a made corpus opens as synthetic, holds what the seed says, and is used again", async () => {
  await withFolder(async (dir) => {
    const progress: number[] = [];
    const onProgress = (done: number) => progress.push(done);
    assert.deepEqual(await makeSyntheticCorpus(dir, { ...SMALL, onProgress }), { reused: false });
    assert.deepEqual(progress, [8, 16, 24, 32]);
    const corpus = await openCorpus(dir);
    assert.equal(corpus.synthetic, true);
    assert.equal(corpus.clips.length, 32);
    assert.deepEqual(corpus.notes, []);
    const path = join(dir, "Actor_01", "03-01-05-02-01-01-01.wav");
    const expected = encodeWav(synthesize({ ...CLIP, actor: 1 }, 7), 22_050);
    assert.deepEqual(await Deno.readFile(path), expected);

    assert.deepEqual(await makeSyntheticCorpus(dir, SMALL), { reused: true });
    await Deno.remove(path);
    assert.deepEqual(await makeSyntheticCorpus(dir, SMALL), { reused: false });
    assert.deepEqual(await Deno.readFile(path), expected);
  });
});

Deno.test("another seed or size remakes the folder, and clips of before do not linger", async () => {
  await withFolder(async (dir) => {
    await makeSyntheticCorpus(dir, { ...SMALL, speakers: 2 });
    await makeSyntheticCorpus(dir, { ...SMALL, seed: 8 });
    assert.equal((await openCorpus(dir)).clips.length, 32);
    const path = join(dir, "Actor_01", "03-01-05-02-01-01-01.wav");
    const expected = encodeWav(synthesize({ ...CLIP, actor: 1 }, 8), 22_050);
    assert.deepEqual(await Deno.readFile(path), expected);
  });
});

Deno.test("an interrupted making is not taken for a corpus, and is finished by the next", async () => {
  await withFolder(async (dir) => {
    const stop = new AbortController();
    const making = makeSyntheticCorpus(dir, {
      ...SMALL,
      workers: 1,
      signal: stop.signal,
      onProgress: () => stop.abort(new Error("stopped")),
    });
    await assert.rejects(making, /stopped/);
    await assert.rejects(openCorpus(dir), /synthetic corpus that was not finished/);
    assert.deepEqual(await makeSyntheticCorpus(dir, SMALL), { reused: false });
    assert.equal((await openCorpus(dir)).clips.length, 32);
  });
});

Deno.test("a folder that holds something else is left alone", async () => {
  await withFolder(async (dir) => {
    await Deno.writeTextFile(join(dir, "thesis.txt"), "mine");
    await assert.rejects(makeSyntheticCorpus(dir, SMALL), (error: unknown) => {
      return error instanceof UserError && /holds other files/.test(error.message);
    });
    assert.deepEqual([...Deno.readDirSync(dir)].map((entry) => entry.name), ["thesis.txt"]);
    const file = join(dir, "thesis.txt");
    await assert.rejects(makeSyntheticCorpus(file, SMALL), (error: unknown) => {
      return error instanceof UserError && !error.message.includes("\n");
    });
  });
});
