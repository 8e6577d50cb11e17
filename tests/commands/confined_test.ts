/** What a command that opens strangers' files can reach, and that what goes wrong inside is told. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Confinement, namedBy } from "../../commands/confined.ts";
import { type Failure, failureOf, Told } from "../../commands/words/failure.ts";

Deno.test("a confined command reads the files that were named, and can do nothing else", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const [named, neighbour] = ["a, b.wav", "a"].map((name) => join(folder, name));
    for (const path of [named, neighbour]) await Deno.writeTextFile(path, "sound");
    const link = join(folder, "link");
    await Deno.symlink(named, link);
    const read = [named, link, neighbour, "deno.json", "/proc/self/environ"];
    const script = new URL("./prying_worker.ts", import.meta.url);
    using inside = new Confinement(script, { read: [named, link] });
    const reply = await inside.ask({ read, write: join(folder, "new") });
    assert.deepEqual(reply, {
      ...{ [named]: true, [link]: true },
      ...{ [neighbour]: false, "deno.json": false, "/proc/self/environ": false },
      ...{ write: false, env: false, run: false, net: false, import: false, ask: false },
    });
    assert.deepEqual([...Deno.readDirSync(folder)].length, 3);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a confined command's decoder is started beside it, ended when told to, and started anew", async () => {
  const script = new URL("./decoding_worker.ts", import.meta.url);
  using inside = new Confinement(script, { read: ["tests/commands/", "commands/"] });
  const told = await inside.ask(Deno.readFileSync("tests/goldens/audio/tone.flac"));
  assert.deepEqual(told, ["broken FLAC: its decoder did not end", 6000]);
});

Deno.test("what may be read is what the words name, and the runs where none is", () => {
  const device = "cpu";
  const common = { json: false, csv: false, device } as const;
  assert.deepEqual(
    namedBy({ command: "predict", options: { files: ["a", "b"], ...common } }),
    ["a", "b", "runs"],
  );
  assert.deepEqual(
    namedBy({ command: "timeline", options: { file: "a", run: "r", html: "out", ...common } }),
    ["a", "r"],
  );
  const options = { audio: "a", subtitles: "s", out: "o", inPlace: false, style: "noun" } as const;
  assert.deepEqual(
    namedBy({ command: "subtitle", options: { ...options, run: "r/x.safetensors", device } }),
    ["a", "s", "r/x.safetensors", "r/huggingface"],
  );
});

Deno.test("a Worker that breaks is a failure, and a failure told of keeps its words and code", async () => {
  const breaks = "onmessage = () => setTimeout(() => { throw new Error('oh') })";
  const script = new URL(`data:text/javascript,${encodeURIComponent(breaks)}`);
  using inside = new Confinement(script, { read: [] });
  await assert.rejects(inside.ask(0), /oh/);
  const failure: Failure = { line: "x.wav: empty file", code: 2, unexpected: false };
  assert.equal(failureOf(new Told(failure)), failure);
});
