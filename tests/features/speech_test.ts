import assert from "node:assert/strict";
import { DecodedRecording } from "../../features/compressed_recording.ts";
import { findSpeech, FRAMES, levelsOf, measureLevels } from "../../features/speech.ts";
import { speech } from "./signals.ts";

const RATE = 16_000;

/** Speech at these seconds, over steady noise of a level in dB of full scale. */
function scene(seconds: number, spoken: [from: number, to: number][], noise: number, gain = 1) {
  const level = 10 ** (noise / 20) * Math.sqrt(3);
  let state = 1;
  const samples = Float32Array.from({ length: seconds * RATE }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return level * (state / 2 ** 31 - 1);
  });
  for (const [from, to] of spoken) {
    const words = speech((to - from) * RATE, RATE);
    words.forEach((x, i) => samples[from * RATE + i] += gain * x);
  }
  return samples;
}

function heard(samples: Float32Array): [number, number][] {
  return findSpeech(levelsOf(samples, RATE).db).map(({ from, to }) => [from / FRAMES, to / FRAMES]);
}

function near(found: [number, number][], wanted: [number, number][]): void {
  assert.equal(found.length, wanted.length, JSON.stringify(found));
  for (const [i, pair] of wanted.entries()) {
    for (const side of [0, 1]) {
      assert.ok(Math.abs(found[i][side] - pair[side]) < 0.35, `${found[i]}`);
    }
  }
}

Deno.test("speech is found over silence, over noise, and at any gain", () => {
  const spoken: [number, number][] = [[2, 5], [8, 10]];
  near(heard(scene(14, spoken, -100)), spoken);
  near(heard(scene(14, spoken, -50)), spoken);
  near(heard(scene(14, spoken, -70, 0.05)), spoken);
});

Deno.test("a quiet speaker after a loud one is found: the threshold goes with the minute", () => {
  const loud = scene(60, [[5, 9], [20, 24]], -75);
  const quiet = scene(60, [[30, 34]], -75, 0.03);
  near(heard(Float32Array.from([...loud, ...quiet])), [[5, 9], [20, 24], [90, 94]]);
});

Deno.test("neither silence, nor steady noise, nor a click is speech", () => {
  assert.deepEqual(heard(new Float32Array(5 * RATE)), []);
  assert.deepEqual(heard(scene(10, [], -20)), []);
  const click = scene(10, [], -60);
  click.fill(0.5, 5 * RATE, 5 * RATE + 800);
  assert.deepEqual(heard(click), []);
});

Deno.test("levels of a recording read in blocks are those of the whole, at odd rates too", async () => {
  for (const sampleRate of [RATE, 22_050, 11_025]) {
    const samples = Float32Array.from(
      { length: 25 * sampleRate + 123 },
      (_, i) => Math.sin(i) * Math.sin(i / 5000),
    );
    const blocks = await measureLevels(new DecodedRecording({ samples, sampleRate }));
    const whole = levelsOf(samples, sampleRate);
    assert.deepEqual(blocks, whole);
  }
});
