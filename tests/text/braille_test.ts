import assert from "node:assert/strict";
import fc from "fast-check";
import { toBrf, wrapCells } from "../../text/braille/brf.ts";
import { encode } from "../../text/braille/encode.ts";
import { FRACTIONS, GREEK, LETTERS, LIGATURES, SIGNS, STRUCK } from "../../text/braille/signs.ts";
import { typeset } from "../../text/braille/typeset.ts";
import { readBraille } from "./braille_reader.ts";

const braille = (text: string) => encode(text).cells;

/** Rows of print and cells; blanks of the cells are written as spaces. */
function same(rows: Record<string, string>): void {
  for (const [print, cells] of Object.entries(rows)) {
    assert.equal(braille(print).replaceAll("\u2800", " "), cells, print);
  }
}

Deno.test("letters and capitals: one, a word, part of a word, a passage of three words", () => {
  same({
    "Hello, World!": "⠠⠓⠑⠇⠇⠕⠂ ⠠⠺⠕⠗⠇⠙⠖",
    "O'CONNOR": "⠠⠕⠄⠠⠠⠉⠕⠝⠝⠕⠗",
    "MERRY-GO-ROUND": "⠠⠠⠍⠑⠗⠗⠽⠤⠠⠠⠛⠕⠤⠠⠠⠗⠕⠥⠝⠙",
    "ABCs and McDONALD": "⠠⠠⠁⠃⠉⠠⠄⠎ ⠁⠝⠙ ⠠⠍⠉⠠⠠⠙⠕⠝⠁⠇⠙",
    "THE BBC": "⠠⠠⠞⠓⠑ ⠠⠠⠃⠃⠉",
    "I AM A BOY": "⠠⠠⠠⠊ ⠁⠍ ⠁ ⠃⠕⠽⠠⠄",
    "STOP IT NOW! Then he ran.": "⠠⠠⠠⠎⠞⠕⠏ ⠊⠞ ⠝⠕⠺⠖⠠⠄ ⠠⠞⠓⠑⠝ ⠓⠑ ⠗⠁⠝⠲",
    '"WHAT ARE YOU?" he said': "⠦⠠⠠⠠⠺⠓⠁⠞ ⠁⠗⠑ ⠽⠕⠥⠦⠠⠄⠴ ⠓⠑ ⠎⠁⠊⠙",
  });
});

Deno.test("numbers: points and commas go on, letters a to j after them are told from digits", () => {
  same({
    "1,000.50": "⠼⠁⠂⠚⠚⠚⠲⠑⠚",
    ".5": "⠼⠲⠑",
    "5:30": "⠼⠑⠒⠼⠉⠚",
    "2006-07": "⠼⠃⠚⠚⠋⠤⠼⠚⠛",
    "8/5": "⠼⠓⠸⠌⠼⠑",
    "the '70s": "⠞⠓⠑ ⠄⠼⠛⠚⠎",
    "3b 3B 3k 3rd": "⠼⠉⠰⠃ ⠼⠉⠠⠃ ⠼⠉⠅ ⠼⠉⠗⠙",
    "3.b 10,a": "⠼⠉⠲⠰⠃ ⠼⠁⠚⠂⠰⠁",
    "2½ ½5": "⠼⠃⠼⠁⠌⠃ ⠼⠁⠌⠃⠼⠑",
    "50% 5°C $5 €3": "⠼⠑⠚⠨⠴ ⠼⠑⠘⠚⠠⠉ ⠈⠎⠼⠑ ⠈⠑⠼⠉",
  });
});

Deno.test("punctuation: quotation marks by their place, a question mark that could be one, brackets", () => {
  same({
    "“Hello,” he said. ‘Hi’ don’t": "⠦⠠⠓⠑⠇⠇⠕⠂⠴ ⠓⠑ ⠎⠁⠊⠙⠲ ⠠⠦⠠⠓⠊⠠⠴ ⠙⠕⠝⠄⠞",
    "‘Say “Hi”,’ he said. ‘Go.’": "⠦⠠⠎⠁⠽ ⠘⠦⠠⠓⠊⠘⠴⠂⠴ ⠓⠑ ⠎⠁⠊⠙⠲ ⠦⠠⠛⠕⠲⠴",
    '"Hi" it\'s': "⠦⠠⠓⠊⠴ ⠊⠞⠄⠎",
    "Is it? ? (?)": "⠠⠊⠎ ⠊⠞⠦ ⠰⠦ ⠐⠣⠰⠦⠐⠜",
    "[a] (b) {c} <d> a/b \\": "⠨⠣⠁⠨⠜ ⠐⠣⠃⠐⠜ ⠸⠣⠉⠸⠜ ⠈⠣⠙⠈⠜ ⠁⠸⠌⠃ ⠸⠡",
    "a-b — – -- …": "⠁⠤⠃ ⠠⠤ ⠠⠤ ⠤⠤ ⠲⠲⠲",
    "user@x.com & co": "⠥⠎⠑⠗⠈⠁⠭⠲⠉⠕⠍ ⠈⠯ ⠉⠕",
    "¿Qué? «a»": "⠘⠰⠦⠠⠟⠥⠘⠌⠑⠦ ⠸⠦⠁⠸⠴",
  });
});

Deno.test("accents, strokes and ligatures stand where UEB puts them, under capitals too", () => {
  same({
    "é ê ñ ü ç å š ō": "⠘⠌⠑ ⠘⠩⠑ ⠘⠻⠝ ⠘⠒⠥ ⠘⠯⠉ ⠘⠫⠁ ⠘⠬⠎ ⠈⠤⠕",
    "ø ł đ æ œ": "⠈⠡⠕ ⠈⠡⠇ ⠈⠒⠙ ⠁⠘⠖⠑ ⠕⠘⠖⠑",
    "É ÉTÉ Æsop ÆON": "⠠⠘⠌⠑ ⠠⠠⠘⠌⠑⠞⠘⠌⠑ ⠠⠁⠠⠘⠖⠑⠎⠕⠏ ⠠⠠⠁⠘⠖⠑⠕⠝",
    "α Ω": "⠨⠁ ⠠⠨⠺",
  });
  assert.equal(braille("e\u0301"), braille("é"));
});

Deno.test("emotion marks are transcriber's notes, other brackets are the print's", () => {
  same({
    "[angrily] No. [door]": "⠈⠨⠣⠁⠝⠛⠗⠊⠇⠽⠈⠨⠜ ⠠⠝⠕⠲ ⠨⠣⠙⠕⠕⠗⠨⠜",
    "[😠] No.": "⠈⠨⠣⠁⠝⠛⠗⠊⠇⠽⠈⠨⠜ ⠠⠝⠕⠲",
    "[angrily": "⠨⠣⠁⠝⠛⠗⠊⠇⠽",
  });
});

Deno.test("what has no sign is listed and said in a note, and capitals are not begun for it", () => {
  const { cells, unknown } = encode("♪ МЫ ТУТ ВСЕ 中 ♪");
  assert.deepEqual(unknown.get("♪"), 2);
  assert.deepEqual(new Set(unknown.keys()), new Set("♪МЫТУВСЕ中"));
  assert.ok(cells.startsWith("⠈⠨⠣⠍⠥⠎⠊⠉⠈⠨⠜\u2800"));
  assert.ok(cells.includes("⠈⠨⠣⠥⠐⠖⠼⠙⠰⠑⠼⠃⠰⠙⠈⠨⠜"), "u+4e2d");
  assert.ok(!cells.includes("⠠⠄"));
  assert.equal(encode("plain").unknown.size, 0);
});

const covered = [
  ...LETTERS.keys(),
  ...GREEK.keys(),
  ...LIGATURES.keys(),
  ...STRUCK.keys(),
  ...FRACTIONS.keys(),
  ...SIGNS.keys(),
  ..."éèêëñçåšōă",
  ...'0123456789?“”‘’"',
];
const word = fc.array(
  fc.oneof(
    fc.constantFrom(...covered),
    fc.constantFrom(...covered.map((c) => [...c.toUpperCase()].length === 1 ? c.toUpperCase() : c)),
    fc.constantFrom(..."abcxyzABCXYZ0123.,?'\"“”‘’-("),
  ),
  { minLength: 1, maxLength: 8 },
).map((characters) => characters.join(""));
const shouted = word.map((w) => w.toUpperCase());
const sentence = fc.array(fc.oneof(word, shouted), { minLength: 1, maxLength: 6 })
  .map((words) => words.join(" "));

Deno.test("Braille read back is the text, for any text of covered characters", () => {
  fc.assert(
    fc.property(fc.array(sentence, { maxLength: 3 }), (lines) => {
      const print = typeset(lines.join("\n"));
      const singleOutside = print.split("‘").length > print.split("“").length;
      const { cells, unknown } = encode(print);
      assert.equal(unknown.size, 0, [...unknown.keys()].join());
      assert.equal(readBraille(cells, { singleOutside }), print);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("any text at all gives Braille cells, line for line", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    assert.match(braille(text), /^[\u2800-\u283f\n]*$/);
    assert.equal(braille(text).split("\n").length, typeset(text).split("\n").length);
  }));
});

Deno.test("BRF is ASCII, 40 by 25, with whole words and form feeds", () => {
  const text = "Hello, it is 7. ".repeat(300);
  const brf = toBrf(braille(text));
  assert.ok(brf.startsWith(",HELLO1 X IS".replace("X", "IT")));
  const pages = brf.split("\f");
  assert.equal(pages.pop(), "");
  assert.ok(pages.length > 1);
  for (const page of pages) {
    const lines = page.split("\r\n");
    assert.equal(lines.pop(), "");
    assert.ok(lines.length <= 25);
    for (const line of lines) assert.match(line, /^[ -_]{1,40}$/);
  }
  const words = pages.join("").split(/\s+/).filter((w) => w !== "");
  assert.deepEqual(words, Array(300).fill([",HELLO1", "IT", "IS", "#G4"]).flat());
});

Deno.test("page numbers have the last line's right end to themselves", () => {
  const lines = toBrf(braille("word ".repeat(300)), { pageNumbers: true }).split("\f")[1].split(
    "\r\n",
  );
  assert.equal(lines.length, 26); // 25, and what follows the last line's end
  assert.equal(lines[24], " ".repeat(38) + "#B");
});

Deno.test("a word longer than a line is broken, never inside a sign, and nothing is lost", () => {
  fc.assert(fc.property(sentence, fc.integer({ min: 8, max: 40 }), (text, width) => {
    const cells = braille(text);
    const lines = wrapCells(cells, width);
    for (const line of lines) {
      assert.ok(line.length <= width);
      if (line.length > 0) assert.ok(lines.length === 1 || line.trim() !== "");
    }
    const solid = (s: string) => s.replaceAll("\u2800", "");
    assert.equal(solid(lines.join("")), solid(cells));
  }));
  const broken = wrapCells(braille("a" + "[".repeat(10)), 8); // ⠨⠣ ten times
  assert.deepEqual(broken.map((line) => line.length), [7, 8, 6]);
});
