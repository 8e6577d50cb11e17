import assert from "node:assert/strict";
import { join } from "node:path";
import { decodeRavdessName } from "../../features/corpus/ravdess.ts";
import { tinyWav, zipOf } from "./archive.ts";
import { ALL, ARCHIVE, FEW, Place, SOUND } from "./data_place.ts";
import { flagsOf, runProgramme } from "./programme.ts";
import type { ZenodoFaults } from "./zenodo_server.ts";

const partial = (range: string, body: Uint8Array<ArrayBuffer>) =>
  new Response(body, { status: 206, headers: { "Content-Range": range } });

Deno.test("the published files are 1,440: 60 of each of 24 actors, by their own naming", () => {
  assert.equal(new Set(ALL).size, 1440);
  for (let actor = 1; actor <= 24; actor++) {
    const folder = `Actor_${String(actor).padStart(2, "0")}/`;
    const own = ALL.filter((name) => name.startsWith(folder));
    assert.equal(own.length, 60);
    for (const name of own) {
      const read = decodeRavdessName(name.slice(folder.length, -".wav".length));
      assert.ok(read?.actor === actor && read.modality === 3 && read.channel === 1, name);
      assert.ok(read.emotion !== 0 || read.intensity === 1, `${name}: neutral has one intensity`);
    }
  }
});

Deno.test("recordings are fetched and unpacked, the licence is shown first, the archive goes", async () => {
  await using place = new Place();
  assert.equal(await place.fetch(), false);
  place.assertWhole();
  assert.deepEqual(place.names(), ["ravdess"]);
  const at = (word: RegExp) => place.shown.findIndex((line) => word.test(line));
  assert.ok(at(/CC BY-NC-SA 4\.0/) >= 0 && at(/Livingstone/) >= 0);
  assert.ok(at(/Livingstone/) < at(/^Audio_Speech_Actors_01-24\.zip, kB \d+$/));
  assert.ok(at(/^unpacking, files 5$/) > 0 && place.shown.at(-1) === "5");
});

Deno.test("what is there and whole is not fetched again, and needs no server", async () => {
  await using place = new Place();
  await place.fetch();
  assert.equal(await place.fetch({ endpoint: "http://127.0.0.1:1" }), true);
  assert.equal(place.server.ranges.length, 1);
});

Deno.test("a folder with something else in it is left alone, and what it lacks is said", async () => {
  await using place = new Place();
  await place.fetch();
  Deno.removeSync(join(place.folder, FEW[1]));
  Deno.truncateSync(join(place.folder, FEW[4]), 100);
  Deno.writeTextFileSync(join(place.folder, "mine.txt"), "mine");
  await assert.rejects(
    place.fetch(),
    /ravdess is not empty: of 5 recordings, 1 missing \(Actor_01\/03-\S+\.wav\) and 1 cut short or no WAV \(Actor_02\/.*; move it away, or choose another folder/,
  );
  assert.equal(place.server.ranges.length, 1, "said before anything is fetched");
  assert.ok(Deno.statSync(join(place.folder, "mine.txt")).isFile);
  await using other = new Place();
  Deno.mkdirSync(join(other.root, "data"));
  Deno.writeTextFileSync(other.folder, "a file");
  await assert.rejects(other.fetch(), /ravdess is a file; expected a folder/);
  Deno.removeSync(other.folder);
  Deno.mkdirSync(other.folder);
  await other.fetch();
  other.assertWhole();
});

Deno.test("--keep leaves the archive, which is used the next time; one that was there stays", async () => {
  await using place = new Place();
  await place.fetch({ keep: true });
  assert.deepEqual(place.names(), [ARCHIVE, "ravdess"]);
  Deno.removeSync(place.folder, { recursive: true });
  await place.fetch();
  place.assertWhole();
  assert.equal(place.server.ranges.length, 1);
  assert.deepEqual(place.names(), [ARCHIVE, "ravdess"]);
});

Deno.test("a connection that breaks is taken up where it broke, also by the next run", async () => {
  await using place = new Place(SOUND, { breakAfter: 700, breaks: 2 });
  await place.fetch();
  place.assertWhole();
  assert.deepEqual(place.server.ranges, [null, "bytes=700-", "bytes=1400-"]);
  const cut = (_: Request, all: Uint8Array<ArrayBuffer>) => partial("", all.slice(0, 700));
  await using other = new Place(SOUND, { first: [cut], breakAfter: 0, breaks: 100 });
  await other.refused(/^Audio_Speech.*: .*; the same command goes on where this one stopped$/);
  assert.equal(other.server.ranges.length, 5, "attempts that brought nothing");
  assert.match(other.names().join(), /^Audio_Speech_Actors_01-24\.zip\.[0-9a-f]{12}\.part$/);
  other.server.faults.breaks = 0;
  other.server.ranges.length = 0;
  await other.fetch();
  other.assertWhole();
  assert.deepEqual(other.server.ranges, ["bytes=700-"]);
});

Deno.test("an answer that is not the range asked for is not taken for it", async () => {
  const size = SOUND.length;
  const wrong: [string, NonNullable<ZenodoFaults["first"]>[number]][] = [
    ["200 in place of 206", (_, all) => new Response(all)],
    ["another start", (_, all) => partial(`bytes 0-${size - 1}/${size}`, all)],
    ["no range said", (_, all) => new Response(all.slice(700), { status: 206 })],
    ["416", () => new Response(null, { status: 416 })],
  ];
  for (const [name, answer] of wrong) {
    await using place = new Place();
    place.server.faults.first = [(_, all) => partial("", all.slice(0, 700)), answer];
    await place.fetch();
    place.assertWhole();
    assert.deepEqual(place.server.ranges, [null, "bytes=700-", null], name);
  }
});

Deno.test("a file of another length than listed is refused", async () => {
  await using place = new Place(SOUND, { wrongContent: SOUND.slice(0, -10) });
  await place.refused(/the server has \d+ bytes of it, the record lists \d+; try again later/);
  const [from, to] = [700, SOUND.length - 1];
  place.server.faults.wrongContent = undefined;
  place.server.faults.first = [
    (_, all) => partial("", all.slice(0, from)),
    (_, all) => partial(`bytes ${from}-${to}/${SOUND.length + 9}`, all.slice(from)),
  ];
  await place.refused(/the server has \d+ bytes of it, the record lists/);
  place.server.faults.first = [
    (_, all) => partial(`bytes ${from}-${to}/${SOUND.length}`, new Uint8Array([...all, 1])),
  ];
  await place.refused(/more than the \d+ bytes that the record lists came; try again/);
  await place.fetch();
  place.assertWhole();
});

Deno.test("content of another checksum is thrown away", async () => {
  const damaged = SOUND.slice();
  damaged[500] ^= 1;
  await using place = new Place(SOUND, { wrongContent: damaged });
  await place.refused(
    /: its checksum is [0-9a-f]{12}…, the record lists [0-9a-f]{12}…; what came was thrown away/,
  );
  assert.deepEqual(place.names(), []);
  await using other = new Place(SOUND, { listed: { checksum: `md5:${"0".repeat(32)}` } });
  await other.refused(/the record lists 000000000000…/);
});

Deno.test("a busy server is asked again, when it says, or left for later", async () => {
  const busy = (status: number, after?: string) => () =>
    new Response("busy", { status, ...(after && { headers: { "Retry-After": after } }) });
  await using place = new Place(SOUND, {
    firstOfRecord: [busy(429, "0"), busy(503)],
    first: [busy(503, "0"), busy(429)],
  });
  await place.fetch();
  place.assertWhole();
  await using other = new Place(SOUND, { firstOfRecord: [busy(429, "3600")] });
  await other.refused(
    /^Zenodo's record 1188976: .* status 429 and asks to wait 1 h 00 min; the same command/,
  );
  other.server.faults.firstOfRecord = Array.from({ length: 4 }, () => busy(503));
  await other.refused(/^Zenodo's record 1188976: the server answers with status 503; the same/);
});

Deno.test("a record that is not what it should be is one line", async () => {
  const page = () =>
    new Response("<!doctype html><title>Login", { headers: { "Content-Type": "text/html" } });
  const none = () => Response.json({}, { status: 404 });
  const cases: [ZenodoFaults, RegExp][] = [
    [
      { firstOfRecord: [page] },
      /does not answer as Zenodo does, with JSON, but "<!doctype html><tit/,
    ],
    [
      { firstOfRecord: [none] },
      /^Zenodo's record 1188976: http:\S+ does not exist .*try https:\/\/zenodo/,
    ],
    [{ firstOfRecord: [() => Response.json(null)] }, /sent another record/],
    [{ record: { id: 1 } }, /sent another record; the data can be had by hand from https/],
    [{ record: { files: {} } }, /it lists no Audio_Speech/],
    [{ listed: { size: "208" } }, /without a size/],
    [{ listed: { checksum: "sha1:00" } }, /without an MD5 checksum/],
    [{ listed: { links: { self: "https://example.org/x.zip" } } }, /at an address outside http/],
    [{ listed: { links: { self: "file:///etc/passwd" } } }, /at an address outside http/],
    [{ first: [page] }, /^Audio_Speech_Actors_01-24\.zip: a web page came in its place/],
    [{ first: [none] }, /content does not exist/],
    [{ first: [() => new Response(null, { status: 403 })] }, /answers with status 403$/],
  ];
  for (const [faults, message] of cases) {
    await using place = new Place(SOUND, faults);
    await place.refused(message);
  }
});

Deno.test("the program fetches all 1,440 with no more than its task's permissions", async () => {
  const wav = tinyWav(4);
  const archive = await zipOf(Object.fromEntries(ALL.map((name) => [name, wav])), { level: 0 });
  await using place = new Place(archive);
  const env = { TIMBRE_ZENODO: `${place.server.endpoint}/` };
  const run = (flags: readonly string[]) =>
    runProgramme(["data", "--out", place.folder], { flags, env });
  const flags = flagsOf("data");
  const denied = await run(flags);
  assert.equal(denied.code, 2);
  assert.match(denied.lastLine, /^timbre: this task may reach zenodo\.org alone, and not 127/);
  const allowed = flags.map((flag) =>
    flag.startsWith("--allow-net") ? `--allow-net=${place.server.host}` : flag
  );
  const first = await run(allowed);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /ravdess: 1,440 recordings; use it with --data .*ravdess\n$/);
  assert.match(first.stderr, /CC BY-NC-SA 4\.0/);
  const second = await run(flags);
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stdout, /1,440 recordings, all there already; /);
  assert.deepEqual(place.names(), ["ravdess"]);
});
