import assert from "node:assert/strict";
import fc from "fast-check";
import type { Checkpoint } from "../../../engine/io/checkpoint.ts";
import { UserError } from "../../../engine/error.ts";
import { SafetensorsReader } from "../../../engine/io/safetensors.ts";
import { TorchCheckpoint } from "../../../engine/io/torch_zip.ts";
import { golden, MemoryFile } from "./memory_folder.ts";
import {
  bytes,
  floats,
  global,
  pickle,
  state,
  tensor,
  type TensorSpec,
  text,
  torchFile,
  tuple,
  whole,
  zip,
} from "./torch_file.ts";

const open = (data: Uint8Array) => TorchCheckpoint.open(new MemoryFile(data), "m.bin");

async function refused(data: Uint8Array, message: RegExp): Promise<void> {
  await assert.rejects(open(data), (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.ok(error.message.startsWith("m.bin: "), error.message);
    assert.ok(!error.message.includes("\n"), "one line");
    assert.match(error.message, message);
    return true;
  });
}

/** A file of one tensor, "w", over six floats. */
function fileWith(spec: TensorSpec): Uint8Array {
  return torchFile(state({ w: tensor({ held: 6, ...spec }) }), { 0: floats(0, 1, 2, 3, 4, 5) });
}

async function inPieces(file: Checkpoint, name: string): Promise<number[]> {
  const values: number[] = [];
  await file.eachFloat32(name, (piece, before) => {
    assert.equal(before, values.length);
    values.push(...piece);
  });
  return values;
}

Deno.test("every form of tensor that torch.save writes is read as PyTorch holds it", async () => {
  const file = await open(golden("torch/forms.bin"));
  const expected: Record<string, { shape: number[]; values: number[] }> = JSON.parse(
    new TextDecoder().decode(golden("torch/expected.json")),
  );
  assert.deepEqual([...file.entries().keys()].sort(), [...Object.keys(expected), "whole"].sort());
  for (const [name, { shape, values }] of Object.entries(expected)) {
    assert.deepEqual(file.entries().get(name)?.shape, shape, name);
    const rounded = values.map(Math.fround);
    assert.deepEqual([...await file.readFloat32(name)], rounded, name);
    assert.deepEqual(await inPieces(file, name), rounded, `${name} in pieces`);
  }
  assert.deepEqual(
    ["plain", "half", "bfloat", "double", "whole"].map((name) => file.entries().get(name)?.dtype),
    ["F32", "F16", "BF16", "F64", "I64"],
  );
  await assert.rejects(file.readFloat32("whole"), /tensor "whole" holds I64; only F32/);
  await assert.rejects(file.readFloat32("none"), /there is no tensor "none"/);
  await assert.rejects(inPieces(file, "none"), /there is no tensor "none"/);
});

Deno.test("a file without checksums is read, and one with a wrong checksum is not", async () => {
  const file = await open(golden("torch/no_checksums.bin"));
  assert.deepEqual([...await file.readFloat32("w")], [1, 2]);
  const data = torchFile(state({ w: tensor({ held: 2, shape: [2], strides: [1] }) }), {
    0: floats(3, 5),
  });
  const at = data.findIndex((_, i) => String(data.subarray(i, i + 8)) === String(floats(3, 5)));
  data[at] ^= 1;
  const damaged = await open(data);
  const line = /"archive\/data\/0" is damaged: its checksum/;
  await assert.rejects(damaged.readFloat32("w"), line);
  await assert.rejects(inPieces(damaged, "w"), line);
});

Deno.test("forms that are not read are named, with what to do", async () => {
  await refused(
    golden("torch/plain_pickle.bin"),
    /plain-pickle form .* before PyTorch 1\.6; load it with torch\.load/,
  );
  const tar = new Uint8Array(1024);
  tar.set(bytes("ustar"), 257);
  await refused(tar, /tar form/);
  await refused(bytes("version https://git-lfs.github.com/spec/v1\noid"), /git-lfs pointer/);
  await refused(bytes("<html>"), /no zip file as torch\.save writes them/);
  await refused(bytes(), /no zip file/);
  await refused(golden("torch/training.bin"), /entry "epoch" is no tensor; what model\.state_dict/);
  await refused(golden("torch/complex.bin"), /asks for "torch\.ComplexFloatStorage"/);
  await refused(golden("torch/expanded.bin"), /"w" has 1000 elements in a storage of 1: save its/);
});

Deno.test("strides, offsets and shared storages are honoured, without the rest of the file", async () => {
  const file = new MemoryFile(torchFile(
    state({
      rows: tensor({ held: 6, shape: [2, 3], strides: [3, 1] }),
      columns: tensor({ held: 6, shape: [3, 2], strides: [1, 3] }),
      tail: tensor({ held: 6, offset: 4, shape: [2], strides: [1] }),
      odd: tensor({ held: 6, offset: 1, shape: [3, 1], strides: [2, 77] }),
      repeated: tensor({ held: 6, offset: 2, shape: [2, 2], strides: [0, 1] }),
      point: tensor({ held: 6, offset: 5, shape: [], strides: [] }),
      none: tensor({ held: 6, offset: 6, shape: [0, 9], strides: [9, 1] }),
    }),
    { 0: floats(0, 1, 2, 3, 4, 5), 1: new Uint8Array(100_000) },
  ));
  const checkpoint = await TorchCheckpoint.open(file, "m.bin");
  const values = async (name: string) => [...await checkpoint.readFloat32(name)];
  assert.deepEqual(await values("rows"), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(await values("columns"), [0, 3, 1, 4, 2, 5]);
  assert.deepEqual(await values("tail"), [4, 5]);
  assert.deepEqual(await values("odd"), [1, 3, 5]);
  assert.deepEqual(await values("repeated"), [2, 3, 2, 3]);
  assert.deepEqual(await values("point"), [5]);
  assert.deepEqual(await values("none"), []);
  assert.ok(file.largest < 80_000, "storage 1 belongs to no tensor");
  checkpoint.close();
  assert.ok(file.closed);
});

Deno.test("any top folder, and either byte order", async () => {
  const pickled = state({ w: tensor({ held: 2, shape: [2], strides: [1] }) });
  const big = bytes(0x3f, 0x80, 0, 0, 0xc0, 0, 0, 0);
  const open1 = (data: Uint8Array, more: { folder?: string; byteorder?: string }) =>
    open(torchFile(pickled, { 0: data }, more)).then((file) => file.readFloat32("w"));
  assert.deepEqual([...await open1(big, { byteorder: "big", folder: "x y" })], [1, -2]);
  assert.deepEqual([...await open1(floats(1, -2), { byteorder: "little" })], [1, -2]);
  await assert.rejects(open1(big, { byteorder: "middle" }), /byteorder is "middle"/);
  const two = zip(["a", "b"].map((top) => ({ name: `${top}/data.pkl`, data: pickled })));
  await refused(two, /2 entries are called data\.pkl, not one/);
  await refused(zip([{ name: "x", data: bytes() }]), /0 entries are called data\.pkl/);
});

Deno.test("a tensor that claims more than its storage or its file has is refused by name", async () => {
  await refused(
    fileWith({ shape: [7], strides: [1] }),
    /tensor "w" ends at element 7 but its storage has only 6/,
  );
  await refused(fileWith({ shape: [2, 2], strides: [5, 1] }), /ends at element 7/);
  await refused(fileWith({ shape: [1], strides: [1], offset: 6 }), /ends at element 7/);
  await refused(
    fileWith({ shape: [2 ** 30, 2 ** 30], strides: [0, 0] }),
    /"w" has 1152921504606847000 elements/,
  );
  await refused(
    fileWith({ shape: [-1], strides: [1] }),
    /"w" has a shape that is no list of sizes/,
  );
  await refused(fileWith({ shape: [2], strides: [-1] }), /"w" has strides/);
  await refused(fileWith({ shape: [2], strides: [] }), /"w" has strides that are no list of 1/);
  await refused(
    fileWith({ shape: [1], strides: [1], offset: -1 }),
    /"w" has the storage offset -1/,
  );
  await refused(
    fileWith({ shape: new Array(65).fill(1), strides: new Array(65).fill(1) }),
    /shape/,
  );
  await refused(
    fileWith({ shape: [1], strides: [1], held: 2 ** 30 }),
    /storage has 24 bytes where 1073741824 of F32/,
  );
  await refused(
    fileWith({ shape: [1], strides: [1], type: "HalfStorage" }),
    /24 bytes where 6 of F16/,
  );
  await refused(
    fileWith({ shape: [1], strides: [1], key: "9" }),
    /lies in storage "archive\/data\/9", which is missing/,
  );
  await refused(fileWith({ shape: [1], strides: [1], key: "../data.pkl" }), /missing/);
});

Deno.test("a pickle that asks for more than weights need is refused, and nothing is run", async () => {
  const evil = (module: string, name: string) =>
    torchFile(state({ w: [global(module, name), text("touch x"), 0x85, "R"] }));
  await refused(
    evil("os", "system"),
    /asks for "os\.system", which no weights need; nothing of it was run/,
  );
  await refused(
    evil("torch._utils", "_rebuild_qtensor"),
    /asks for "torch\._utils\._rebuild_qtensor"/,
  );
  await refused(torchFile(pickle(whole(3))), /holds no state dict/);
  await refused(
    torchFile(state({ w: [tuple(text("storage")), "Q"] })),
    /a storage is not given as/,
  );
  const noStorage = [global("torch._utils", "_rebuild_tensor_v2"), tuple("N"), "R"];
  await refused(torchFile(state({ w: noStorage })), /tensor "w" has no storage/);
});

/** Evenly spread, as `fc.double` is not. */
const share = fc.nat(10_000).map((n) => n / 10_000);

/** Where files are hit: anywhere, but more often near their ends, where the directory and heads lie. */
const damage = fc.array(
  fc.record({
    at: share,
    fromEnd: fc.boolean(),
    bits: fc.integer({ min: 1, max: 255 }),
  }),
  { minLength: 1, maxLength: 3 },
);
const kept = fc.oneof(fc.constant(1), share);

function damaged(
  sound: Uint8Array,
  changes: readonly { at: number; fromEnd: boolean; bits: number }[],
  share: number,
) {
  const data = sound.slice(0, Math.ceil(sound.length * share));
  for (const { at, fromEnd, bits } of changes) {
    const place = Math.floor(at ** 2 * (data.length - 1));
    if (data.length > 0) data[fromEnd ? data.length - 1 - place : place] ^= bits;
  }
  return data;
}

Deno.test("a damaged pytorch_model.bin gives its true values, or one line", async () => {
  const sound = golden("torch/forms.bin");
  const names = [...(await open(sound)).entries().keys()].filter((name) => name !== "whole");
  const truth = new Map<string, Float32Array>();
  for (const name of names) truth.set(name, await (await open(sound)).readFloat32(name));
  let survived = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(damage, kept, async (changes, share) => {
      try {
        const file = await open(damaged(sound, changes, share));
        for (const name of file.entries().keys()) {
          if (name === "whole") continue;
          assert.deepEqual(await file.readFloat32(name), truth.get(name), name);
        }
        survived++;
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        refused++;
        assert.ok(error instanceof UserError, String(error));
        assert.ok(!error.message.includes("\n"));
      }
    }),
    { numRuns: 1500 },
  );
  assert.ok(survived > 50 && refused > 500, `${survived} files survived, ${refused} were refused`);
});

Deno.test("a damaged safetensors file gives as many values as it says, or one line", async () => {
  const sound = golden("post_norm/model.safetensors");
  await fc.assert(
    fc.asyncProperty(damage, kept, async (changes, share) => {
      const file = new MemoryFile(damaged(sound, changes, share));
      try {
        const reader = await SafetensorsReader.open(file, "m.safetensors");
        for (const [name, { dtype, shape }] of reader.tensors) {
          if (!["F32", "F16", "BF16", "F64"].includes(dtype)) continue;
          const values = await reader.readFloat32(name);
          assert.equal(values.length, shape.reduce((n, size) => n * size, 1));
        }
        assert.ok(file.largest <= sound.length);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        assert.ok(error instanceof UserError, String(error));
        assert.ok(!error.message.includes("\n"));
      }
    }),
    { numRuns: 500 },
  );
});
