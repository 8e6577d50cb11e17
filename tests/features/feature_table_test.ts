import assert from "node:assert/strict";
import { tableOf, toCsv } from "../../commands/features.ts";
import { UserError } from "../../engine/error.ts";
import type { Clip, Corpus } from "../../features/corpus/clip.ts";
import { RAVDESS_EMOTIONS } from "../../features/corpus/ravdess.ts";
import { parseFeatureTable } from "../../features/feature_table.ts";
import { VECTOR_NAMES } from "../../features/vector.ts";

const size = VECTOR_NAMES.length;
const clips: Clip[] = [
  { id: "a", path: 'D/a, "b".wav', label: 4, actor: 11, statement: 2 },
  { id: "b", path: "D/b\n.wav", label: 0, actor: 3, statement: 1 },
  { id: "c", path: "D/c.wav", label: 4 },
];
const vectors = clips.map((_, r) =>
  Float32Array.from({ length: size }, (_, i) => Math.sin(r * size + i) * 10 ** (i % 7 - 3))
);

function csvOf(corpus: Partial<Corpus> = {}): string {
  const whole: Corpus = {
    ...{ name: "D", kind: "ravdess", labels: RAVDESS_EMOTIONS, clips, synthetic: false, notes: [] },
    ...corpus,
  };
  return toCsv(tableOf(whole, vectors, "D"));
}

function refused(text: string, message: RegExp): void {
  assert.throws(() => parseFeatureTable(text, "f.csv"), (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("a table that was written is read back to the bit, with who speaks and what", () => {
  const read = parseFeatureTable(csvOf(), "f.csv");
  assert.deepEqual(read.vectors, vectors);
  assert.deepEqual(read.labels, RAVDESS_EMOTIONS);
  assert.deepEqual(read.clips.map(({ label, actor, statement }) => [label, actor, statement]), [
    [4, 11, 2],
    [0, 3, 1],
    [4, undefined, undefined],
  ]);
  assert.equal(read.synthetic, false);
  assert.equal(parseFeatureTable(csvOf({ synthetic: true }), "f.csv").synthetic, true);
});

Deno.test("columns are found by name, in any order and among others", () => {
  const lines = csvOf({ clips: clips.filter(({ id }) => id === "c") }).trim().split("\r\n");
  const turned = lines.map((line) => line.split(",").reverse().join(",") + ",x").join("\n");
  const read = parseFeatureTable(`\ufeff${turned}\n\n`, "f.csv");
  assert.deepEqual(read.vectors, vectors.slice(0, 1));
});

Deno.test("classes of other corpora stand in alphabetical order", () => {
  const labels = ["zeal", "awe", "joy", "x", "envy"];
  const read = parseFeatureTable(csvOf({ labels }), "f.csv");
  assert.deepEqual(read.labels, ["envy", "zeal"]);
});

Deno.test("a missing column and a cell that is no number are named in one line", () => {
  const text = csvOf();
  refused(text.replace("mfcc_07_std", "mfcc_7"), /^f\.csv: there is no column 'mfcc_07_std' among/);
  refused(text.replace("emotion", "mood"), /^f\.csv: there is no column 'emotion'/);
  const first = text.split("\r\n")[3].split(",")[8];
  refused(text.replace(`,${first},`, ",NaN,"), /^f\.csv: row \d: \w+ is 'NaN', expected a finite/);
  refused(text.replace(`,${first},`, ",,"), /^f\.csv: row \d: \w+ is '', expected a finite/);
  refused(text.replace(`,${first},`, ",1e99,"), /^f\.csv: row \d: \w+ is '1e99'/);
  refused(text.replace(`,${first},`, ","), /^f\.csv: row \d has 128 cells, and 129 names/);
  refused(text.split("\r\n")[0], /^f\.csv: there is no line below the names$/);
});
