import assert from "node:assert/strict";
import { openRecording } from "../../features/open_recording.ts";
import { WorkerDecoder } from "../../features/decoder.ts";
import { decodeWav } from "../../features/wav.ts";
import { speech } from "./signals.ts";
import { makeWave, type WaveParts } from "./wave_file.ts";

async function withFile(bytes: Uint8Array, test: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    await test(path);
  } finally {
    await Deno.remove(path);
  }
}

async function refused(bytes: Uint8Array, line: RegExp): Promise<void> {
  await withFile(bytes, async (path) => {
    using decoder = new WorkerDecoder();
    await assert.rejects(openRecording(path, decoder), (error: Error) => {
      assert.equal(error.name, "UserError");
      assert.ok(error.message.startsWith(`${path}: `), error.message);
      assert.match(error.message.slice(path.length + 2), line);
      return true;
    });
  });
}

const text = new TextEncoder();
const samples = speech(999, 8000);

Deno.test("pieces of a WAV on disk are those of the whole decoded, whatever its format", async () => {
  const shapes: Omit<WaveParts, "samples">[] = [
    {},
    { bits: 8, rate: 8000 },
    { bits: 24, channels: 3, rate: 192_000 },
    { bits: 32, code: 3, channels: 6 },
    { container: "RIFX", channels: 2 },
    { container: "RF64" },
    { code: 0xfffe },
    { before: [["LIST", text.encode("odd")]], unpadded: true },
    { before: [["LIST", text.encode("odd")]], after: [["data", text.encode("late")]] },
    { dataSize: 0xffffffff },
  ];
  for (const shape of shapes) {
    const bytes = makeWave({ ...shape, samples });
    const whole = decodeWav(bytes);
    await withFile(bytes, async (path) => {
      using decoder = new WorkerDecoder();
      using recording = await openRecording(path, decoder);
      assert.equal(recording.sampleRate, whole.sampleRate);
      assert.equal(recording.length, whole.samples.length);
      for (const [from, count] of [[0, 10], [100, 57], [0, 9999], [-5, 8], [recording.length, 5]]) {
        assert.deepEqual(
          await recording.read(from, count),
          whole.samples.slice(Math.max(0, from), Math.max(0, from + count)),
        );
      }
    });
  }
});

Deno.test("what is no sound, cut off, or not read is refused in a line", async () => {
  const sound = makeWave({ samples });
  await refused(
    sound.subarray(0, 300),
    /^truncated WAV: its "data" chunk says 1998 bytes, 256 are/,
  );
  await refused(makeWave({ samples: [] }), /^empty: it holds no samples/);
  await refused(makeWave({ samples, code: 2 }), /^WAV of compression 2, expected PCM/);
  await refused(makeWave({ samples, rate: 7 }), /^sample rate 7 Hz, expected/);
  await refused(sound.subarray(0, 20), /^truncated|^broken WAV/);
  await refused(Uint8Array.of(0x1a, 0x45, 0xdf, 0xa3, 1, 2), /^broken MKV: /);
  await refused(text.encode("RIFF1234AVI LIST"), /^broken AVI: /);
  await refused(
    Uint8Array.of(0, 0, 1, 0xba, 33),
    /^an MPEG film, which is not read: ffmpeg -i FILE/,
  );
  await refused(text.encode("FLV\x01\x04"), /^a Flash film, which is not read: ffmpeg/);
  const packets = new Uint8Array(600).map((_, i) => i % 188 === 0 ? 0x47 : 7);
  await refused(packets, /^an MPEG transport stream, which is not read: ffmpeg/);
  const caf = Deno.readFileSync("tests/goldens/audio/tone.caf");
  caf.set(text.encode("ulaw"), 28);
  await refused(caf, /^CAF of A-law or µ-law, which is not read: ffmpeg/);
  caf.set(text.encode("alac"), 28);
  await refused(caf, /^its sound is not read \(CAF: unsupported format 'alac'\): ffmpeg/);
  await refused(text.encode("hello world!"), /^not an audio file that is read/);
  await refused(new Uint8Array(0), /^empty file/);
  using decoder = new WorkerDecoder();
  await assert.rejects(
    openRecording("nowhere.wav", decoder),
    /^UserError: nowhere\.wav: cannot be read \(no/,
  );
  await assert.rejects(
    openRecording(".", decoder),
    /^UserError: \.: cannot be read \(it is a folder\)/,
  );
});
