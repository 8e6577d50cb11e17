/** Recordings too long to be heard at once: what is heard of them, and how it becomes one answer. */
import assert from "node:assert/strict";
import type { Classifier } from "../../commands/model/answers.ts";
import { Judge } from "../../commands/hear/judge.ts";
import { combined, judgeLong, piecesOf } from "../../commands/hear/long.ts";
import { DecodedRecording } from "../../features/compressed_recording.ts";
import { speech } from "../features/signals.ts";

const RATE = 8000;

Deno.test("stretches of speech are cut into equal pieces of three to six seconds, short ones widened", () => {
  const around = { from: 8, to: 12 };
  assert.deepEqual(piecesOf({ from: 9, to: 11 }, around), [{ heard: around, seconds: 2 }]);
  for (const length of [6, 7.9, 10, 33, 3600]) {
    const pieces = piecesOf({ from: 5, to: 5 + length }, { from: 5, to: 5 + length });
    let end = 5;
    for (const { heard: { from, to }, seconds } of pieces) {
      assert.ok(Math.abs(from - end) < 1e-9 && seconds >= 3 && seconds <= 6, `${seconds}`);
      assert.ok(Math.abs(to - from - seconds) < 1e-9);
      end = to;
    }
    assert.ok(Math.abs(end - 5 - length) < 1e-9);
  }
});

Deno.test("pieces weigh as much as they are long, by the geometric mean", () => {
  const close = (found: number[], wanted: number[]) =>
    found.forEach((p, k) => assert.ok(Math.abs(p - wanted[k]) < 1e-6, `${found}`));
  const a = { probabilities: [0.8, 0.2] };
  const b = { probabilities: [0.2, 0.8] };
  close(combined([{ ...a, seconds: 3 }]), [0.8, 0.2]);
  close(combined([{ ...a, seconds: 3 }, { ...a, seconds: 9 }]), [0.8, 0.2]);
  close(combined([{ ...a, seconds: 3 }, { ...b, seconds: 3 }]), [0.5, 0.5]);
  const odds = 4 ** (0.75 - 0.25);
  close(combined([{ ...a, seconds: 9 }, { ...b, seconds: 3 }]), [
    odds / (1 + odds),
    1 / (1 + odds),
  ]);
  const certain = combined([{ probabilities: [1, 0], seconds: 1 }, { ...b, seconds: 1 }]);
  assert.ok(certain.every(Number.isFinite) && certain[0] > 0.99);
});

/** Hears how loud a piece is: the second class above a peak of 0.2. */
function loudness(): Judge {
  const classifier: Classifier = {
    ...{ input: "vector", labels: ["soft", "loud"], synthetic: false, licence: null },
    unsureBelow: 0,
    classify: (rows) =>
      Promise.resolve({
        predictions: rows.map(([peak]) => Number(peak > 0.2)),
        probabilities: rows.flatMap(([peak]) => peak > 0.2 ? [0.1, 0.9] : [0.9, 0.1]),
      }),
  };
  const peak = ({ samples }: { samples: Float32Array }) =>
    Promise.resolve(Float32Array.of(samples.reduce((most, x) => Math.max(most, Math.abs(x)), 0)));
  return new Judge(classifier, peak);
}

Deno.test("the answer to a long recording is that of most of its speech, silence aside", async () => {
  const samples = new Float32Array(100 * RATE);
  const put = (from: number, to: number, gain: number) => {
    const voice = speech((to - from) * RATE, RATE);
    const top = voice.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    voice.forEach((x, i) => samples[from * RATE + i] = gain * x / top);
  };
  put(10, 20, 0.1);
  put(70, 76, 0.5);
  const recording = new DecodedRecording({ samples, sampleRate: RATE });
  const soft = await judgeLong(recording, loudness());
  assert.equal(soft.label, "soft");
  assert.ok(soft.confidence > 0.5 && soft.confidence < 0.9, `${soft.confidence}`);
  assert.ok(Math.abs(soft.speech - 16) < 1.5, `${soft.speech} s`);
  assert.ok(soft.pieces >= 4 && soft.pieces <= 6, `${soft.pieces}`);
  put(40, 60, 0.5);
  assert.equal((await judgeLong(recording, loudness())).label, "loud");
});

Deno.test("where nobody speaks there is no answer", async () => {
  const hum = Float32Array.from({ length: 40 * RATE }, (_, i) => 0.3 * Math.sin(i / 10));
  for (const samples of [new Float32Array(40 * RATE), hum]) {
    await assert.rejects(
      judgeLong(new DecodedRecording({ samples, sampleRate: RATE }), loudness()),
      /^UserError: nobody speaks in it/,
    );
  }
});
