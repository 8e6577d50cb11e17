/** What each degradation does to sounds whose answer is known. */
import assert from "node:assert/strict";
import {
  amplified,
  degradations,
  delayed,
  standardNoise,
  telephone,
  withNoise,
} from "../../features/degrade.ts";
import { WorkerDecoder } from "../../features/decoder.ts";
import { encodeMp3, throughMp3 } from "../../features/mp3.ts";

const RATE = 16_000;

function tone(hz: number, level = 0.1) {
  const samples = Float32Array.from(
    { length: RATE },
    (_, i) => level * Math.sin(2 * Math.PI * hz * i / RATE),
  );
  return { samples, sampleRate: RATE };
}

/** Decibels of the second half against those of a tone of 0.1. */
function gainOf(samples: Float32Array): number {
  const settled = samples.subarray(RATE / 2);
  const power = settled.reduce((sum, x) => sum + x * x, 0) / settled.length;
  return 10 * Math.log10(power / 0.005);
}

Deno.test("the telephone band passes speech and stops what lies beyond", () => {
  const gain = (hz: number) => gainOf(telephone(tone(hz)).samples);
  for (const hz of [600, 1000, 2000]) assert.ok(Math.abs(gain(hz)) < 0.2, `${hz}: ${gain(hz)}`);
  for (const hz of [300, 3400]) assert.ok(Math.abs(gain(hz) + 3) < 0.2, `${hz}: ${gain(hz)}`);
  for (const hz of [75, 6800]) assert.ok(gain(hz) < -40, `${hz}: ${gain(hz)}`);
});

Deno.test("noise lies as far below the recording as asked, and is the same every time", () => {
  const clean = tone(500);
  const made = standardNoise();
  const noise = (clip: number) =>
    withNoise(clean, { decibels: 10, noise: made, clip }).samples.map((x, i) =>
      x - clean.samples[i]
    );
  assert.ok(Math.abs(gainOf(noise(3)) + 10) < 0.3, `${gainOf(noise(3))}`);
  assert.deepEqual(noise(3), noise(3));
  assert.notDeepEqual(noise(3), noise(4));
});

Deno.test("louder is clipped at full scale, softer is not", () => {
  const { samples } = amplified(tone(500, 0.5), 12);
  assert.equal(samples.reduce((a, b) => Math.max(a, b)), 1);
  assert.ok(Math.abs(gainOf(amplified(tone(500), -12).samples) + 12) < 0.01);
});

Deno.test("silence comes before, and all of the recording after it", () => {
  const { samples } = delayed(tone(500), 0.25);
  assert.equal(samples.length, 1.25 * RATE);
  assert.ok(samples.subarray(0, RATE / 4).every((x) => x === 0));
  assert.deepEqual(samples.slice(RATE / 4), tone(500).samples);
});

Deno.test("the first of all changes nothing, and no two have one name", () => {
  using decoder = new WorkerDecoder();
  const clean = tone(500);
  const all = degradations({ decoder, resample: (audio) => Promise.resolve(audio) });
  assert.equal(all[0].apply(clean, 0), clean);
  assert.equal(new Set(all.map(({ name }) => name)).size, 9);
});

Deno.test("MP3 takes an eighth of the bytes, keeps a voice's tones and their level, and loses the highest", async () => {
  using decoder = new WorkerDecoder();
  assert.ok((await encodeMp3(tone(500))).length < 2 * RATE / 6);
  for (const [hz, least, most] of [[300, -0.5, 0.5], [2000, -0.5, 0.5], [7900, -200, -10]]) {
    const { samples, sampleRate } = await throughMp3(tone(hz), decoder);
    assert.equal(sampleRate, RATE);
    assert.ok(samples.length >= RATE && samples.length < 1.25 * RATE, `${samples.length}`);
    const gain = gainOf(samples.subarray(0, 3 * RATE / 4));
    assert.ok(gain > least && gain < most, `${hz} Hz: ${gain} dB`);
  }
  await assert.rejects(encodeMp3({ ...tone(500), sampleRate: 48_000 }), /48000 Hz, expected 16000/);
});
