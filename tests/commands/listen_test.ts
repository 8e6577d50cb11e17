import assert from "node:assert/strict";
import type { Classifier } from "../../commands/model/answers.ts";
import { Judge } from "../../commands/hear/judge.ts";
import { follow } from "../../commands/listen.ts";
import { StreamDecoder, Window } from "../../commands/hear/live.ts";
import { encodeMp3 } from "../../features/mp3.ts";
import { decodeWav } from "../../features/wav.ts";
import { speech } from "../features/signals.ts";
import { makeWave } from "../features/wave_file.ts";

const RATE = 8000;
const LABELS = ["low", "high"];

/** Says `high` and how loud, from a made-up input; `pause` runs while it judges. */
function judgeOf(pause: () => Promise<void> = () => Promise.resolve()): Judge {
  const classifier: Classifier = {
    ...{ input: "vector", labels: LABELS, synthetic: false, licence: null, unsureBelow: 0 },
    async classify(rows) {
      await pause();
      return { predictions: rows.map(() => 1), probabilities: rows.flatMap(() => [0.25, 0.75]) };
    },
  };
  return new Judge(classifier, () => Promise.resolve(new Float32Array(1)));
}

function pcm(samples: Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Int16Array.from(samples, (x) => Math.round(32_767 * x)).buffer);
}

async function* pieces(bytes: Uint8Array, size: number) {
  for (let i = 0; i < bytes.length; i += size) {
    yield await Promise.resolve(bytes.slice(i, i + size));
  }
}

async function lines(...args: Parameters<typeof follow>): Promise<string[]> {
  return await Array.fromAsync(follow(...args));
}

Deno.test("a line a second, with the emotion where somebody speaks, however the bytes are cut", async () => {
  const samples = new Float32Array(6 * RATE + 100);
  samples.set(speech(2 * RATE, RATE), 2 * RATE);
  for (const size of [777, 64_000]) {
    const source = { bytes: pieces(pcm(samples), size), rate: RATE };
    assert.deepEqual(await lines(source, judgeOf()), [
      "0:01.0  –",
      "0:02.0  –",
      "0:03.0  high       75 %",
      "0:04.0  high       75 %",
      "0:05.0  –",
      "0:06.0  –",
    ]);
  }
});

Deno.test("a WAV on the stream says its own rate, channels and format", async () => {
  const wav = makeWave({
    ...{ samples: speech(12_000, RATE), channels: 2, rate: 2000, bits: 24, dataSize: 0xffffffff },
    before: [["LIST", new TextEncoder().encode("abcd")]],
  });
  const source = () => ({ bytes: pieces(wav, 501), rate: 16_000 });
  assert.equal((await lines(source(), judgeOf())).length, 3);
  const decoder = new StreamDecoder(16_000);
  const parts: number[] = [];
  for await (const piece of source().bytes) parts.push(...decoder.decode(piece));
  assert.equal(decoder.sampleRate, 2000);
  assert.deepEqual(parts, [...decodeWav(wav).samples]);
});

Deno.test("a live source that is too fast loses seconds, and says how many; a file loses none", async () => {
  const spoken = pcm(speech(12 * RATE, RATE));
  let clock = 0;
  // each verdict takes four seconds of a source that gives one a second
  const live = {
    rate: RATE,
    bytes: (async function* () {
      for (let s = 0; s < 12; s++) {
        yield spoken.slice(2 * s * RATE, 2 * (s + 1) * RATE);
        clock += 1000;
        if (s % 4 === 3) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })(),
  };
  const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 10));
  const heard = await lines(live, judgeOf(slow), () => clock);
  assert.ok(heard.length < 12, heard.join("\n"));
  const skipped = heard.map((line) => Number(/\((\d+) s skipped\)/.exec(line)?.[1] ?? 0));
  const [last] = /^0:\d\d/.exec(heard.at(-1)!)!;
  assert.equal(last, "0:12");
  assert.equal(heard.length + skipped.reduce((a, b) => a + b), 12);
  const file = { bytes: pieces(spoken, 4096), rate: RATE };
  assert.equal((await lines(file, judgeOf(slow), () => 0)).length, 12);
});

Deno.test("nothing at all, and a WAV of nothing that is read, are told in a line", async () => {
  const none = { bytes: pieces(new Uint8Array(0), 1), rate: RATE };
  await assert.rejects(lines(none, judgeOf()), /^UserError: nothing came on standard input/);
  const odd = { bytes: pieces(makeWave({ samples: [0, 0], code: 2 }), 99), rate: RATE };
  await assert.rejects(lines(odd, judgeOf()), /^UserError: WAV of compression 2/);
});

Deno.test("compressed sound is refused with what makes it WAV, however it is cut", async () => {
  const golden = (name: string) =>
    Deno.readFileSync(new URL(`../goldens/audio/tone.${name}`, import.meta.url));
  const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
  const kinds: [bytes: Uint8Array, name: string][] = [
    [golden("flac"), "FLAC"],
    [golden("mp3"), "MP3"],
    [await encodeMp3({ samples: speech(16_000, 16_000), sampleRate: 16_000 }), "MP3"], // bare frames
    [golden("aac"), "AAC"],
    [golden("ogg"), "Ogg"],
    [golden("m4a"), "MP4 or M4A"],
    [ascii("\x1aE\xdf\xa3".padEnd(99, "\0")), "Matroska or WebM"],
  ];
  for (const [bytes, name] of kinds) {
    for (const size of [5, 1 << 16]) {
      await assert.rejects(
        lines({ bytes: pieces(bytes, size), rate: RATE }, judgeOf()),
        {
          name: "UserError",
          message: new RegExp(`^standard input is ${name}, .*: ffmpeg -i FILE`),
        },
      );
    }
  }
});

Deno.test("samples that look like a frame of MP3 are samples all the same", async () => {
  for (const first of [-1, -1025, -3585]) {
    const samples = Int16Array.from({ length: 3 * RATE }, (_, i) => i === 0 ? first : i % 7);
    const source = { bytes: pieces(new Uint8Array(samples.buffer), 999), rate: RATE };
    assert.equal((await lines(source, judgeOf())).length, 3);
  }
});

Deno.test("a window keeps the newest samples, and never more than its size", () => {
  const window = new Window(5);
  window.push(Float32Array.of(1, 2, 3));
  assert.deepEqual([...window.samples], [1, 2, 3]);
  window.push(Float32Array.of(4, 5, 6, 7));
  assert.deepEqual([...window.samples], [3, 4, 5, 6, 7]);
  window.push(Float32Array.from({ length: 9 }, (_, i) => i));
  assert.deepEqual([...window.samples], [4, 5, 6, 7, 8]);
});
