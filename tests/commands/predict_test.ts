/** `predict` on files of every kind, sound or not: each answered or told of in a line of its own. */
import assert from "node:assert/strict";
import { toCsv } from "../../commands/predict.ts";
import { speech } from "../features/signals.ts";
import { makeWave, type WaveParts } from "../features/wave_file.ts";
import { runProgramme, Workplace } from "./programme.ts";
import { writeModel } from "./untrained_model.ts";

interface Said {
  readonly file: string;
  readonly label?: string;
  readonly probabilities?: Record<string, number>;
  readonly seconds?: number;
  readonly pieces?: number;
  readonly caution?: string;
  readonly cut?: boolean;
  readonly error?: string;
}

const RATE = 8000;
const voice = speech(1.5 * RATE, RATE);
const wave = (parts: Partial<WaveParts>) => makeWave({ samples: voice, rate: RATE, ...parts });
const repeated = (samples: Float32Array, times: number) =>
  Array.from({ length: times }, () => Array.from(samples)).flat();
const chord = Float32Array.from(
  { length: 3 * RATE },
  (_, i) =>
    [262, 330, 392].reduce((sum, hz) => sum + 0.2 * Math.sin(2 * Math.PI * hz * i / RATE), 0),
);
const bytes = (...parts: (string | number[])[]) =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : part
    ),
  );

const SOUND: Record<string, Uint8Array> = {
  "8-bit.wav": wave({ bits: 8 }),
  "192-khz.wav": makeWave({ samples: speech(60_000, 192_000), rate: 192_000 }),
  "six-channels.wav": wave({ channels: 6 }),
  "chord.wav": wave({ samples: chord }),
  "no name, = a formula.wav": wave({}),
  "cut.aiff": Deno.readFileSync("tests/goldens/audio/tone.aiff").subarray(0, 9000),
};

const UNSOUND: Record<string, [content: Uint8Array, error: RegExp]> = {
  "silence.wav": [wave({ samples: new Float32Array(RATE) }), /^silent: no sample reaches/],
  "long-silence.wav": [wave({ samples: new Float32Array(40 * RATE) }), /^nobody speaks in it/],
  "long-chord.wav": [wave({ samples: repeated(chord, 12) }), /^nobody speaks in it/],
  "liar.wav": [
    wave({ dataSize: 4_000_000 }),
    /^truncated WAV: its "data" chunk says 4000000 bytes, 24000 are there/,
  ],
  "film.mkv": [bytes([0x1a, 0x45, 0xdf, 0xa3, 0x9f]), /^broken MKV: /],
  "film.mp4": [bytes([0, 0, 0, 16], "ftypisom", [0, 0, 0, 0]), /^broken M4A: /],
  "text.mp3": [bytes("no sound at all"), /^not an audio file that is read \(WAV, FLAC/],
  "empty.wav": [new Uint8Array(0), /^empty file/],
};

Deno.test("every file is answered or told of, short or long, as JSON, CSV and a table", async () => {
  await using place = await Workplace.open();
  await writeModel(place, "new");
  for (const [name, content] of Object.entries(SOUND)) {
    await Deno.writeFile(place.file(name), content);
  }
  for (const [name, [content]] of Object.entries(UNSOUND)) {
    await Deno.writeFile(place.file(name), content);
  }
  const quiet = new Float32Array(3 * RATE);
  const talk = repeated(Float32Array.from([...quiet, ...voice, ...voice, ...voice]), 6);
  await Deno.writeFile(place.file("long.wav"), wave({ samples: talk }));
  const files = [...Object.keys(SOUND), "long.wav", ...Object.keys(UNSOUND), "none.wav"];
  const ask = async (form: string) => {
    const asked = await runProgramme(
      ["predict", ...files, "--run", "runs/new", form],
      { cwd: place.path },
    );
    assert.equal(asked.code, 2, asked.stderr);
    assert.match(asked.lastLine, /^timbre: 9 of 16 files could not be read \(see above\)$/);
    assert.match(
      asked.stderr,
      /^cut\.aiff: it seems cut off before its end; what is there was heard$/m,
    );
    return asked.stdout;
  };
  const answers: Said[] = JSON.parse(await ask("--json")).answers;
  assert.deepEqual(answers.map(({ file }) => file), files);
  const of = new Map(answers.map((answer) => [answer.file, answer]));
  for (const name of [...Object.keys(SOUND), "long.wav"]) {
    const { label, probabilities = {}, error } = of.get(name)!;
    assert.equal(error, undefined);
    assert.ok(Object.keys(probabilities).includes(label!));
    const sum = Object.values(probabilities).reduce((a, b) => a + b);
    assert.ok(Math.abs(sum - 1) < 1e-5, `${name}: ${sum}`);
  }
  for (const [name, [, line]] of Object.entries(UNSOUND)) {
    const { error = "" } = of.get(name)!;
    assert.ok(error.startsWith(`${name}: `), error);
    assert.match(error.slice(name.length + 2), line);
  }
  assert.deepEqual([of.get("long.wav")!.seconds, of.get("long.wav")!.pieces], [45, 6]);
  assert.equal(of.get("8-bit.wav")!.pieces, undefined);
  // chords, a tone, and less than a word
  const speechless = ["192-khz.wav", "six-channels.wav", "chord.wav", "cut.aiff"];
  const cautious = answers.filter(({ caution }) => caution !== undefined);
  assert.deepEqual(cautious.map(({ file }) => file), speechless);
  assert.deepEqual(answers.filter(({ cut }) => cut).map(({ file }) => file), ["cut.aiff"]);
  const rows = (await ask("--csv")).split("\r\n");
  assert.equal(rows.length, 2 + files.length);
  assert.match(rows[0], /^file,emotion,unsure,seconds,neutral,calm,.*,caution,error$/);
  assert.match(rows[4], /^chord\.wav,.*,no speech was found in it: the answer may mean nothing,$/);
  assert.match(rows[5], /^"no name, = a formula\.wav",[a-z]+,no,1\.5,0\.\d+,/);
  assert.match(rows.at(-2)!, /^none\.wav,,,,,,,,,,,,,cannot be read \(no such file\)$/);
  const table = (await ask("--device=cpu")).trimEnd().split("\n");
  assert.equal(table.length, 2 + files.length);
  assert.deepEqual(
    table.flatMap((line) => line.includes("no speech was found in it") ? line.split(" ")[0] : []),
    speechless,
  );
});

Deno.test("a CSV of predictions holds no formula, and nothing where there is no answer", () => {
  const rows = toCsv([
    { file: "=1.wav", label: "-a", unsure: true, seconds: 1.23456, probabilities: { "-a": 1 } },
    { file: "b.wav", error: 'b.wav: "no"' },
  ], ["-a"]);
  assert.equal(
    rows,
    'file,emotion,unsure,seconds,\'-a,caution,error\r\n\'=1.wav,\'-a,yes,1.235,1,,\r\nb.wav,,,,,,"""no"""\r\n',
  );
});
