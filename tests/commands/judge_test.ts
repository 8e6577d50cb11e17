import assert from "node:assert/strict";
import type { Classifier } from "../../commands/model/answers.ts";
import { Judge } from "../../commands/hear/judge.ts";
import { DecodedRecording } from "../../features/compressed_recording.ts";

const RATE = 8000;
const LABELS = ["first", "second"];

/** Takes a clip's length for its features: the second class when it is longer than a second. */
function counting(batches: number[]): Judge {
  const classifier: Classifier = {
    ...{ input: "vector", labels: LABELS, synthetic: false, licence: null, unsureBelow: 0 },
    classify(rows) {
      batches.push(rows.length);
      const long = rows.map(([length]) => length > RATE);
      return Promise.resolve({
        predictions: long.map(Number),
        probabilities: long.flatMap((is) => is ? [0.25, 0.75] : [1, 0]),
      });
    },
  };
  const listen = ({ samples }: { samples: Float32Array }) =>
    Promise.resolve(Float32Array.of(samples.length));
  return new Judge(classifier, listen);
}

const loud = new DecodedRecording({
  samples: new Float32Array(100 * RATE).fill(0.5, 0, 50 * RATE),
  sampleRate: RATE,
});

Deno.test("verdicts come in the order of the stretches, none where it is quiet, in batches", async () => {
  const batches: number[] = [];
  const done: number[] = [];
  const stretches = Array.from({ length: 70 }, (_, i) => ({
    from: i % 7 === 6 ? 60 : i / 2,
    to: i % 7 === 6 ? 63 : i / 2 + (i % 2 === 0 ? 0.5 : 2),
  }));
  const verdicts = await counting(batches).judge(loud, stretches, (n) => done.push(n));
  verdicts.forEach((verdict, i) => {
    if (i % 7 === 6) return assert.equal(verdict, undefined);
    const second = i % 2 === 1;
    assert.deepEqual(verdict, {
      label: LABELS[Number(second)],
      confidence: second ? 0.75 : 1,
      probabilities: second ? [0.25, 0.75] : [1, 0],
    });
  });
  assert.equal(done.at(-1), 70);
  assert.deepEqual(done, done.toSorted((a, b) => a - b));
  assert.equal(batches.reduce((a, b) => a + b), 60, "61 stretches differ, one of them quiet");
  assert.ok(batches.every((n) => n <= 8));
});

Deno.test("where all is quiet the model is not asked, and a cue of hours is heard in its beginning", async () => {
  const batches: number[] = [];
  const judge = counting(batches);
  assert.deepEqual(await judge.judge(loud, [{ from: 60, to: 70 }]), [undefined]);
  assert.deepEqual(batches, []);
  let most = 0;
  const endless = {
    sampleRate: RATE,
    read(_from: number, count: number) {
      most = Math.max(most, count);
      return Promise.resolve(new Float32Array(Math.min(count, RATE)).fill(1));
    },
  };
  await judge.judge(endless, [{ from: 0, to: 36_000 }]);
  assert.equal(most, 30 * RATE);
});

Deno.test("a stretch that is asked for a thousand times is heard once, and sound is read onwards", async () => {
  const batches: number[] = [];
  const read: number[] = [];
  const recording = {
    sampleRate: RATE,
    read(from: number, count: number) {
      read.push(from / RATE);
      return loud.read(from, count);
    },
  };
  const stretches = Array.from({ length: 3000 }, (_, i) => {
    const from = [20, 5, 12][i % 3];
    return { from, to: from + (from === 5 ? 2 : 0.5) };
  });
  const verdicts = await counting(batches).judge(recording, stretches);
  assert.deepEqual(batches, [3]);
  assert.deepEqual(read, [5, 12, 20]);
  verdicts.forEach((verdict, i) => assert.equal(verdict!.label, LABELS[Number(i % 3 === 1)]));
});
