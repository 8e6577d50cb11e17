/**
 * Compressed audio comes out as the tone that went in, in this process or in a child, whatever its name;
 * a decoder that fails costs its own file alone.
 */
import assert from "node:assert/strict";
import { UserError } from "../../engine/error.ts";
import { type Audio, decodeAudio, readAudio } from "../../features/audio.ts";
import { type CompressedDecoder, WorkerDecoder } from "../../features/decoder.ts";
import { ProcessDecoder } from "../../features/decoder_process.ts";

const fixture = (name: string) => new URL(`../goldens/audio/${name}`, import.meta.url);
const names = [
  ...["tone.flac", "tone.mp3", "tone.ogg", "tone.opus", "tone.m4a", "tone.aac"],
  ...["tone.aiff", "tone.caf", "tone.webm", "tone.mkv", "tone.avi"],
];

/** A quarter of a second of 440 Hz at level 0.3: length, loudness and pitch. */
function assertTone({ samples, sampleRate }: Audio, level: number) {
  const seconds = samples.length / sampleRate;
  assert.ok(seconds > 0.24 && seconds < 0.27, `${seconds} s`);
  const loudness = Math.hypot(...samples) / Math.sqrt(samples.length);
  assert.ok(Math.abs(loudness / (level / Math.SQRT2) - 1) < 0.05, `loudness ${loudness}`);
  const middle = samples.subarray(0.1 * sampleRate, 0.2 * sampleRate); // codecs ring at the ends
  const rises = middle.filter((x, i) => x >= 0 && middle[i - 1] < 0).length;
  assert.ok(Math.abs(rises - 44) <= 1, `${rises} periods in a tenth of a second`);
}

for (const name of names) {
  Deno.test(`${name} is decoded in a Worker`, async () => {
    using decoder = new WorkerDecoder();
    // the name says nothing: content decides
    assertTone(await decodeAudio(Deno.readFileSync(fixture(name)), "clip.wav", decoder), 0.3);
  });
}

Deno.test("channels of a compressed file are averaged", async () => {
  using decoder = new WorkerDecoder();
  const bytes = Deno.readFileSync(fixture("stereo.flac"));
  assertTone(await decodeAudio(bytes, "stereo.flac", decoder), 0.15);
});

Deno.test("a child process decodes the same samples as a Worker", async () => {
  using inside = new WorkerDecoder();
  using outside = new ProcessDecoder();
  for (const name of names) {
    const bytes = Deno.readFileSync(fixture(name));
    const here = await decodeAudio(bytes.slice(), name, inside);
    const there = await decodeAudio(bytes, name, outside);
    assert.equal(there.sampleRate, here.sampleRate);
    assert.deepEqual(there.samples, here.samples);
  }
});

const decoders: [string, () => CompressedDecoder][] = [
  ["Worker", () => new WorkerDecoder()],
  ["child process", () => new ProcessDecoder()],
];
for (const [where, open] of decoders) {
  Deno.test(`a truncated FLAC is named by the ${where}, which goes on with the next file`, async () => {
    using decoder = open();
    const bytes = Deno.readFileSync(fixture("tone.flac"));
    await assert.rejects(
      decodeAudio(bytes.slice(0, 2000), "cut.flac", decoder),
      new UserError("cut.flac: truncated FLAC: it says 6000 samples, 4096 are there"),
    );
    assertTone(await decodeAudio(bytes, "whole.flac", decoder), 0.3);
  });
}

Deno.test("compressed files with bytes changed are read or refused", async () => {
  using decoder = new WorkerDecoder({ timeLimitMs: 5000 });
  let state = 1;
  const random = (below: number) => (state = Math.imul(state, 48271) >>> 1) % below;
  for (const name of names) {
    const sound = Deno.readFileSync(fixture(name));
    for (let round = 0; round < 8; round++) {
      const bytes = sound.slice(0, round % 2 ? undefined : random(sound.length));
      for (let i = 0; i < 5; i++) bytes[random(bytes.length)] = random(256);
      const problem = await decodeAudio(bytes, name, decoder).then(() => null, (error) => error);
      assert.ok(problem === null || problem instanceof UserError, String(problem));
    }
  }
});

Deno.test("a decoder that does not end is ended", async () => {
  using decoder = new WorkerDecoder({ timeLimitMs: 0 });
  await assert.rejects(
    decodeAudio(Deno.readFileSync(fixture("tone.mp3")), "slow.mp3", decoder),
    new UserError("slow.mp3: broken MP3: its decoder did not end"),
  );
});

Deno.test("a child that crashes costs its file and is replaced", async () => {
  using decoder = new ProcessDecoder({ script: new URL("./crashing_child.ts", import.meta.url) });
  for (const path of ["a.mp3", "b.mp3"]) {
    await assert.rejects(
      decodeAudio(Deno.readFileSync(fixture("tone.mp3")), path, decoder),
      new UserError(`${path}: broken MP3: the decoding process ended with it (code 9)`),
    );
  }
});

Deno.test("files that cannot be opened say why", async () => {
  using decoder = new WorkerDecoder();
  await assert.rejects(
    readAudio("tests/no-such.wav", decoder),
    new UserError("tests/no-such.wav: cannot be read (no such file)"),
  );
  await assert.rejects(
    readAudio("tests", decoder),
    new UserError("tests: cannot be read (it is a folder)"),
  );
});
