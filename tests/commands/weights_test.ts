import assert from "node:assert/strict";
import { join } from "node:path";
import { UserError } from "../../engine/error.ts";
import { fetchCheckpoint, readEndpoint, readToken } from "../../commands/weights.ts";
import type { HubRepository } from "../../commands/sources/hub.ts";
import type { Progress } from "../../report/progress.ts";
import { goldenFolder } from "../engine/io/memory_folder.ts";
import { HubServer } from "./hub_server.ts";
import { flagsOf, runProgramme } from "./programme.ts";

const NAME = "owner/small-model";
const post = goldenFolder("post_norm");
const WEIGHTS = "model.safetensors";
const large = post[WEIGHTS];

/** A server, an empty folder, and what fetches from the one into the other. */
class Place implements AsyncDisposable {
  readonly server: HubServer;
  readonly folder: string;
  readonly shown: string[] = [];

  private constructor(files: Readonly<Record<string, Uint8Array>>) {
    this.server = new HubServer(NAME, files);
    this.folder = join(Deno.makeTempDirSync(), "model");
  }

  static with(files: Readonly<Record<string, Uint8Array>> = post): Place {
    return new Place(files);
  }

  async fetch(more: Partial<HubRepository> = {}): Promise<string[]> {
    const { shown, folder, server: { endpoint } } = this;
    const progress: Progress = {
      start: (label, total) => shown.push(label, String(total)),
      update: (done) => shown.push(String(done)),
      stop: () => {},
      line: () => {},
    };
    const repository = { endpoint, name: NAME, revision: "main", pause: 1, ...more };
    return (await fetchCheckpoint(repository, { folder, progress })).map(({ path }) => path);
  }

  async refused(message: RegExp, more: Partial<HubRepository> = {}): Promise<void> {
    await assert.rejects(this.fetch(more), (error: unknown) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }

  names(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
  }

  /** Files of the folder are the very bytes of the repository. */
  assertSame(...names: string[]): void {
    for (const name of names) {
      assert.deepEqual(Deno.readFileSync(join(this.folder, name)), post[name]);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(join(this.folder, ".."), { recursive: true });
  }
}

const ALL = ["config.json", WEIGHTS, "preprocessor_config.json"];

Deno.test("a checkpoint is fetched whole, the large file from where the hub sends", async () => {
  await using place = Place.with({
    ...post,
    "README.md": Uint8Array.of(1),
    "pytorch_model.bin": large,
  });
  assert.deepEqual(await place.fetch({ token: "hf_secret" }), [
    "config.json",
    "preprocessor_config.json",
    WEIGHTS,
  ]);
  assert.deepEqual(place.names(), ALL);
  place.assertSame(...ALL);
  assert.ok(
    place.shown.includes(`${WEIGHTS}, kB`) && place.shown.at(-1) === "8",
    String(place.shown),
  );
  assert.ok(
    place.server.hubAsked.every(({ authorization }) => authorization === "Bearer hf_secret"),
  );
  assert.deepEqual(
    place.server.asked.map(({ authorization }) => authorization),
    [null],
    "the token is the hub's alone",
  );
});

Deno.test("what is there and sound is not fetched again, what is not sound is", async () => {
  await using place = Place.with();
  await place.fetch();
  const before = place.server.hubAsked.length;
  await place.fetch();
  assert.equal(place.server.asked.length, 1);
  assert.ok(place.server.hubAsked.slice(before).every(({ path }) => path.includes("/tree/")));
  const damaged = large.slice();
  damaged[5000] ^= 1;
  Deno.writeFileSync(join(place.folder, WEIGHTS), damaged);
  await place.fetch();
  place.assertSame(...ALL);
});

Deno.test("a connection that breaks is taken up where it broke", async () => {
  await using place = Place.with();
  Object.assign(place.server.faults, { breakAfter: 1500, breaks: 3 });
  await place.fetch();
  place.assertSame(...ALL);
  assert.deepEqual(place.server.asked.map(({ range }) => range), [
    null,
    ...[1500, 3000, 4500].map((at) => `bytes=${at}-${large.length - 1}`),
  ]);
});

Deno.test("after giving up, the next run goes on where this one stopped", async () => {
  await using place = Place.with();
  Object.assign(place.server.faults, { breakAfter: 0, breaks: 100 });
  await place.refused(/^owner\/small-model: .*; the same command goes on where this one stopped$/);
  assert.equal(place.server.asked.length, 4, "attempts that brought nothing");
  const part = place.names().find((name) => name.endsWith(".part"))!;
  await Deno.writeFile(join(place.folder, part), large.slice(0, 4000));
  place.server.faults.breaks = 0;
  place.server.asked.length = 0;
  await place.fetch();
  place.assertSame(...ALL);
  assert.deepEqual(place.server.asked.map(({ range }) => range), [
    `bytes=4000-${large.length - 1}`,
  ]);
  assert.deepEqual(place.names(), ALL);
});

Deno.test("a server that cannot go on amid a file sends it anew", async () => {
  await using place = Place.with();
  Object.assign(place.server.faults, { breakAfter: 1500, breaks: 1, ignoreRange: true });
  await place.fetch();
  place.assertSame(...ALL);
});

Deno.test("a server that falls silent, or is busy, is asked again", async () => {
  await using place = Place.with();
  Object.assign(place.server.faults, { stall: true, busy: 2 });
  await place.fetch({ patience: 200 });
  place.assertSame(...ALL);
});

Deno.test("content of another checksum or length never gets the name", async () => {
  await using place = Place.with();
  const wrong = large.slice();
  wrong[6000] ^= 1;
  place.server.faults.wrongContent = wrong;
  await place.refused(
    /^model\.safetensors: its checksum is [0-9a-f]{12}…, the hub lists [0-9a-f]{12}…; what came was thrown away/,
  );
  assert.deepEqual(place.names(), ["config.json", "preprocessor_config.json"]);
  place.server.faults.wrongContent = new Uint8Array(large.length + 5);
  await place.refused(/more than the \d+ bytes that the hub lists came/);
  delete place.server.faults.wrongContent;
  await place.fetch();
  place.assertSame(...ALL);
});

Deno.test("what the hub refuses is one line that says what to do", async () => {
  await using place = Place.with();
  const cases: [status: number, token: string | undefined, message: RegExp][] = [
    [401, undefined, /no such model, or it is private or gated; check the name, or set HF_TOKEN/],
    [401, "hf_x", /does not accept the token in HF_TOKEN/],
    [403, undefined, /wants a token; set HF_TOKEN.*accept the model's terms at http:/],
    [403, "hf_x", /the token in HF_TOKEN may not read it; accept the model's terms/],
    [404, undefined, /there is no such model, revision or file at http:.* \(revision main\)/],
    [418, undefined, /the server answers with status 418$/],
    [500, undefined, /status 500; the same command goes on/],
  ];
  for (const [status, token, message] of cases) {
    place.server.faults.status = status;
    await place.refused(message, token === undefined ? {} : { token });
  }
  delete place.server.faults.status;
  await place.refused(/there is no revision v9 at/, { revision: "v9" });
  await place.refused(/there is no such model/, { name: "owner/none" });
  const { endpoint } = place.server;
  await place.server[Symbol.asyncDispose]();
  await place.refused(/^owner\/small-model: .*refused.*; the same command goes on/i, { endpoint });
});

Deno.test("repositories without a Wav2Vec2 are refused before their weights are fetched", async () => {
  const bert = new TextEncoder().encode('{"model_type":"bert"}');
  const cases: [files: Record<string, Uint8Array>, message: RegExp][] = [
    [{}, /revision main has no config\.json; expected a Wav2Vec2 model/],
    [{ ...post, "config.json": bert }, /config\.json: model_type is "bert"/],
    [{ "config.json": post["config.json"], [WEIGHTS]: large }, /has no preprocessor_config\.json/],
  ];
  for (const [files, message] of cases) {
    await using place = Place.with(files);
    await place.refused(message);
    assert.deepEqual(place.server.asked, []);
  }
  const { [WEIGHTS]: _, ...bare } = post;
  await using place = Place.with(bare);
  await place.refused(/revision main has no pytorch_model\.bin/);
});

Deno.test("shards are fetched with their index; pytorch_model.bin where there is no safetensors", async () => {
  const { [WEIGHTS]: _, ...bare } = post;
  const shards = goldenFolder("sharded");
  await using place = Place.with({ ...bare, ...shards, "pytorch_model.bin": large });
  assert.deepEqual((await place.fetch()).slice(2), [
    "model.safetensors.index.json",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
  ]);
  await using other = Place.with({ ...bare, "pytorch_model.bin": large });
  assert.deepEqual((await other.fetch()).slice(2), ["pytorch_model.bin"]);
  Deno.writeTextFileSync(join(other.folder, WEIGHTS), "mine");
  await other.refused(
    /holds model\.safetensors, which would be read in place of pytorch_model\.bin/,
  );
  const hostile = new TextEncoder().encode('{"weight_map":{"w":"../../x.safetensors"}}');
  await using third = Place.with({ ...bare, "model.safetensors.index.json": hostile });
  await third.refused(/tensor "w" lies in .*, which is no NAME\.safetensors/);
});

Deno.test("the environment's words are checked, and a token is never repeated", () => {
  assert.equal(readEndpoint(), "https://huggingface.co");
  assert.equal(readEndpoint("http://127.0.0.1:8000/"), "http://127.0.0.1:8000");
  assert.throws(() => readEndpoint("hub"), /HF_ENDPOINT is hub; expected an address/);
  assert.throws(() => readEndpoint("file:///etc"), UserError);
  assert.equal(readToken(" "), undefined);
  assert.equal(readToken("hf_abc\n"), "hf_abc");
  assert.throws(() => readToken("secret"), (error: unknown) => {
    assert.ok(error instanceof UserError && !error.message.includes("secret"));
    return true;
  });
});

Deno.test("the program fetches with no more than its task's permissions", async () => {
  await using place = Place.with();
  const env = { HF_ENDPOINT: place.server.endpoint, HF_TOKEN: "hf_secret" };
  const run = (flags: readonly string[]) =>
    runProgramme(["weights", NAME, "--out", place.folder], { flags, env });
  const flags = flagsOf("weights");
  const denied = await run(flags);
  assert.equal(denied.code, 2);
  assert.match(
    denied.lastLine,
    /^timbre: this task may reach huggingface\.co and hf\.co alone, and not 127/,
  );
  const allowed = flags.map((flag) =>
    flag.startsWith("--allow-net") ? `--allow-net=${place.server.hosts}` : flag
  );
  const { code, stdout, stderr } = await run(allowed);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    /: 3 files, 0 MB; model\.safetensors holds \d+ tensors, the encoder has 1 layers of width 8\n$/,
  );
  assert.ok(!stderr.includes("hf_secret"));
  place.assertSame(...ALL);
});
