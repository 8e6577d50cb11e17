import assert from "node:assert/strict";
import { UserError } from "../../../engine/error.ts";
import { openWeights } from "../../../engine/io/open_weights.ts";
import { encodeSafetensors } from "../../../engine/io/safetensors.ts";
import { golden, goldenFolder, MemoryFolder } from "./memory_folder.ts";
import { floats, state, tensor, torchFile } from "./torch_file.ts";

const one = encodeSafetensors(
  new Map([["w", { dtype: "F32", shape: [1], data: Float32Array.of(1) }]]),
);
const bin = torchFile(state({ w: tensor({ held: 1, shape: [1], strides: [1] }) }), {
  0: floats(2),
});
const INDEX = "model.safetensors.index.json";

async function refused(files: Record<string, Uint8Array | string>, message: RegExp): Promise<void> {
  const folder = new MemoryFolder(files);
  await assert.rejects(openWeights(folder), (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    return true;
  });
  assert.equal(folder.left, 0, "files are left open");
}

Deno.test("shards are read through their index, one open at a time", async () => {
  const folder = new MemoryFolder(goldenFolder("sharded"));
  const weights = await openWeights(folder);
  assert.equal(weights.file, `D/${INDEX}`);
  assert.equal(folder.left, 0);
  assert.deepEqual(Object.fromEntries(weights.entries()), {
    a: { dtype: "BF16", shape: [2, 2] },
    b: { dtype: "F16", shape: [1] },
    c: { dtype: "F32", shape: [2] },
  });
  assert.deepEqual([...await weights.readFloat32("a")], [1, 2, 3, 4]);
  assert.deepEqual([...await weights.readFloat32("c")], [-1, Math.fround(1e-3)]);
  assert.deepEqual([...await weights.readFloat32("b")], [0.5]);
  const pieces: number[] = [];
  await weights.eachFloat32("a", (piece) => pieces.push(...piece));
  assert.deepEqual(pieces, [1, 2, 3, 4]);
  assert.equal(folder.left, 1);
  await assert.rejects(weights.readFloat32("d"), /there is no tensor "d"/);
  weights.close();
  assert.equal(folder.left, 0);
});

Deno.test("one safetensors file goes before shards, and shards before pytorch_model.bin", async () => {
  const shards = goldenFolder("sharded");
  const fileOf = async (files: Record<string, Uint8Array>) => {
    const weights = await openWeights(new MemoryFolder(files));
    weights.close();
    return weights.file;
  };
  const all = { "pytorch_model.bin": bin, ...shards, "model.safetensors": one };
  assert.equal(await fileOf(all), "D/model.safetensors");
  assert.equal(await fileOf({ "pytorch_model.bin": bin, ...shards }), `D/${INDEX}`);
  assert.equal(await fileOf({ "pytorch_model.bin": bin }), "D/pytorch_model.bin");
});

Deno.test("a folder without weights that are read says what was expected", async () => {
  await refused({}, /^D: there are no weights; expected model\.safetensors, .*pytorch_model\.bin$/);
  await refused({ "pytorch_model.bin.index.json": "{}" }, /shards are read as safetensors only/);
  await refused({ "model.safetensors": "" }, /^D\/model\.safetensors: the file has 0 bytes/);
  await refused({ "pytorch_model.bin": golden("torch/plain_pickle.bin") }, /plain-pickle/);
});

Deno.test("shards are plain names of files beside the index", async () => {
  const index = (shard: unknown) => JSON.stringify({ weight_map: { w: shard } });
  for (
    const shard of [
      "../x.safetensors",
      "/x.safetensors",
      "a/b.safetensors",
      "a\\b.safetensors",
      "..safetensors",
      "x.bin",
      3,
      null,
    ]
  ) {
    await refused(
      { [INDEX]: index(shard) },
      /tensor "w" lies in .*, which is no NAME\.safetensors/,
    );
  }
});

Deno.test("an index that does not fit its shards is refused", async () => {
  const index = (map: unknown) => JSON.stringify({ weight_map: map });
  const at = "x.safetensors";
  await refused({ [INDEX]: "{" }, /index\.json: it is not valid JSON/);
  await refused({ [INDEX]: "[]" }, /it is not a JSON object/);
  await refused({ [INDEX]: "{}" }, /weight_map is no list of tensors/);
  await refused({ [INDEX]: index({}) }, /names no tensor/);
  await refused({ [INDEX]: `{"weight_map":{"w":"${at}","w":"${at}"}}` }, /it says "w" twice/);
  await refused(
    { [INDEX]: index({ w: at }) },
    /^D\/x\.safetensors: the index names this file, and it is missing/,
  );
  await refused(
    { [INDEX]: index({ w: at, v: at }), [at]: one },
    /tensor "v" is not in x\.safetensors/,
  );
  await refused({ [INDEX]: index({ w: at }), [at]: one.subarray(0, 40) }, /^D\/x\.safetensors: /);
  const many = Object.fromEntries(
    Array.from({ length: 1001 }, (_, i) => [`w${i}`, `s${i}.safetensors`]),
  );
  await refused({ [INDEX]: index(many) }, /it names 1001 files; at most 1000/);
});
