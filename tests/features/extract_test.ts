/**
 * Features of many files: in order, from a cache that is never trusted further than it holds, and with
 * every broken file named.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../engine/error.ts";
import { readAudio } from "../../features/audio.ts";
import { extract } from "../../features/extract.ts";
import { FeatureEngine, FEATURES } from "../../features/feature_engine.ts";
import { speech } from "./signals.ts";
import { makeWave } from "./wave_file.ts";

interface Room extends AsyncDisposable {
  cache: string;
  /** Four recordings of different lengths and rates. */
  paths: string[];
  path(name: string): string;
}

async function openRoom(): Promise<Room> {
  const folder = await Deno.makeTempDir({ prefix: "timbre-extract-" });
  const path = (name: string) => join(folder, name);
  const paths = [8000, 16000, 22050, 48000].map((rate, i) => {
    const file = path(`${i}.wav`);
    Deno.writeFileSync(file, makeWave({ samples: speech(3000 + 500 * i, rate), rate }));
    return file;
  });
  return {
    cache: path("cache"),
    paths,
    path,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

const options = { kind: "mel-image", workers: 2 } as const;

Deno.test("rows come in the order of the paths, as the engine computes each alone", async () => {
  await using room = await openRoom();
  const seen: number[] = [];
  const { rows, kept, notes } = await extract(room.paths, {
    ...options,
    cache: null,
    onProgress: (done, total) => seen.push(done / total),
  });
  assert.deepEqual(kept, [0, 1, 2, 3]);
  assert.deepEqual(notes, []);
  assert.deepEqual(seen, [0.25, 0.5, 0.75, 1]);
  using engine = await FeatureEngine.open();
  for (const [i, path] of room.paths.entries()) {
    const alone = await engine.compute("mel-image", await readAudio(path));
    assert.deepEqual(rows[i], alone);
  }
});

Deno.test("vectors are extracted like images", async () => {
  await using room = await openRoom();
  const { rows } = await extract(room.paths, { kind: "vector", cache: room.cache });
  assert.deepEqual(rows.map((row) => [row.length]), Array(4).fill(FEATURES.vector.shape));
  assert.ok(rows.every((row) => row.every(Number.isFinite)));
});

Deno.test("waveforms are as long as their clips, from the cache too", async () => {
  await using room = await openRoom();
  const options = { kind: "waveform", cache: room.cache } as const;
  const cold = await extract(room.paths, options);
  for (const [i, path] of room.paths.entries()) {
    const { samples, sampleRate } = await readAudio(path);
    assert.equal(cold.rows[i].length, Math.ceil(samples.length * 16_000 / sampleRate));
  }
  const warm = await extract(room.paths, options);
  assert.equal(warm.warm, 4);
  assert.deepEqual(warm.rows, cold.rows);
});

Deno.test("a warm start opens no audio, a changed file is made anew", async () => {
  await using room = await openRoom();
  const cold = await extract(room.paths, { ...options, cache: room.cache });
  assert.equal(cold.warm, 0);
  const { mtime } = await Deno.stat(room.paths[0]);
  const size = (await Deno.readFile(room.paths[0])).length;
  await Deno.writeFile(room.paths[0], new Uint8Array(size)); // not audio, yet nobody looks
  await Deno.utime(room.paths[0], mtime!, mtime!);
  const warm = await extract(room.paths, { ...options, cache: room.cache });
  assert.equal(warm.warm, 4);
  assert.deepEqual(warm.rows, cold.rows);

  await Deno.writeFile(room.paths[0], makeWave({ samples: speech(4000, 22050) }));
  const changed = await extract(room.paths, { ...options, cache: room.cache });
  assert.equal(changed.warm, 3);
  assert.notDeepEqual(changed.rows[0], cold.rows[0]);
  assert.deepEqual(changed.rows.slice(1), cold.rows.slice(1));
});

Deno.test("the same sound under another name is not made twice", async () => {
  await using room = await openRoom();
  const first = await extract(room.paths, { ...options, cache: room.cache });
  const copies = room.paths.map((path, i) => {
    Deno.copyFileSync(path, room.path(`copy${i}.wav`));
    return room.path(`copy${i}.wav`);
  });
  const second = await extract(copies, { ...options, cache: room.cache });
  assert.deepEqual(second.rows, first.rows);
  const entries = [...Deno.readDirSync(join(room.cache, "mel-image-v2"))];
  assert.equal(entries.length, 4);
});

const damages: [string, (file: string, bytes: Uint8Array) => void][] = [
  ["truncated", (file, bytes) => Deno.writeFileSync(file, bytes.subarray(0, 1000))],
  ["emptied", (file) => Deno.writeFileSync(file, new Uint8Array(0))],
  ["removed", (file) => Deno.removeSync(file)],
  ["changed in one bit", (file, bytes) => {
    bytes[5000] ^= 1;
    Deno.writeFileSync(file, bytes);
  }],
];
for (const [how, damage] of damages) {
  Deno.test(`a cache ${how} is remade without a word`, async () => {
    await using room = await openRoom();
    const cold = await extract(room.paths, { ...options, cache: room.cache });
    const entries = join(room.cache, "mel-image-v2");
    for (const { name } of [...Deno.readDirSync(entries)]) {
      damage(join(entries, name), Deno.readFileSync(join(entries, name)));
    }
    const again = await extract(room.paths, { ...options, cache: room.cache });
    assert.deepEqual({ ...again, warm: 0 }, cold);
    assert.equal(again.warm, 0);
    assert.equal((await extract(room.paths, { ...options, cache: room.cache })).warm, 4);
  });
}

Deno.test("an index that is damaged or of another version is remade without a word", async () => {
  await using room = await openRoom();
  const cold = await extract(room.paths, { ...options, cache: room.cache });
  const index = join(room.cache, "index.json");
  for (const text of ["", "{", "[]", '{"version":0,"files":{}}', '{"version":1,"files":{"a":1}}']) {
    await Deno.writeTextFile(index, text);
    const again = await extract(room.paths, { ...options, cache: room.cache });
    assert.deepEqual(again, cold);
  }
});

Deno.test("a cache that cannot be written costs a note, not the run", async () => {
  await using room = await openRoom();
  const { kept, notes } = await extract(room.paths, {
    ...options,
    cache: join(room.paths[0], "cache"),
  });
  assert.equal(kept.length, 4);
  assert.equal(notes.length, 1);
  assert.match(notes[0], /^features are not cached in .*cache: /);
});

Deno.test("all broken files are named in one line before anything is done", async () => {
  await using room = await openRoom();
  const silent = room.path("silent.wav");
  await Deno.writeFile(silent, makeWave({ samples: new Float32Array(100) }));
  const paths = [room.path("gone.wav"), ...room.paths, silent];
  await assert.rejects(extract(paths, { ...options, cache: room.cache }), (error: Error) => {
    assert.ok(error instanceof UserError);
    assert.equal(
      error.message,
      `2 of 6 audio files cannot be used: ${paths[0]}: cannot be read (no such file); ` +
        `${silent}: silent: no sample reaches −90 dB of full scale. ` +
        "Mend or remove them, or go on without them with --skip-broken",
    );
    return true;
  });
  const without = await extract(paths, { ...options, cache: room.cache, skipBroken: true });
  assert.deepEqual(without.kept, [1, 2, 3, 4]);
  assert.deepEqual(without.broken.map(({ path }) => path), [paths[0], silent]);
  const sound = await extract(room.paths, { ...options, cache: null });
  assert.deepEqual(without.rows, sound.rows);
});

Deno.test("of many broken files the first are named and the rest counted", async () => {
  const paths = Array.from({ length: 30 }, (_, i) => `no-such-${i}.wav`);
  await assert.rejects(extract(paths, { ...options, cache: null }), (error: Error) => {
    assert.match(
      error.message,
      /^30 of 30 .*no-such-7\.wav: cannot be read \(no such file\); and 22 more\./,
    );
    return true;
  });
  await assert.rejects(
    extract(paths, { ...options, cache: null, skipBroken: true }),
    new UserError(
      "none of 30 audio files can be used: no-such-0.wav: cannot be read (no such file)",
    ),
  );
});

Deno.test("compressed files are decoded beside WAV ones", async () => {
  await using room = await openRoom();
  const tones = ["tone.flac", "tone.mp3"].map((name) =>
    new URL(`../goldens/audio/${name}`, import.meta.url).pathname
  );
  const { kept } = await extract([tones[0], ...room.paths, tones[1]], { ...options, cache: null });
  assert.equal(kept.length, 6);
});

Deno.test("an abort ends the extraction with its reason", async () => {
  await using room = await openRoom();
  const abort = new AbortController();
  const reason = new Error("enough");
  const running = extract(room.paths, {
    ...options,
    cache: null,
    signal: abort.signal,
    onProgress: () => abort.abort(reason),
  });
  await assert.rejects(running, reason);
});
