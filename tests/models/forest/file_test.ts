/** A forest written and read, and files that are no forests. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { UserError } from "../../../engine/error.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type TensorData,
} from "../../../engine/io/safetensors.ts";
import { decodeForest, encodeForest } from "../../../models/forest/file.ts";
import { fitForest } from "../../../models/forest/fit.ts";
import { goldenTable } from "./golden.ts";

Deno.test("a forest that was saved is the forest that was trained", async () => {
  const table = goldenTable("coarse");
  for (const options of [{}, { bootstrap: false, classWeight: "balanced" }] as const) {
    const forest = await fitForest(table, { ...options, trees: 15, workers: 1 });
    const read = decodeForest(encodeForest(forest));
    assert.deepEqual(read.probabilities(table.x), forest.probabilities(table.x));
    if (options.bootstrap === undefined) assert.deepEqual(read, forest);
  }
});

Deno.test("a file keeps the metadata given beside the forest", async () => {
  const forest = await fitForest(goldenTable("smooth"), { trees: 2, workers: 1 });
  const { metadata } = decodeSafetensors(encodeForest(forest, { corpus: "synthetic" }));
  assert.equal(metadata.get("corpus"), "synthetic");
});

Deno.test("a damaged forest is refused, or is whole", async () => {
  const table = goldenTable("smooth");
  const bytes = encodeForest(await fitForest(table, { trees: 3, maxDepth: 4, workers: 1 }));
  const { metadata, tensors } = decodeSafetensors(bytes);
  const named = [...tensors.keys()];
  fc.assert(
    fc.property(fc.constantFrom(...named), fc.nat(), fc.nat(255), (name, at, value) => {
      const damaged = new Map<string, TensorData>();
      for (const [key, tensor] of tensors) {
        const data = tensor.data.slice();
        if (key === name) data[at % data.length] = value;
        damaged.set(key, { ...tensor, data });
      }
      try {
        const forest = decodeForest(encodeSafetensors(damaged, Object.fromEntries(metadata)));
        assert.ok(forest.probabilities(table.x).every((share) => share >= 0 && share <= 1));
      } catch (error) {
        assert.ok(error instanceof UserError, String(error));
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("files that hold no forest, or one of another version, are named", async () => {
  const forest = await fitForest(goldenTable("smooth"), { trees: 1, workers: 1 });
  const bytes = encodeForest(forest);
  assert.throws(() => decodeForest(bytes.subarray(0, 200), "a.st"), /^UserError: a\.st: /);
  const { metadata, tensors } = decodeSafetensors(bytes);
  const text = metadata.get("forest")!;
  const withText = (forest: string) => decodeForest(encodeSafetensors(tensors, { forest }), "a.st");
  assert.throws(
    () => decodeForest(encodeSafetensors(tensors), "a.st"),
    /^UserError: a\.st: holds no forest$/,
  );
  assert.throws(() => withText(text.replace("forest-1", "forest-9")), /timbre-forest-9; train/);
  assert.throws(() => withText(text.slice(1)), /^UserError: .*not JSON/);
  assert.throws(() => withText("null"), /^UserError: .*got undefined; train/);
  assert.throws(() => withText(text.replace('"trees":1', '"trees":2')), /1 trees of 2/);
});
