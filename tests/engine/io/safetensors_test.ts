import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ByteSource,
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsReader,
  type TensorData,
} from "../../../engine/io/safetensors.ts";
import { DTYPE_BYTES, float16ToFloat32, type SafetensorsDtype } from "../../../engine/io/dtypes.ts";
import { UserError } from "../../../engine/error.ts";

const golden = Deno.readFileSync(new URL("../../goldens/small.safetensors", import.meta.url));

/** A file with this header text (not necessarily JSON) and so many bytes of data. */
function fileOf(header: unknown, dataLength = 0): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === "string" ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

/** A source that fails the test when asked for bytes outside the file. */
function sourceOf(bytes: Uint8Array): ByteSource & { largest: number } {
  return {
    size: bytes.length,
    largest: 0,
    read(offset, length) {
      assert.ok(offset >= 0 && offset + length <= bytes.length, `read of ${length} at ${offset}`);
      this.largest = Math.max(this.largest, length);
      return bytes.slice(offset, offset + length);
    },
  };
}

function refused(bytes: Uint8Array, message: RegExp): void {
  assert.throws(() => decodeSafetensors(bytes, "m.safetensors"), (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"), "one line");
    assert.ok(error.message.startsWith("m.safetensors: "));
    return true;
  });
}

const tensor = (dtype: string, shape: unknown, begin: unknown, end: unknown) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

Deno.test("reads a file written by the reference implementation", async () => {
  const reader = await SafetensorsReader.open(sourceOf(golden));
  assert.equal(reader.metadata.get("labels"), '["calm","sad"]');
  assert.equal(reader.metadata.get("é"), "ü\n");
  assert.deepEqual(reader.tensors.get("conv.weight")?.shape, [2, 2, 3]);
  const weight = await reader.readFloat32("conv.weight");
  assert.deepEqual([...weight], Array.from({ length: 12 }, (_, i) => i - 5.5));
  assert.deepEqual(
    [...await reader.readFloat32("half")],
    [0, -0, 1, -2.5, 65504, 2 ** -24, 1023 * 2 ** -24, Infinity, -Infinity],
  );
  assert.deepEqual([...await reader.readFloat32("double")], [Math.fround(1 / 3), -Infinity]);
  assert.deepEqual(reader.tensors.get("steps")?.shape, []);
  assert.deepEqual([...new Int32Array((await reader.read("indices")).buffer)], [1, -2, 3, 4]);
  assert.equal((await reader.read("empty")).length, 0);
  await assert.rejects(reader.readFloat32("indices"), /tensor "indices" holds I32/);
  await assert.rejects(reader.read("bias"), /there is no tensor "bias"/);
});

Deno.test("a tensor of any dtype comes the same in pieces, of which none is large", async () => {
  const n = 400_000;
  const bits = Uint32Array.from({ length: n }, (_, i) => 0x3f000000 + 37 * i);
  const halves = Uint16Array.from({ length: n }, (_, i) => (31 * i) % 0x7c00);
  const doubles = Float64Array.from({ length: n }, (_, i) => 1 / (i + 1));
  const source = sourceOf(encodeSafetensors(
    new Map<string, TensorData>([
      ["f32", { dtype: "F32", shape: [n], data: bits }],
      ["f16", { dtype: "F16", shape: [n], data: halves }],
      ["bf16", { dtype: "BF16", shape: [n], data: halves }],
      ["f64", { dtype: "F64", shape: [n], data: doubles }],
      ["none", { dtype: "F32", shape: [0], data: new Float32Array(0) }],
    ]),
  ));
  const reader = await SafetensorsReader.open(source);
  for (const name of reader.tensors.keys()) {
    const whole = await reader.readFloat32(name);
    source.largest = 0;
    const put = new Float32Array(whole.length);
    let pieces = 0;
    await reader.eachFloat32(name, (piece, before) => {
      put.set(piece, before);
      pieces++;
    });
    assert.deepEqual(put, whole, name);
    assert.equal(pieces > 0, name !== "none");
    assert.ok(source.largest <= 2 ** 20, `${source.largest} bytes at once`);
  }
  await assert.rejects(reader.eachFloat32("else", () => {}), /there is no tensor "else"/);
});

Deno.test("a tensor is read without the rest of the file", async () => {
  const data = new Float32Array(5000);
  const bytes = encodeSafetensors(
    new Map([
      ["big", { dtype: "F32", shape: [5000], data }],
      ["small", { dtype: "F32", shape: [2], data: data.subarray(0, 2) }],
    ]),
  );
  const source = sourceOf(bytes);
  const reader = await SafetensorsReader.open(source);
  assert.equal((await reader.read("small")).length, 8);
  assert.ok(source.largest < 1000);
});

const dtypes = Object.keys(DTYPE_BYTES) as SafetensorsDtype[];
const anyTensor: fc.Arbitrary<TensorData<Uint8Array>> = fc.record({
  dtype: fc.constantFrom(...dtypes),
  shape: fc.array(fc.nat(4), { maxLength: 4 }),
  fill: fc.nat(255),
}).map(({ dtype, shape, fill }) => ({
  dtype,
  shape,
  data: new Uint8Array(shape.reduce((n, size) => n * size, DTYPE_BYTES[dtype])).fill(fill),
}));
const anyFile = fc.tuple(
  fc.uniqueArray(fc.tuple(fc.string({ unit: "grapheme" }), anyTensor), {
    selector: ([name]) => name,
    maxLength: 6,
  }),
  fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" })),
);

Deno.test("what is written is read back, aligned to its dtype", () => {
  fc.assert(fc.property(anyFile, ([list, metadata]) => {
    const bytes = encodeSafetensors(new Map(list), metadata);
    const read = decodeSafetensors(bytes);
    assert.deepEqual(new Map(read.metadata), new Map(Object.entries(metadata)));
    assert.equal(read.tensors.size, list.length);
    for (const [name, written] of list) {
      const found = read.tensors.get(name);
      assert.ok(found);
      assert.deepEqual({ ...found, data: [...found.data] }, {
        ...written,
        data: [...written.data],
      });
      assert.equal(found.data.byteOffset % DTYPE_BYTES[written.dtype], 0);
    }
  }));
});

Deno.test("equal tensors give equal bytes, whatever their order", () => {
  const a: TensorData = { dtype: "F32", shape: [1], data: Float32Array.of(1) };
  const b: TensorData = { dtype: "F16", shape: [1], data: Uint16Array.of(2) };
  assert.deepEqual(
    encodeSafetensors(new Map([["a", a], ["b", b]])),
    encodeSafetensors(new Map([["b", b], ["a", a]])),
  );
});

Deno.test("a damaged file is refused with a line, or read, and never anything else", async () => {
  const share = fc.nat(10_000).map((n) => n / 10_000); // evenly spread, as fc.double is not
  const damage = fc.array(
    fc.record({ at: share, byte: fc.nat(255) }),
    { maxLength: 4 },
  );
  await fc.assert(
    fc.asyncProperty(damage, share, fc.nat(40), async (changes, kept, extra) => {
      const bytes = new Uint8Array(golden.length + extra);
      bytes.set(golden);
      const cut = kept < 0.5 ? bytes : bytes.slice(0, Math.ceil(bytes.length * kept));
      for (const { at, byte } of changes) cut[Math.floor(at ** 3 * (cut.length - 1))] = byte;
      try {
        const reader = await SafetensorsReader.open(sourceOf(cut));
        for (const name of reader.tensors.keys()) await reader.read(name);
      } catch (error) {
        assert.ok(error instanceof UserError, String(error));
        assert.ok(!error.message.includes("\n"));
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("every truncation of a sound file is refused", () => {
  for (let length = 0; length < golden.length; length++) {
    assert.throws(() => decodeSafetensors(golden.subarray(0, length)), UserError);
  }
});

Deno.test("a header that lies about its length is refused before it is read", async () => {
  refused(new Uint8Array(5), /5 bytes, too few/);
  const bytes = fileOf({});
  const claim = (length: bigint) => new DataView(bytes.buffer).setBigUint64(0, length, true);
  claim(2n ** 64n - 1n);
  refused(bytes, /claims 18446744073709551615 bytes but the file has only 10/);
  claim(3n);
  refused(bytes, /claims 3 bytes/);
  claim(1n);
  refused(bytes, /too short for JSON/);
  const huge: ByteSource = {
    size: 2 ** 40,
    read: (_, length) => {
      assert.equal(length, 8, "only the length is read");
      return Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0);
    },
  };
  await assert.rejects(SafetensorsReader.open(huge), /claims 4294967296 bytes; at most 100000000/);
});

Deno.test("a header that is no sound description is refused, naming what is wrong", () => {
  refused(fileOf("not json"), /does not begin with \{/);
  refused(fileOf("{not json"), /not valid JSON/);
  refused(fileOf('{"a":1}xx'), /not valid JSON/);
  refused(fileOf("{".repeat(5000)), /not valid JSON/);
  const notUtf8 = fileOf('{"é":1}');
  notUtf8[11] = 0xff;
  refused(notUtf8, /not valid JSON/);
  refused(fileOf({ w: 3 }), /tensor "w" is not a JSON object/);
  refused(fileOf({ w: [] }), /tensor "w" is not a JSON object/);
  refused(fileOf({ "\n\u001b[2J": 3 }), /tensor "\\n\\u001b\[2J" is not/);
  refused(fileOf({ ["x".repeat(5000)]: 3 }), /tensor "x{70,80}… is not/);
  refused(fileOf({ __metadata__: "x" }), /__metadata__ is not a JSON object/);
  refused(fileOf({ __metadata__: { labels: ["a"] } }), /__metadata__ "labels" is not a text/);
  refused(fileOf({ w: tensor("F33", [1], 0, 4) }, 4), /"w" has dtype "F33"; known are BOOL/);
  refused(fileOf({ w: tensor("toString", [1], 0, 4) }, 4), /has dtype "toString"/);
  for (const shape of [null, 4, [-1], [1.5], ["1"], [2 ** 60]]) {
    refused(fileOf({ w: tensor("F32", shape, 0, 4) }, 4), /"w" has shape .* not a list of sizes/);
  }
  for (const [begin, end] of [[4, 0], [-4, 0], [0, "4"], [0, 2 ** 60]]) {
    refused(fileOf({ w: tensor("F32", [1], begin, end) }, 4), /"w" has data_offsets/);
  }
  refused(fileOf({ w: { ...tensor("F32", [1], 0, 4), extra: 1 } }, 4), /unknown field "extra"/);
  refused(fileOf({ w: tensor("F32", [3], 0, 8) }, 8), /spans 8 bytes where F32 \[3\] needs 12/);
});

Deno.test("sizes that overflow are no match for any file", () => {
  const shape = Array.from({ length: 40 }, () => 2 ** 50);
  refused(fileOf({ w: tensor("F32", shape, 0, 0) }), /spans 0 bytes where F32/);
  refused(fileOf({ w: tensor("F32", [2 ** 32, 2 ** 32], 0, 0) }), /spans 0 bytes/);
});

Deno.test("tensors must cover the data exactly: no gap, no overlap, nothing past the end", () => {
  const w = tensor("F32", [1], 0, 4);
  refused(fileOf({ w }, 3), /tensor "w" ends at byte \d+ but the file has only/);
  refused(fileOf({ w }, 5), /the last 1 bytes belong to no tensor/);
  refused(fileOf({}, 1), /the last 1 bytes/);
  refused(fileOf({ w, v: tensor("F32", [1], 8, 12) }, 12), /4 bytes before tensor "v"/);
  refused(fileOf({ w, v: tensor("F32", [1], 2, 6) }, 6), /tensor "v" overlaps/);
  refused(fileOf({ w, v: w }, 4), /overlaps/);
});

Deno.test("a key given twice is refused", () => {
  const w = JSON.stringify(tensor("F32", [0], 0, 0));
  refused(fileOf(`{"w":${w},"\\u0077":${w}}`), /the header says "w" twice/);
  refused(fileOf(`{"__metadata__":{"a":"1","a":"2"}}`), /the header says "a" twice/);
  const same = fileOf(`{"__metadata__":{"w":"w","x":"{\\"w\\":1,\\"w\\":2}"},"w":${w},"x":${w}}`);
  assert.equal(decodeSafetensors(same).tensors.size, 2);
});

Deno.test("writing refuses data that does not fit its shape", () => {
  const write = (name: string, shape: number[]) => () =>
    encodeSafetensors(new Map([[name, { dtype: "F32", shape, data: new Float32Array(3) }]]));
  assert.throws(write("w", [2, 2]), /"w" holds 12 bytes where F32 \[2×2\] needs 16/);
  assert.throws(write("__metadata__", [3]), /names no tensor/);
});

Deno.test("every half is widened to the value DataView reads", () => {
  const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const view = new DataView(bits.buffer);
  float16ToFloat32(bits).forEach((value, i) => {
    assert.ok(Object.is(value, view.getFloat16(2 * i, true)), `${bits[i]} became ${value}`);
  });
});
