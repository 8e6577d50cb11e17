/** The three protocols: scikit-learn's very clips, the published folds, and no leak in any. */

import assert from "node:assert/strict";
import { UserError } from "../../../engine/error.ts";
import type { Clip, Corpus } from "../../../features/corpus/clip.ts";
import { RAVDESS_EMOTIONS } from "../../../features/corpus/ravdess.ts";
import { type Split, split } from "../../../features/corpus/split.ts";
import golden from "../../goldens/split.json" with { type: "json" };

function corpusOf(clips: Omit<Clip, "id" | "path">[], labels = RAVDESS_EMOTIONS): Corpus {
  const named = clips.map((clip, i) => ({ id: `${i}`, path: `${i}.wav`, ...clip }));
  return { name: "toy", kind: "ravdess", labels, clips: named, synthetic: false, notes: [] };
}

function ravdessLike(): Corpus {
  const clips: Omit<Clip, "id" | "path">[] = [];
  for (let label = 0; label < 8; label++) {
    for (const intensity of label === 0 ? [1] : [1, 2]) {
      for (const statement of [1, 2]) {
        for (const repetition of [1, 2]) {
          for (let actor = 1; actor <= 24; actor++) {
            clips.push({ label, intensity, statement, repetition, actor });
          }
        }
      }
    }
  }
  return corpusOf(clips);
}

function labelled(labels: readonly number[]): Corpus {
  return corpusOf(labels.map((label) => ({ label })));
}

function peopled(clipsOf: Record<string, number>): Corpus {
  const clips = Object.entries(clipsOf).flatMap(([actor, n]) =>
    Array.from({ length: n }, (_, i) => ({ label: i % 2, actor }))
  );
  return corpusOf(clips, ["a", "b"]);
}

function eachClipOnce({ train, validation, test }: Split, n: number): void {
  const all = [...train, ...validation, ...test].sort((a, b) => a - b);
  assert.deepEqual(all, Array.from({ length: n }, (_, i) => i));
}

function actorsIn(corpus: Corpus, part: readonly number[]): Set<unknown> {
  return new Set(part.map((i) => corpus.clips[i]!.actor));
}

Deno.test("random splits are scikit-learn's, clip for clip and in its order", () => {
  for (const expected of golden.splits) {
    const corpus = expected.labels === "ravdess"
      ? ravdessLike()
      : labelled(golden.labels[expected.labels as "uneven" | "interleaved"]);
    const { train, validation, test } = split(corpus, { protocol: "random", seed: expected.seed });
    assert.deepEqual(train, expected.train);
    assert.deepEqual(validation, expected.validation);
    assert.deepEqual(test, expected.test);
  }
});

Deno.test("a random split of RAVDESS has 1008, 216 and 216 clips, each in one part", () => {
  const corpus = ravdessLike();
  const parts = split(corpus, { protocol: "random", seed: 43 });
  assert.deepEqual([parts.train, parts.validation, parts.test].map((p) => p.length), [
    1008,
    216,
    216,
  ]);
  eachClipOnce(parts, 1440);
  assert.match(parts.describe, /seed 43.*little about a new speaker/);
});

Deno.test("actor folds of RAVDESS are the published ones, validated on the next fold's actors", () => {
  const corpus = ravdessLike();
  const testedOn = [
    [2, 5, 14, 15, 16],
    [3, 6, 7, 13, 18],
    [10, 11, 12, 19, 20],
    [8, 17, 21, 23, 24],
    [1, 4, 9, 22],
  ];
  const validatedOn = [[3, 6, 7], [10, 11, 12], [8, 17, 21], [1, 4, 9], [2, 5, 14]];
  for (const fold of [1, 2, 3, 4, 5]) {
    const parts = split(corpus, { protocol: "actors", seed: 42, fold });
    assert.deepEqual(actorsIn(corpus, parts.test), new Set(testedOn[fold - 1]));
    assert.deepEqual(actorsIn(corpus, parts.validation), new Set(validatedOn[fold - 1]));
    eachClipOnce(parts, 1440);
  }
});

Deno.test("nobody is heard in two parts of an actor split, whatever the actors", () => {
  const odd = peopled({ spk1: 9, spk2: 40, spk3: 3, spk10: 8, spk4: 8, spk5: 21, spk6: 2 });
  for (const corpus of [ravdessLike(), odd]) {
    const tested: unknown[] = [];
    for (const fold of [1, 2, 3, 4, 5]) {
      const parts = split(corpus, { protocol: "actors", seed: 0, fold });
      const sides = [parts.train, parts.validation, parts.test].map((p) => actorsIn(corpus, p));
      const all = new Set(corpus.clips.map((clip) => clip.actor));
      assert.equal(sides.reduce((sum, side) => sum + side.size, 0), all.size);
      assert.ok(sides.every((side) => side.size > 0));
      eachClipOnce(parts, corpus.clips.length);
      tested.push(...sides[2]!);
    }
    assert.equal(tested.length, new Set(tested).size, "every actor is tested in one fold alone");
  }
});

Deno.test("folds of other corpora are even by clips, fixed, and said to be made", () => {
  const corpus = peopled({
    a1: 10,
    a2: 10,
    a3: 10,
    a4: 10,
    a5: 10,
    a6: 6,
    a7: 4,
    a8: 10,
    a9: 10,
    a11: 20,
  });
  const sizes = [1, 2, 3, 4, 5].map((fold) =>
    split(corpus, { protocol: "actors", seed: 0, fold }).test.length
  );
  assert.deepEqual(sizes, [20, 20, 20, 20, 20]);
  const { describe } = split(corpus, { protocol: "actors", seed: 0, fold: 1 });
  assert.match(describe, /made from the 10 actors of this corpus/);
  const shuffled = corpusOf([...corpus.clips].reverse(), ["a", "b"]);
  assert.equal(split(shuffled, { protocol: "actors", seed: 9, fold: 1 }).describe, describe);
});

Deno.test("a statement split trains on the first sentence and tests on the second alone", () => {
  const corpus = ravdessLike();
  const parts = split(corpus, { protocol: "statement", seed: 42 });
  const statements = (
    part: readonly number[],
  ) => [...new Set(part.map((i) => corpus.clips[i]!.statement))];
  assert.deepEqual(statements(parts.train), [1]);
  assert.deepEqual(statements(parts.validation), [1]);
  assert.deepEqual(statements(parts.test), [2]);
  eachClipOnce(parts, 1440);
  const training = actorsIn(corpus, parts.train);
  const validating = [...actorsIn(corpus, parts.validation)];
  assert.equal(validating.length, 4);
  assert.ok(validating.every((actor) => !training.has(actor)));
});

Deno.test("the same seed gives the same split, another seed another", () => {
  const corpus = ravdessLike();
  for (const protocol of ["random", "statement"] as const) {
    assert.deepEqual(split(corpus, { protocol, seed: 5 }), split(corpus, { protocol, seed: 5 }));
    const other = split(corpus, { protocol, seed: 6 });
    assert.notDeepEqual(split(corpus, { protocol, seed: 5 }).validation, other.validation);
  }
});

Deno.test("impossible requests are a person's errors, in one line that says what to do", () => {
  const few = labelled([...new Array(6).fill(0), ...new Array(30).fill(1)]);
  const oneSided = corpusOf(
    ["a", "b", "c", "d", "e"].map((actor) => ({ label: actor === "a" ? 1 : 0, actor })),
    ["x", "y"],
  );
  const impossible: [Corpus, Parameters<typeof split>[1], RegExp][] = [
    [ravdessLike(), { protocol: "actors", seed: 1, fold: 6 }, /expected 1 to 5, got 6/],
    [ravdessLike(), { protocol: "actors", seed: 1, fold: 1.5 }, /expected 1 to 5, got 1.5/],
    [few, { protocol: "random", seed: 1 }, /'neutral' has 6 clips.*at least 7/],
    [few, { protocol: "actors", seed: 1, fold: 1 }, /do not tell who speaks.*--split random/],
    [few, { protocol: "statement", seed: 1 }, /36 of 36 do not; use --split random/],
    [peopled({ a: 9, b: 9, c: 9 }), { protocol: "actors", seed: 1 }, /at least 5 actors.*3 actors/],
    [oneSided, { protocol: "actors", seed: 1, fold: 1 }, /no clip of the class 'y'/],
  ];
  for (const [corpus, options, message] of impossible) {
    assert.throws(() => split(corpus, options), (error: unknown) => {
      assert.ok(error instanceof UserError, `${error}`);
      assert.match(error.message, message);
      assert.ok(!error.message.includes("\n"));
      return true;
    });
  }
});

Deno.test("without a validation part its clips are trained on, and the test clips stay the same", () => {
  const corpus = ravdessLike();
  for (const protocol of ["actors", "statement"] as const) {
    const usual = split(corpus, { protocol, seed: 42, fold: 2 });
    const parts = split(corpus, { protocol, seed: 42, fold: 2, validation: false });
    assert.deepEqual(parts.test, usual.test);
    assert.deepEqual(parts.validation, []);
    assert.deepEqual(
      parts.train,
      [...usual.train, ...usual.validation].sort((a, b) => a - b),
    );
    assert.match(parts.describe, /validated by folds within training/);
    assert.doesNotMatch(parts.describe, /validated on/);
  }
  // The paper's forest: 70/30, whose test part is otherwise halved.
  const usual = split(corpus, { protocol: "random", seed: 42 });
  const parts = split(corpus, { protocol: "random", seed: 42, validation: false });
  eachClipOnce(parts, 1440);
  assert.deepEqual(parts.train, usual.train);
  assert.equal(parts.test.length, 432);
  assert.match(parts.describe, /70\/30/);
});
