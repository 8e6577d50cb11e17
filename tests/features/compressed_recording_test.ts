/** Compressed recordings read in pieces, however their bytes are cut, are those decoded whole. */
import assert from "node:assert/strict";
import { CompressedStream, decodeCompressed } from "../../features/compressed.ts";
import { openCompressed } from "../../features/compressed_recording.ts";
import { WorkerDecoder } from "../../features/decoder.ts";
import { openRecording } from "../../features/open_recording.ts";

const FORMATS = [
  ...(["flac", "mp3", "ogg", "opus", "m4a", "aac"] as const),
  ...(["aiff", "caf", "wma", "webm", "mkv", "avi"] as const),
];
const pathOf = (format: string) => `tests/goldens/audio/tone.${format}`;

for (const format of FORMATS) {
  Deno.test(`pieces of ${format} are those of the whole, kept or decoded as they are read`, async () => {
    using decoder = new WorkerDecoder();
    const path = pathOf(format);
    const whole = await decodeCompressed(Deno.readFileSync(path), format);
    const n = whole.samples.length;
    for (const sizes of [{}, { chunk: 300 }, { kept: 100 }, { kept: 100, chunk: 300 }]) {
      const file = Deno.openSync(path);
      using recording = await openCompressed(file, { path, format, decoder }, sizes);
      assert.deepEqual([recording.length, recording.sampleRate], [n, whole.sampleRate]);
      for (
        const [from, count] of [[50, 999], [3000, 2000], [10, 20], [-5, 9], [0, 2 * n], [n, 3]]
      ) {
        assert.deepEqual(
          await recording.read(from, count),
          whole.samples.slice(Math.max(0, from), from + count),
        );
      }
    }
  });
}

Deno.test("a FLAC cut anywhere, through a frame's header too, loses nothing", async () => {
  const flac = Deno.readFileSync(pathOf("flac"));
  const whole = (await decodeCompressed(flac, "flac")).samples;
  const headers = [86, 1992]; // of its two frames
  const near = headers.flatMap((at) => Array.from({ length: 18 }, (_, i) => at - 1 + i));
  for (const at of [...near, 1, 20, 41, 500, flac.length - 1]) {
    const stream = await CompressedStream.open("flac");
    const parts = [
      await stream.feed(flac.slice(0, at)),
      await stream.feed(flac.slice(at)),
      await stream.end(),
    ];
    assert.deepEqual(parts.flatMap(({ samples }) => Array.from(samples)), Array.from(whole));
  }
});

Deno.test("a compressed file that is damaged or cut off is refused in a line when it is opened", async () => {
  using decoder = new WorkerDecoder();
  const path = await Deno.makeTempFile();
  try {
    const flac = Deno.readFileSync(pathOf("flac"));
    const tagged = [...new TextEncoder().encode("ID3"), 3, 0, 0, 0, 0, 2, 0];
    const cases: [bytes: Uint8Array, line: RegExp][] = [
      [flac.subarray(0, 2000), /^truncated FLAC: it says 6000 samples, 4096 are there/],
      [Deno.readFileSync(pathOf("ogg")).subarray(0, 100), /^broken OGG: no sound in it/],
      [Uint8Array.from(tagged), /^no audio after its ID3 tag/],
    ];
    for (const [bytes, line] of cases) {
      await Deno.writeFile(path, bytes);
      await assert.rejects(openRecording(path, decoder), (error: Error) => {
        assert.ok(error.message.startsWith(`${path}: `), error.message);
        assert.match(error.message.slice(path.length + 2), line);
        return true;
      });
    }
    await Deno.writeFile(path, flac);
    using recording = await openRecording(path, decoder);
    assert.equal(recording.length, 6000);
  } finally {
    await Deno.remove(path);
  }
});
