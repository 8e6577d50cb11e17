import assert from "node:assert/strict";
import { join } from "node:path";
import { unpack } from "../../commands/sources/unpack.ts";
import { renamed, tinyWav, zipOf } from "./archive.ts";
import { ARCHIVE, CONTENT, FEW, Place, SOUND } from "./data_place.ts";

Deno.test("an archive that leads out of its folder, or is too much, is refused whole", async () => {
  const more = async (extra: Record<string, Uint8Array>) => await zipOf({ ...CONTENT, ...extra });
  const twin = FEW[0].replace("Actor_01", "Actor_99");
  const zeros = new Uint8Array(17e6);
  const cases: [Uint8Array<ArrayBuffer>, RegExp][] = [
    [
      renamed(await more({ "xx/xx/evil.wav": tinyWav(1) }), "xx/xx/", "../../"),
      /"\.\.\/\.\.\/evil\.wav" leads out/,
    ],
    [renamed(await more({ "Actor_01/xx/e.wav": tinyWav(1) }), "/xx/", "\\..\\"), /leads out/],
    [
      renamed(await more({ "xetc/evil.wav": tinyWav(1) }), "xetc", "/etc"),
      /"\/etc\/evil\.wav" leads out/,
    ],
    [renamed(await more({ "xx/evil.wav": tinyWav(1) }), "xx/", "C:/"), /"C:\/evil\.wav" leads out/],
    [
      renamed(await more({ [twin]: tinyWav(1) }), twin, FEW[0]),
      /is there twice; nothing was unpacked/,
    ],
    [
      await more({ "Actor_01/bomb.wav": zeros }),
      /bomb\.wav would be 17 MB, a recording is smaller/,
    ],
    [await zipOf(CONTENT, { password: "secret" }), /is encrypted; nothing was unpacked/],
    [
      await zipOf({ [FEW[0]]: tinyWav(9) }),
      /of 5 recordings, 4 missing \(Actor_01\/\S+, Actor_01\/\S+, Actor_02\/\S+ and 1 more\); nothing was unpacked/,
    ],
  ];
  for (const [archive, message] of cases) {
    await using place = new Place(archive);
    await place.refused(message);
    assert.deepEqual(place.names(), [ARCHIVE]);
    assert.deepEqual([...Deno.readDirSync(place.root)].map(({ name }) => name), ["data"]);
  }
});

Deno.test("an archive that is damaged although its checksum is right leaves nothing half", async () => {
  const inside = SOUND.slice();
  const at = 1200; // amid a deflated recording
  inside.set(inside.subarray(at, at + 8).map((byte) => byte ^ 0x5a), at);
  const text = new TextEncoder().encode("no archive at all, but a few words");
  for (const archive of [inside, SOUND.slice(0, -30), SOUND.slice(200), text]) {
    await using place = new Place(archive);
    await place.refused(/\.zip is damaged \(.*\); remove it and try again$/);
  }
});

Deno.test("an entry that is longer than it says fills no disk, nor do too many or too much", async () => {
  const lying = (await zipOf({ [FEW[0]]: tinyWav(500_000) })).slice();
  const view = new DataView(lying.buffer);
  let changed = 0;
  for (let at = 0; at + 4 <= lying.length; at++) {
    if (view.getUint32(at, true) !== 1_000_044) continue;
    view.setUint32(at, 1044, true);
    changed++;
  }
  assert.ok(changed >= 2, "local and central header");
  await using place = new Place(lying);
  await place.refused(/\.zip is damaged/, { wanted: FEW.slice(0, 1) });
  const archive = join(place.root, "sound.zip");
  Deno.writeFileSync(archive, SOUND);
  const open = { file: 1e6, all: 1e6, entries: 10 };
  const cases: [Partial<typeof open>, RegExp][] = [
    [{ all: 2000 }, /it would take more than 1 MB; nothing was unpacked/],
    [{ entries: 4 }, /more than 4 entries/],
    [{ file: 800 }, /would be 1 MB, a recording is smaller/],
  ];
  for (const [bounds, message] of cases) {
    const options = { wanted: FEW, bounds: { ...open, ...bounds }, report: () => {} };
    await assert.rejects(unpack(archive, join(place.root, "out"), options), message);
    await assert.rejects(Deno.stat(join(place.root, "out")), Deno.errors.NotFound);
  }
});

Deno.test("files beside the recordings are left out and counted", async () => {
  const extra = { "Actor_01/.DS_Store": tinyWav(1), "readme.txt": tinyWav(1) };
  await using place = new Place(await zipOf({ ...CONTENT, ...extra }));
  await place.fetch();
  place.assertWhole();
  assert.ok(place.shown.includes("left out beside the recordings: 2 files"), String(place.shown));
  assert.deepEqual([...Deno.readDirSync(place.folder)].map(({ name }) => name).sort(), [
    "Actor_01",
    "Actor_02",
  ]);
});

Deno.test("what an ended run left half unpacked does not stand in the way", async () => {
  await using place = new Place();
  Deno.mkdirSync(join(`${place.folder}.unpacking`, "Actor_01"), { recursive: true });
  Deno.writeTextFileSync(join(`${place.folder}.unpacking`, FEW[0]), "half");
  await place.fetch();
  place.assertWhole();
  assert.deepEqual(place.names(), ["ravdess"]);
});
