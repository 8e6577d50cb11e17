import assert from "node:assert/strict";
import type { ByteSource } from "../../../engine/io/byte_source.ts";
import { crc32 } from "../../../engine/io/crc32.ts";
import { UserError } from "../../../engine/error.ts";
import { ZipReader } from "../../../engine/io/zip.ts";
import { MemoryFile } from "./memory_folder.ts";
import { bytes, little, zip, type ZipField } from "./torch_file.ts";

const hello: ZipField = { name: "a/hello", data: bytes("hello, world") };

async function read(file: Uint8Array, name = "a/hello"): Promise<string> {
  const reader = await ZipReader.open(new MemoryFile(file), "x.bin");
  return new TextDecoder().decode(await reader.read(name, 0, reader.sizeOf(name) ?? 0));
}

async function refused(file: Uint8Array, message: RegExp): Promise<void> {
  await assert.rejects(read(file), (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("the checksum is that of zip files", () => {
  assert.equal(crc32(bytes("123456789")), 0xcbf43926); // the check value of CRC-32/ISO-HDLC
  const long = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
  assert.equal(crc32(long.subarray(333), crc32(long.subarray(0, 333))), crc32(long));
  assert.equal(crc32(bytes()), 0);
});

Deno.test("entries are found whatever padding, comment or other entry stands about them", async () => {
  const other = { name: "a/other", data: bytes("?") };
  assert.equal(await read(zip([hello])), "hello, world");
  assert.equal(
    await read(zip([other, { ...hello, padding: 50 }, { ...other, name: "b" }])),
    "hello, world",
  );
  assert.equal(await read(zip([hello], { comment: "PK\x05\x06 and more" })), "hello, world");
});

Deno.test("a part of an entry is read alone once all of it was checked", async () => {
  const file = new MemoryFile(zip([{ name: "big", data: new Uint8Array(3_000_000).fill(7) }]));
  const reader = await ZipReader.open(file, "x.bin");
  assert.deepEqual(await reader.read("big", 5, 2), bytes(7, 7));
  assert.ok(file.largest <= 2 ** 20, "checked by blocks");
  file.largest = 0;
  await reader.read("big", 2_999_999, 1);
  assert.equal(file.largest, 1);
  await assert.rejects(reader.read("big", 2_999_999, 2), /has 3000000 bytes; 3000001 are asked/);
  await assert.rejects(reader.read("none", 0, 0), /there is no entry "none"/);
});

Deno.test("an entry that is not what was written is refused", async () => {
  const file = zip([hello]);
  file[30 + hello.name.length + 3] ^= 1;
  await refused(file, /"a\/hello" is damaged: its checksum is wrong/);
  assert.equal(await read(zip([{ ...hello, crc: 0 }])), "hello, world"); // none was made
});

Deno.test("a directory that claims what the file does not have is refused", async () => {
  await refused(zip([{ ...hello, size: 200 }]), /claims 200 bytes at 0; the data end at 49/);
  await refused(zip([{ ...hello, header: 20 }]), /claims 12 bytes at 20/);
  await refused(zip([hello]).fill(0, 0, 2), /wrong about where "a\/hello" lies/);
  await refused(
    zip([hello, { ...hello, name: "b", header: 40 }, { ...hello, name: "c" }]),
    /overlaps the entry/,
  );
  await refused(zip([{ ...hello, method: 8 }]), /"a\/hello" is compressed/);
  await refused(zip([{ ...hello, flags: 1 }]), /is encrypted/);
  await refused(zip([hello, hello]), /there are two entries "a\/hello"/);
  await refused(
    bytes("PK\x05\x06", little(0, 8), little(2 ** 31, 4), little(0, 6)),
    /past its own end/,
  );
  await refused(bytes("PK\x03\x04 and no more"), /directory is missing: the file is truncated/);
  await refused(bytes(), /directory is missing/);
});

Deno.test("every truncation is refused", async () => {
  const file = zip([hello]);
  for (let length = 0; length < file.length; length++) {
    await assert.rejects(read(file.subarray(0, length)), UserError);
  }
});

/** A file of which only a few places hold more than zeros. */
class SparseFile implements ByteSource {
  readonly size: number;
  readonly #parts: readonly (readonly [offset: number, data: Uint8Array])[];

  constructor(size: number, parts: SparseFile["parts"]) {
    this.size = size;
    this.#parts = parts;
  }

  get parts(): readonly (readonly [offset: number, data: Uint8Array])[] {
    return this.#parts;
  }

  read(offset: number, length: number): Uint8Array {
    assert.ok(offset >= 0 && offset + length <= this.size && length <= 200_000);
    const read = new Uint8Array(length);
    for (const [at, data] of this.#parts) {
      for (let i = 0; i < data.length; i++) {
        if (at + i >= offset && at + i < offset + length) read[at + i - offset] = data[i];
      }
    }
    return read;
  }
}

/** An archive past four gigabytes, with one small entry at its far end. */
function farFile({ extra = true, size64 = 0 } = {}): SparseFile {
  const at = 5_000_000_000;
  const name = "far";
  const data = bytes("far away");
  const common = [
    little(0, 10),
    little(crc32(data), 4),
    little(data.length, 4),
    little(data.length, 4),
    little(name.length, 2),
  ];
  const local = bytes("PK\x03\x04", common, little(0, 2), name, data);
  const field = extra ? [little(1, 2), little(8, 2), little(at, 8)] : [];
  const entry = bytes(
    "PK\x01\x02",
    0,
    0,
    common,
    little(extra ? 12 : 0, 2),
    little(0, 10),
    little(2 ** 32 - 1, 4),
    name,
    field,
  );
  const directory = at + local.length;
  const end64 = directory + entry.length;
  const tail = bytes(
    "PK\x06\x06",
    little(44, 8),
    little(0, 28),
    little(size64 || entry.length, 8),
    little(directory, 8),
    "PK\x06\x07",
    little(0, 4),
    little(end64, 8),
    little(1, 4),
    "PK\x05\x06",
    little(0, 4),
    little(1, 2),
    little(1, 2),
    little(2 ** 32 - 1, 4),
    little(2 ** 32 - 1, 4),
    little(0, 2),
  );
  return new SparseFile(end64 + tail.length, [[at, local], [directory, entry], [end64, tail]]);
}

Deno.test("an archive of more than four gigabytes is read by its zip64 fields", async () => {
  const reader = await ZipReader.open(farFile(), "x.bin");
  assert.equal(new TextDecoder().decode(await reader.read("far", 0, 8)), "far away");
  await assert.rejects(
    ZipReader.open(farFile({ extra: false }), "x.bin"),
    /zip64 field is missing/,
  );
  await assert.rejects(ZipReader.open(farFile({ size64: 2 ** 40 }), "x.bin"), /past its own end/);
});
