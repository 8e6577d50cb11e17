/**
 * Timeline, subtitle, braille and listen as people run them: their tasks' own permissions, a small
 * untrained model, voices of the synthetic corpus; and what is wrong in one line each.
 */
import assert from "node:assert/strict";
import { RAVDESS_EMOTIONS } from "../../features/corpus/ravdess.ts";
import { ended, refused, VOICES, Workplace } from "./programme.ts";
import { writeModel } from "./untrained_model.ts";

const CLIP = `${VOICES}/Actor_01/03-01-05-01-01-01-01.wav`;
const CPU = "--run runs/new --device cpu";

const SRT = "1\r\n00:00:00,100 --> 00:00:02,500\r\n<i>Hello, “you”</i>\r\n\r\n" +
  "2\r\n01:00:00,000 --> 01:00:01,000\r\nLater\r\n";

Deno.test("recordings are followed, subtitles marked, read as Braille, and streams heard", async (t) => {
  await using place = await Workplace.open();
  const read = (name: string) => place.text(name);

  await t.step("without a trained model one line says so", async () => {
    refused(await place.run(`timeline ${CLIP} ${CPU}`), /^runs\/new: there is no such folder/);
  });
  await writeModel(place, "new");

  await t.step("timeline answers as a table, JSON, CSV and a page", async () => {
    const table = await place.run(`timeline ${CLIP} ${CPU}`);
    ended(table);
    assert.match(table.stdout, /SYNTHETIC/);
    assert.match(table.stdout, /\n0:0\d\.\d {2}0:0\d\.\d {2}[a-z]+ +\d+ %\n/);
    const json = await place.run(`timeline ${CLIP} --json ${CPU}`);
    const { segments, labels, synthetic, duration } = JSON.parse(json.stdout);
    assert.deepEqual([labels, synthetic], [RAVDESS_EMOTIONS, true]);
    assert.ok(segments.length > 0);
    for (const { start, end, emotion, confidence } of segments) {
      assert.ok(start >= 0 && end > start && end <= duration && confidence > 1 / 8);
      assert.ok(labels.includes(emotion));
    }
    const csv = await place.run(`timeline ${CLIP} --csv ${CPU}`);
    assert.equal(csv.stdout.trimEnd().split("\n").length, segments.length + 1);
    const html = await place.run(`timeline ${CLIP} --html page.html ${CPU}`);
    ended(html);
    assert.match(await read("page.html"), /<h1>03-01-05-01-01-01-01\.wav</);
    assert.ok(
      (await read("page.html")).includes(`<audio controls preload="metadata" src="${CLIP}">`),
    );
  });

  await t.step("the shipped model's licence is said with whatever it answers", async () => {
    const said = /trained on RAVDESS \(CC BY-NC-SA 4\.0\): for non-commercial use/;
    const json = await place.run(`timeline ${CLIP} --json --device cpu`);
    assert.match(JSON.parse(json.stdout).licence, said);
    const page = await place.run(`timeline ${CLIP} --html licensed.html --device cpu`);
    assert.match(page.stderr, said);
    assert.match(await read("licensed.html"), said);
    const csv = await place.run(`timeline ${CLIP} --csv --device cpu`);
    assert.match(csv.stderr, said);
    const table = await place.run(`timeline ${CLIP} --device cpu`);
    assert.match(table.stdout, said);
  });

  await t.step(
    "subtitle goes to standard output, to a file or over its input, the same each time",
    async () => {
      await Deno.writeTextFile(place.file("s.srt"), SRT);
      const words = `subtitle ${CLIP} s.srt --min-confidence 0 ${CPU}`;
      const shown = await place.run(words);
      ended(shown);
      const [, mark] = /<i>(\[[a-z]+\] )Hello/.exec(shown.stdout) ?? [, ""];
      assert.equal(shown.stdout.replace(mark, ""), SRT);
      assert.match(shown.lastLine, /^s\.srt: 2 cues, .*; 1 outside the audio/);
      assert.equal(await read("s.srt"), SRT);
      ended(await place.run(`${words} --out marked.srt`));
      assert.equal(await read("marked.srt"), shown.stdout);
      ended(await place.run(`${words} --in-place`));
      assert.equal(await read("s.srt"), shown.stdout);
      ended(await place.run(`${words} --in-place`));
      assert.equal(await read("s.srt"), shown.stdout);
      assert.deepEqual((await place.names()).filter((name) => name.endsWith(".part")), []);
    },
  );

  await t.step("without --min-confidence a mark is as sure as the model asks for", async () => {
    await Deno.writeTextFile(place.file("m.srt"), SRT);
    for (const [name, unsureBelow] of [["bold", 0], ["timid", 1]] as const) {
      await writeModel(place, name, { unsureBelow });
      const { lastLine } = await place.run(`subtitle ${CLIP} m.srt --run runs/${name}`);
      assert.match(lastLine, name === "timid" ? /1 not sure enough/ : /, 1 mark \(/);
    }
  });

  await t.step(
    "braille takes subtitles and text, to lines or to pages, and lists what it cannot say",
    async () => {
      await Deno.writeTextFile(place.file("b.srt"), SRT.replace("<i>", "<i>[angrily] "));
      const cells = await place.run("braille b.srt");
      ended(cells);
      assert.equal(
        cells.stdout.replaceAll("\u2800", " "),
        "⠈⠨⠣⠁⠝⠛⠗⠊⠇⠽⠈⠨⠜ ⠠⠓⠑⠇⠇⠕⠂ ⠦⠽⠕⠥⠴\n\n⠠⠇⠁⠞⠑⠗\n",
      );
      assert.equal(cells.stderr, "");
      await Deno.writeTextFile(place.file("t.txt"), "No ♪ 中 ♪");
      const brf = await place.run("braille t.txt --brf --out t.brf");
      ended(brf);
      assert.equal(await read("t.brf"), ',NO @.<MUSIC@.> @.<U"6#D;E#B;D@.>\r\n@.<MUSIC@.>\r\n\f');
      assert.match(
        brf.lastLine,
        /^t\.txt: no Braille sign for ♪ \(U\+266A\) ×2, 中 \(U\+4E2D\): a tr/,
      );
    },
  );

  await t.step("listen hears what is piped in", async () => {
    const stdin = await Deno.readFile(place.file(CLIP));
    const heard = await place.run(`listen ${CPU}`, { stdin });
    ended(heard);
    assert.match(heard.stdout, /^0:01\.0 {2}[a-z]+ +\d+ %\n$/);
    assert.match(heard.stderr, /SYNTHETIC/);
  });

  await t.step("what is wrong is one line, and no file is touched", async () => {
    await Deno.writeTextFile(place.file("text.txt"), "no subtitles");
    await Deno.writeTextFile(place.file("ok.srt"), SRT);
    const latin = Uint8Array.from(SRT.replace("“you”", "caf\u00e9"), (c) => c.charCodeAt(0));
    await Deno.writeFile(place.file("latin.srt"), latin);
    const sound = await Deno.readFile(place.file(CLIP));
    await Deno.writeFile(place.file("a.wav"), sound);
    const mistakes: [words: string, line: RegExp][] = [
      [`subtitle ${CLIP} none.srt`, /^none\.srt: cannot be read \(no such file\)/],
      [`subtitle ${CLIP} text.txt`, /^text\.txt: not subtitles that are read/],
      [`subtitle none.wav ok.srt --in-place`, /^none\.wav: cannot be read/],
      [`subtitle text.txt ok.srt --in-place`, /^text\.txt: not an audio file that is read/],
      [`subtitle ${CLIP} ok.srt --out runs`, /^cannot write runs: it is a folder/],
      [`subtitle ${CLIP} ok.srt --out no/o.srt`, /^cannot write no\/o\.srt: there is no such/],
      [
        `subtitle ${CLIP} latin.srt --in-place --style emoji --min-confidence 0`,
        /^the subtitles are in Windows-1252, which has no/,
      ],
      [`subtitle ${CLIP} ok.srt --run runs/none`, /^runs\/none: there is no such folder/],
      ["timeline ok.srt", /^ok\.srt: not an audio file that is read/],
      [`timeline ${CLIP} --html no/p.html`, /^cannot write no\/p\.html/],
      [`timeline a.wav --html ./a.wav`, /^cannot write \.\/a\.wav: it is a\.wav, which is read/],
      [`subtitle a.wav ok.srt --out a.wav`, /^cannot write a\.wav: it is a\.wav, which is read/],
      [`subtitle a.wav a.wav --in-place`, /^cannot write .*: it is a\.wav, which is read/],
      [`subtitle a.wav ok.srt --out ok.srt`, /^cannot write ok\.srt: it is ok\.srt, which is read/],
      [
        `timeline a.wav --html runs/new/model.safetensors`,
        /^cannot write .*: it is a file of runs\/new, which is read/,
      ],
      ["listen", /^nothing came on standard input/],
    ];
    for (const [words, line] of mistakes) {
      const [task, ...rest] = words.split(" ");
      refused(await place.run([task, CPU, ...rest].join(" ")), line); // a later --run holds
    }
    refused(await place.run("braille none.txt"), /^none\.txt: cannot be read/);
    refused(await place.run("braille ok.srt --out no/b.txt"), /^cannot write no\/b\.txt/);
    refused(
      await place.run("braille ok.srt --out ok.srt"),
      /^cannot write ok\.srt: it is ok\.srt,/,
    );
    assert.deepEqual(await Deno.readFile(place.file("a.wav")), sound);
    assert.equal(await read("ok.srt"), SRT);
    assert.deepEqual(await Deno.readFile(place.file("latin.srt")), latin);
    assert.deepEqual((await place.names()).filter((name) => name.endsWith(".part")), []);
  });
});
