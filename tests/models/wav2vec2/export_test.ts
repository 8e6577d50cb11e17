import assert from "node:assert/strict";
import { openCheckpoint, openCheckpointIn } from "../../../models/wav2vec2/checkpoint.ts";
import { networkName } from "../../../models/wav2vec2/checkpoint_names.ts";
import { exportCheckpoint } from "../../../models/wav2vec2/export.ts";
import { goldenFolder, MemoryFolder } from "../../engine/io/memory_folder.ts";

/** The kernels' own run (`test:fast`) may write nothing. */
const ignore = Deno.permissions.querySync({ name: "write" }).state !== "granted";

Deno.test("an exported folder is read back from disk, tensor for tensor", { ignore }, async () => {
  const dir = await Deno.makeTempDir();
  try {
    const { config, preprocessor, weights } = await openCheckpointIn(
      new MemoryFolder(goldenFolder("post_norm")),
    );
    const tensors = new Map(
      [...weights.entries()].map(([name, { shape }]) => [
        networkName(name),
        { shape, data: () => weights.readFloat32(name) },
      ]),
    );
    await exportCheckpoint(`${dir}/a/b`, { tensors, config, preprocessor });
    const names = [...Deno.readDirSync(`${dir}/a/b`)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["config.json", "model.safetensors", "preprocessor_config.json"]);
    const again = await openCheckpoint(`${dir}/a/b`);
    assert.deepEqual([again.config, again.preprocessor], [config, preprocessor]);
    assert.deepEqual(
      [...again.weights.entries().keys()].sort(),
      [...weights.entries().keys()].sort(), // transformers' own names
    );
    for (const name of weights.entries().keys()) {
      assert.deepEqual(
        await again.weights.readFloat32(name),
        await weights.readFloat32(name),
        name,
      );
    }
    again.weights.close();
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a tensor that does not fit its shape leaves no half of a file", { ignore }, async () => {
  const dir = await Deno.makeTempDir();
  try {
    const { config, preprocessor } = await openCheckpointIn(
      new MemoryFolder(goldenFolder("post_norm")),
    );
    const tensors = new Map([["w", { shape: [3], data: () => new Float32Array(2) }]]);
    await assert.rejects(
      exportCheckpoint(dir, { tensors, config, preprocessor }),
      /"w" holds 8 bytes where F32 \[3\] needs 12/,
    );
    assert.ok([...Deno.readDirSync(dir)].every(({ name }) => name.endsWith(".json")));
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("a folder that is not there, or is a file, is told in one line", { ignore }, async () => {
  const dir = await Deno.makeTempDir();
  try {
    await assert.rejects(openCheckpoint(`${dir}/none`), {
      name: "UserError",
      message: /none: config\.json is missing/,
    });
    await Deno.writeTextFile(`${dir}/file`, "");
    await assert.rejects(openCheckpoint(`${dir}/file`), {
      name: "UserError",
      message: /a part of the path is a file, not a folder/,
    });
    await Deno.mkdir(`${dir}/config.json`);
    await assert.rejects(openCheckpoint(dir), { name: "UserError", message: /it is not a file/ });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
