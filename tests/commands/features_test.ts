import assert from "node:assert/strict";
import { METADATA, tableOf, toCsv } from "../../commands/features.ts";
import type { Clip, Corpus } from "../../features/corpus/clip.ts";
import { VECTOR_NAMES } from "../../features/vector.ts";
import { speech } from "../features/signals.ts";
import { makeWave } from "../features/wave_file.ts";
import { Workplace } from "./programme.ts";

const spoken: Clip = {
  id: "03-01-05-02-01-02-11",
  path: "D/Actor_11/03-01-05-02-01-02-11.wav",
  label: 1,
  actor: 11,
  statement: 1,
  intensity: 2,
  repetition: 2,
  sex: "male",
};
const bare: Clip = { id: "x", path: 'D/a, "b"/x.wav', label: 0 };

function corpusOf(clips: Clip[], labels = ["calm", "angry"]): Corpus {
  return { name: "D", kind: "folders", labels, clips, synthetic: false, notes: [] };
}

const size = VECTOR_NAMES.length;
const vectors = [0, 1].map((r) =>
  Float32Array.from({ length: size }, (_, i) => r + i === 0 ? 0.1 : (r * size + i) / 7)
);

Deno.test("a row of the table is what the name tells, then the features by name", () => {
  const [row] = tableOf(corpusOf([spoken]), vectors, "D");
  assert.deepEqual(Object.keys(row), [...METADATA, ...VECTOR_NAMES]);
  assert.deepEqual(METADATA.map((name) => row[name]), [
    "Actor_11/03-01-05-02-01-02-11.wav",
    "angry",
    "strong",
    1,
    2,
    11,
    "male",
    "no",
  ]);
  assert.equal(row.mfcc_01_mean, 0.1);
});

Deno.test("numbers read back as the very same f32", () => {
  const rows = tableOf(corpusOf([spoken, bare]), vectors, "D");
  const read = rows.flatMap((row) => VECTOR_NAMES.map((name) => Math.fround(Number(row[name]))));
  assert.deepEqual(read, vectors.flatMap((row) => [...row]));
});

Deno.test("CSV quotes what needs it, and leaves empty what a name does not tell", () => {
  const lines = toCsv(tableOf(corpusOf([spoken, bare]), vectors, "D")).split("\r\n");
  assert.equal(lines.length, 4);
  assert.ok(
    lines[0].startsWith(
      "file,emotion,intensity,statement,repetition,actor,sex,synthetic,mfcc_01_mean",
    ),
  );
  assert.equal(lines[1].split(",").length, METADATA.length + 121);
  assert.ok(lines[2].startsWith('"a, ""b""/x.wav",calm,,,,,,no,'), lines[2].slice(0, 40));
  assert.equal(lines[3], "");
});

Deno.test("no cell of a CSV is a spreadsheet's formula", () => {
  const clip = { ...bare, path: "D/=1+1/x.wav" };
  const [, line] = toCsv(tableOf(corpusOf([clip], ["@calm", "b"]), vectors, "D")).split("\r\n");
  assert.ok(line.startsWith("'=1+1/x.wav,'@calm,"), line.slice(0, 30));
});

Deno.test("a folder becomes a table, as CSV or JSON, or one line says why not", async (t) => {
  await using place = await Workplace.open();
  for (const [i, label] of ["calm", "sad"].entries()) {
    await Deno.mkdir(place.file("corpus", label), { recursive: true });
    const wave = makeWave({ samples: speech(5000 + 300 * i, 22050) });
    await Deno.writeFile(place.file("corpus", label, "x.wav"), wave);
  }
  await Deno.writeTextFile(place.file("corpus", "sad", "torn.wav"), "RIFF");

  await t.step("CSV and JSON hold the same numbers", async () => {
    const csv = await place.run("features corpus --skip-broken");
    assert.equal(csv.code, 0, csv.stderr);
    assert.match(csv.stdout, /^features\.csv: 2 clips, 8 columns of metadata and 121 features\n$/);
    assert.equal((await place.run("features corpus --skip-broken --json --out t.json")).code, 0);
    const rows: Record<string, unknown>[] = JSON.parse(await place.text("t.json"));
    assert.deepEqual(rows.map(({ file, emotion }) => [file, emotion]), [
      ["calm/x.wav", "calm"],
      ["sad/x.wav", "sad"],
    ]);
    const cells = rows.map((row) => Object.values(row).map((x) => x ?? "").join(","));
    const lines = (await place.text("features.csv")).trimEnd().split("\r\n");
    assert.deepEqual(lines, [Object.keys(rows[0]).join(","), ...cells]);
  });

  const mistakes: [words: string, line: RegExp][] = [
    ["features corpus", /^timbre: 1 of 3 audio files cannot be used: .*torn\.wav/],
    ["features nowhere", /^timbre: no such folder: nowhere; check its path$/],
    ["features corpus/calm", /one folder a class, at least two/],
    ["features corpus --out corpus", /^timbre: cannot write corpus: it is a folder, not a file$/],
    [
      "features corpus --out corpus/sad/x.wav",
      /^timbre: cannot write .*: it is .*x\.wav, which is read/,
    ],
    ["features corpus --out no/t.csv", /^timbre: cannot write no\/t\.csv: there is no such/],
  ];
  for (const [words, line] of mistakes) {
    await t.step(words, async () => {
      const { code, stdout, lastLine } = await place.run(words);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(lastLine, line);
    });
  }
});
