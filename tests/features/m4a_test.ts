/** M4A is decoded as it is read wherever its index stands, and an index that lies is not believed. */
import assert from "node:assert/strict";
import { decodeCompressed } from "../../features/compressed.ts";
import { openCompressed } from "../../features/compressed_recording.ts";
import { WorkerDecoder } from "../../features/decoder.ts";
import { indexFirst } from "../../features/m4a.ts";
import { type Box, boxesToBytes, changeBox, parseBoxes, u32 } from "./mp4_file.ts";

/** ftyp, free, mdat, moov */
const golden = Deno.readFileSync("tests/goldens/audio/tone.m4a");
const [ftyp, free, mdat, moov] = parseBoxes(golden);
const sound = mdat[1] as Uint8Array;
/** With one chunk of samples, at a place; `wide` names it in 64 bits. */
const indexOf = (place: number, { wide = false } = {}): Box =>
  changeBox([moov], "stco", () => [
    wide ? "co64" : "stco",
    Uint8Array.from([...u32(0, 1), ...u32(...(wide ? [0, place] : [place]))]),
  ])[0];

const readerOf = (bytes: Uint8Array) => ({
  size: bytes.length,
  read: (at: number, length: number) => bytes.slice(at, at + length),
});

/** What is decoded of a file that is read in small pieces. */
async function heard(bytes: Uint8Array): Promise<Float32Array> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, bytes);
    using decoder = new WorkerDecoder();
    const file = Deno.openSync(path);
    using recording = await openCompressed(file, { path, format: "m4a", decoder }, { chunk: 300 });
    return await recording.read(0, recording.length);
  } finally {
    await Deno.remove(path);
  }
}

/** Fragments of some frames each, their sizes in `trun`, as a browser's recorder writes them. */
function fragmented(): Uint8Array {
  let sizes: number[] = [];
  let empty = changeBox([moov], "stsz", (body) => {
    const view = new DataView(body.buffer, body.byteOffset);
    sizes = Array.from({ length: view.getUint32(8) }, (_, i) => view.getUint32(12 + 4 * i));
    return ["stsz", body];
  });
  for (const name of ["stsz", "stco", "stsc", "stts"]) {
    empty = changeBox(
      empty,
      name,
      () => [name, Uint8Array.from(u32(...Array(name === "stsz" ? 3 : 2).fill(0)))],
    );
  }
  const [, inside] = empty[0] as [string, Box[]];
  const trex: Box = ["trex", Uint8Array.from(u32(0, 1, 1, 1024, 0, 0))];
  const index: Box = ["moov", [...inside, ["mvex", boxesToBytes([trex])]]];
  const boxes: Box[] = [ftyp, index];
  for (let i = 0, at = 0; i < sizes.length; i += 4) {
    const some = sizes.slice(i, i + 4);
    const moof = (offset: number): Box => {
      const run: Box = ["trun", Uint8Array.from(u32(0x201, some.length, offset, ...some))];
      const head: Box = ["tfhd", Uint8Array.from(u32(0x20000, 1))];
      return ["moof", boxesToBytes([["traf", boxesToBytes([head, run])]])];
    };
    const length = some.reduce((a, b) => a + b);
    boxes.push(moof(boxesToBytes([moof(0)]).length + 8), ["mdat", sound.slice(at, at + length)]);
    at += length;
  }
  return boxesToBytes(boxes);
}

Deno.test("M4A sounds the same with its index last, first or in the middle, in 32 bits or 64, in fragments", async () => {
  const whole = (await decodeCompressed(golden, "m4a")).samples;
  const start = boxesToBytes([ftyp]).length;
  const length = boxesToBytes([moov]).length;
  const files: Record<string, Uint8Array> = {
    "index last": golden,
    "in 64 bits": boxesToBytes([ftyp, mdat, indexOf(start + 8, { wide: true })]),
    "index first": boxesToBytes([ftyp, indexOf(start + length + 8), mdat]),
    "behind something": boxesToBytes([ftyp, free, indexOf(start + 8 + length + 8), mdat]),
    "without ftyp": boxesToBytes([mdat, indexOf(8)]),
    "with noise behind": Uint8Array.from([...golden, ...new Uint8Array(20)]),
    "in fragments": fragmented(),
  };
  for (const [name, bytes] of Object.entries(files)) {
    const found = await heard(bytes);
    assert.ok(found.length >= whole.length, `${name}: ${found.length} samples of ${whole.length}`);
    assert.deepEqual(found.subarray(0, whole.length), whole, name);
  }
});

Deno.test("an M4A's index comes before its sound in one piece", () => {
  const fed = indexFirst(readerOf(golden));
  assert.equal(fed.head, boxesToBytes([ftyp, moov]).length);
  const types = parseBoxes(fed.read(0, fed.head)).map(([type]) => type);
  assert.deepEqual(types, ["ftyp", "moov"]);
  const rest: number[] = [];
  for (let at = fed.head, piece; (piece = fed.read(at, 100)).length > 0; at += piece.length) {
    rest.push(...piece);
  }
  assert.deepEqual(Uint8Array.from(rest), boxesToBytes([free, mdat]));
});

Deno.test("an M4A whose boxes or tables say more than there is is refused in a line", () => {
  const [at, count] = [boxesToBytes([ftyp]).length, 0xffffffff];
  const table = (name: string, ...values: number[]) =>
    boxesToBytes([
      ftyp,
      mdat,
      changeBox([indexOf(at + 8)], name, () => [name, Uint8Array.from(u32(...values))])[0],
    ]);
  const cases: [bytes: Uint8Array, line: RegExp][] = [
    [golden.subarray(0, 2000), /^truncated M4A: its "mdat" box says 2433 bytes, 1964 are there$/],
    [boxesToBytes([ftyp, mdat]), /^broken M4A: it has no index/],
    [boxesToBytes([ftyp, mdat, indexOf(99_999)]), /^broken M4A: its "stco" table says more/],
    [boxesToBytes([ftyp, mdat, indexOf(99_999, { wide: true })]), /^broken M4A: its "co64" table/],
    [table("stco", 0, count, at), /^broken M4A: its "stco" table says more than there is$/],
    [table("stsc", 0, count, 1, 1, 1), /^broken M4A: its "stsc" table/],
    [table("stsz", 0, 0, count, 7), /^broken M4A: its "stsz" table/],
    [table("stsz", 0, 1, count), /^broken M4A: its "stsz" table/],
    [
      Uint8Array.from([...boxesToBytes([ftyp]), ...u32(3), ...u32(3)]),
      /^broken M4A: no box at byte 28$/,
    ],
  ];
  for (const [bytes, message] of cases) {
    assert.throws(() => indexFirst(readerOf(bytes)), { name: "UserError", message });
  }
});
