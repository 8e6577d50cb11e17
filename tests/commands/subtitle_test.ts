import assert from "node:assert/strict";
import fc from "fast-check";
import type { Verdict } from "../../commands/hear/judge.ts";
import type { Stretch } from "../../commands/hear/stretches.ts";
import { type MarkOptions, markSubtitles } from "../../commands/hear/subtitle_marks.ts";
import { summary } from "../../commands/subtitle.ts";
import { UserError } from "../../engine/error.ts";
import { RAVDESS_EMOTIONS } from "../../features/corpus/ravdess.ts";
import { STYLES } from "../../text/emotion_words.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function verdict(label: string, confidence = 0.9): Verdict {
  return { label, confidence, probabilities: [] };
}

/** Hears the same everywhere, or what `answer` says of a stretch. */
function options(
  answer: Verdict | undefined | ((stretch: Stretch, i: number) => Verdict | undefined),
  more: Partial<MarkOptions> = {},
): MarkOptions {
  return {
    ...{ file: "f", duration: 100, labels: RAVDESS_EMOTIONS, style: "adverb", minConfidence: 0.5 },
    hear: (stretches) =>
      Promise.resolve(
        stretches.map((s, i) => typeof answer === "function" ? answer(s, i) : answer),
      ),
    ...more,
  };
}

const srt = (...cues: [time: string, text: string][]) =>
  cues.map(([time, text], i) => `${i + 1}\n${time}\n${text}\n\n`).join("");
const AT_1 = "00:00:01,000 --> 00:00:05,000";
const AT_6 = "00:00:06,000 --> 00:00:10,000";

async function marked(text: string, ...rest: Parameters<typeof options>): Promise<string> {
  return read((await markSubtitles(utf8(text), options(...rest))).bytes);
}

Deno.test("a sure emotion stands before the words, in the style asked for; neutral ones do not", async () => {
  const text = srt([AT_1, "<i>Hello</i>"], [AT_6, "Hi"]);
  const answers = [verdict("angry"), verdict("neutral")];
  const words = { adverb: "[angrily] ", noun: "[anger] ", emoji: "[😠] " };
  for (const style of STYLES) {
    assert.equal(
      await marked(text, (_, i) => answers[i], { style }),
      text.replace("<i>", `<i>${words[style]}`),
    );
  }
  assert.equal(await marked(text, verdict("angry", 0.49)), text);
  assert.equal(await marked(text, undefined), text);
});

Deno.test("classes of another corpus are written as they are named, and cannot break the file", async () => {
  const labels = ["bored", "a]b{c}\n<i>"];
  const text = srt([AT_1, "Hello"]);
  assert.equal(await marked(text, verdict("bored"), { labels }), text.replace("H", "[bored] H"));
  assert.equal(
    await marked(text, verdict(labels[1]), { labels }),
    text.replace("H", "[a b c i] H"),
  );
});

Deno.test("each speaker is judged on their share of the cue, with what is around it", async () => {
  const asked: Stretch[] = [];
  const text = srt(["00:00:10,000 --> 00:00:18,000", "- Aaaa\n- Bbbb"]);
  const out = await marked(text, (stretch, i) => {
    asked.push(stretch);
    return verdict(["happy", "sad"][i]);
  });
  assert.equal(out, text.replace("- A", "- [happily] A").replace("- B", "- [sadly] B"));
  assert.deepEqual(asked, [{ from: 10, to: 14 }, { from: 14, to: 18 }]);
});

Deno.test("cues outside the audio, of no time, or the wrong way round are left alone and counted", async () => {
  const text = srt(
    ["-00:00:05,000 --> -00:00:01,000", "[angrily] Before"],
    ["00:00:03,000 --> 00:00:03,000", "Nothing"],
    ["00:00:05,000 --> 00:00:01,000", "Backwards"],
    ["99:00:00,000 --> 99:00:01,000", "After"],
    ["-00:00:02,000 --> 00:00:02,000", "Across"],
    ["00:01:38,000 --> 00:02:10,000", "Over"],
    ["00:00:30,000 --> 00:00:30,200", "Blink"],
  );
  const asked: Stretch[] = [];
  const { bytes, counts } = await markSubtitles(
    utf8(text),
    options((stretch) => {
      asked.push(stretch);
      return verdict("sad");
    }),
  );
  assert.equal(
    read(bytes),
    text.replace("Across", "[sadly] Across").replace("Over", "[sadly] Over"),
  );
  assert.deepEqual([counts.outside, counts.short, counts.cues], [4, 1, 7]);
  for (const { from, to } of asked) assert.ok(from >= 0 && to <= 100 && to > from);
  assert.match(
    summary(counts),
    /^7 cues, 2 marks \(sad 2\); 4 outside the audio or without a duration, left alone; 1 too short$/,
  );
});

Deno.test("a second run changes nothing, another style replaces, and doubt removes", async () => {
  const text = srt([AT_1, "- Hello\n- You"], [AT_6, "{\\an8}Hi"]);
  const once = await marked(text, verdict("fearful"));
  assert.equal(await marked(once, verdict("fearful")), once);
  const noun = await marked(text, verdict("fearful"), { style: "noun" });
  assert.equal(await marked(once, verdict("fearful"), { style: "noun" }), noun);
  const { bytes, counts } = await markSubtitles(utf8(once), options(verdict("fearful", 0.1)));
  assert.equal(read(bytes), text);
  assert.equal(counts.removed, 3);
  const labels = ["bored", "keen"];
  const other = await marked(once, verdict("bored"), { labels });
  assert.equal(other, await marked(text, verdict("bored"), { labels }));
  const named = srt([AT_1, "[sadly] JOHN: Hello"], [AT_6, ">> Hi. - [anger] MR. X: Oh. - No."]);
  const moved = await marked(named, verdict("calm"));
  assert.equal(
    moved,
    srt(
      [AT_1, "JOHN: [calmly] Hello"],
      [AT_6, ">> [calmly] Hi. - MR. X: [calmly] Oh. - [calmly] No."],
    ),
  );
  assert.equal(await marked(moved, verdict("calm")), moved);
  const human = srt([AT_1, "[neutral] [whispers] Hello"]);
  assert.equal(await marked(human, verdict("neutral")), human);
});

Deno.test("encoding, byte order mark and line ends stay; what cannot be written is told", async () => {
  const text = srt([AT_1, "Caf\u00e9 “x”"], [AT_6, "Hi"]).replaceAll("\n", "\r\n");
  const utf16 = (t: string) => {
    const units = Uint16Array.from([..."\ufeff" + t], (c) => c.charCodeAt(0));
    return new Uint8Array(units.buffer);
  };
  const single = (t: string) =>
    Uint8Array.from(t, (c) => ({ "“": 0x93, "”": 0x94 })[c] ?? c.charCodeAt(0));
  const expected = text.replace("Caf", "[sadly] Caf").replace("Hi", "[sadly] Hi");
  for (const write of [utf8, (t: string) => utf8("\ufeff" + t), utf16, single]) {
    const { bytes } = await markSubtitles(write(text), options(verdict("sad")));
    assert.deepEqual(bytes, write(expected));
  }
  await assert.rejects(
    markSubtitles(single(text), options(verdict("sad"), { style: "emoji" })),
    /^UserError: the subtitles are in Windows-1252, which has no 😢: choose --style adverb/,
  );
});

/** Files as odd as people's: any lines among those that mean something. */
const line = fc.oneof(
  fc.constantFrom(
    ...["1", "2", "", "WEBVTT", "NOTE x", AT_1, AT_6, "- Hi.", "- [sadly] Oh.", "<v A>Hi", "♪ la"],
    ...[">> Hi. - Oh.", "JOHN: Hi", "[sadly] THE MAN: no", "MR X: [anger] NO", "&gt;&gt; A"],
    ...["{\\i1}[anger] Hi", "[Events]", "Dialogue: 0,0:00:01.00,0:00:09.00,D,,0,0,0,,Hi\\N- Oh"],
  ),
  fc.string(),
);
const anyFile = fc.tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n", "\r"))
  .map(([lines, end]) => lines.join(end));

Deno.test("only marks are put in: without them every file is what it was, and marking again is nothing", async () => {
  let parsed = 0;
  const check = async (file: string) => {
    const text = file.toWellFormed().replace(/\[(?:sadly|anger)\] /g, "");
    try {
      const once = await marked(text, verdict("sad"));
      assert.equal(once.replaceAll("[sadly] ", ""), text);
      assert.equal(await marked(once, verdict("sad")), once);
      parsed++;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  };
  await fc.assert(fc.asyncProperty(anyFile, check), { numRuns: 500 });
  assert.ok(parsed > 50, `only ${parsed} files had cues`);
});

Deno.test("a hundred thousand cues, most beyond the audio and many overlapping, are marked", async () => {
  const two = (n: number) => String(n).padStart(2, "0");
  const time = (s: number) =>
    `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)},000`;
  const text = srt(
    ...Array.from({ length: 100_000 }, (_, i): [string, string] => {
      const start = Math.floor(i / 10);
      return [`${time(start)} --> ${time(start + 5)}`, `- Line ${i}\n- and ${i}`];
    }),
  );
  const { bytes, counts } = await markSubtitles(utf8(text), options(verdict("calm")));
  assert.equal(counts.cues, 100_000);
  assert.equal(counts.outside, 99_000);
  assert.equal(counts.marked.get("calm")! + counts.short, 2000); // the last reach beyond the end
  assert.ok(counts.short < 50);
  assert.equal(read(bytes).replaceAll("[calmly] ", ""), text);
});

Deno.test("lines of a hostile length are read in one pass", async () => {
  const long = 200_000;
  for (
    const piece of [
      " ",
      "<",
      "{",
      "{\\p",
      "(",
      "[",
      "-",
      "!",
      "0",
      ". ",
      "&",
      "<v ",
      ">",
      "A",
      "A ",
      "A:",
      ". >> ",
    ]
  ) {
    const text = srt([AT_1, "Hi" + piece.repeat(long)], [AT_6, piece.repeat(long)]);
    assert.ok((await marked(text, verdict("sad"))).includes("[sadly] Hi"));
  }
});
