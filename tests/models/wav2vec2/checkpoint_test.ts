import assert from "node:assert/strict";
import { UserError } from "../../../engine/error.ts";
import type { Checkpoint } from "../../../engine/io/checkpoint.ts";
import type { SafetensorsDtype } from "../../../engine/io/dtypes.ts";
import { openCheckpointIn } from "../../../models/wav2vec2/checkpoint.ts";
import { fileName, matchTensors, networkName } from "../../../models/wav2vec2/checkpoint_names.ts";
import { loadReport } from "../../../models/wav2vec2/load_report.ts";
import { golden, goldenFolder, MemoryFolder } from "../../engine/io/memory_folder.ts";

type Shapes = Map<string, readonly number[]>;

/** What transformers' models of tests/goldens/checkpoints.py hold: shape and sum by name. */
const tensors: Record<string, Record<string, [shape: number[], sum: number]>> = JSON.parse(
  new TextDecoder().decode(golden("tensors.json")),
);

function shapesOf(model: string): Shapes {
  return new Map(
    Object.entries(tensors[model]).map(([name, [shape]]) => [networkName(name), shape]),
  );
}

/** A checkpoint of which only names, shapes and dtypes matter. */
function named(
  shapes: Iterable<readonly [string, readonly number[]]>,
  dtype: SafetensorsDtype = "F32",
): Checkpoint {
  return {
    file: "f",
    entries: () => new Map([...shapes].map(([name, shape]) => [name, { dtype, shape }])),
    readFloat32: () => Promise.reject(new Error("no tensor is read")),
    eachFloat32: () => Promise.reject(new Error("no tensor is read")),
    close: () => {},
  };
}

function fails(work: () => unknown, message: RegExp): void {
  assert.throws(work, (error: unknown) => {
    assert.ok(error instanceof UserError, String(error));
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("checkpoints of either layout and either spelling of weight norm are read to the last tensor", async () => {
  for (
    const [model, file] of [["post_norm", "model.safetensors"], ["pre_norm", "pytorch_model.bin"]]
  ) {
    const folder = new MemoryFolder(goldenFolder(model));
    const { weights } = await openCheckpointIn(folder);
    assert.equal(weights.file, `D/${file}`);
    const match = matchTensors(shapesOf(model), weights);
    assert.deepEqual(match.missing, []);
    for (const [name, [, sum]] of Object.entries(tensors[model])) {
      const values = await weights.readFloat32(match.loaded.get(networkName(name))!);
      const found = values.reduce((total, x) => total + x, 0);
      assert.ok(
        Math.abs(found - sum) < 1e-5 * Math.max(1, Math.abs(sum)),
        `${name}: ${found}, ${sum}`,
      );
    }
    weights.close();
    assert.equal(folder.left, 0);
  }
});

Deno.test("names are the network's, whatever the file leaves out or spells anew", () => {
  const conv = "encoder.pos_conv_embed.conv";
  const cases = [
    [`${conv}.weight_g`, `wav2vec2.${conv}.weight_g`],
    [`wav2vec2.${conv}.parametrizations.weight.original0`, `wav2vec2.${conv}.weight_g`],
    [`${conv}.parametrizations.weight.original1`, `wav2vec2.${conv}.weight_v`],
    [
      "feature_extractor.conv_layers.0.conv.weight",
      "wav2vec2.feature_extractor.conv_layers.0.conv.weight",
    ],
    ["masked_spec_embed", "wav2vec2.masked_spec_embed"],
    ["projector.weight", "projector.weight"],
    ["quantizer.codevectors", "quantizer.codevectors"],
  ];
  for (const [theirs, ours] of cases) assert.equal(networkName(theirs), ours);
  for (const name of Object.keys(tensors.post_norm)) {
    assert.equal(fileName(networkName(name)), name);
  }
});

Deno.test("both spellings of one tensor in one file are refused", () => {
  const twice = named([...shapesOf("pre_norm"), ["encoder.pos_conv_embed.conv.weight_g", [
    1,
    1,
    4,
  ]]]);
  fails(
    () => matchTensors(shapesOf("pre_norm"), twice),
    /^f: "wav2vec2\.enc.*weight_g" and "encoder.*weight_g" are the same tensor$/,
  );
});

Deno.test("a backbone that lacks a tensor, or has one of another shape, is refused by its name", () => {
  const sound = shapesOf("post_norm");
  const name = "wav2vec2.encoder.layers.0.attention.k_proj.weight";
  const without = new Map(sound);
  without.delete(name);
  fails(
    () => matchTensors(sound, named(without)),
    /k_proj\.weight" is missing; the file does not fit/,
  );
  const other = new Map(sound).set(name, [8, 9]);
  fails(
    () => matchTensors(sound, named(other)),
    /k_proj\.weight" has shape \[8×9\]; config\.json asks for \[8×8\]$/,
  );
  fails(() => matchTensors(sound, named(sound, "I64")), /tensor .* holds I64; only F32/);
});

Deno.test("a model trained without masks has none, and that is said", () => {
  const shapes = shapesOf("post_norm");
  const without = new Map(shapes);
  without.delete("wav2vec2.masked_spec_embed");
  const match = matchTensors(shapes, named(without));
  assert.deepEqual([match.missing, match.head], [["wav2vec2.masked_spec_embed"], "loaded"]);
  assert.ok(
    loadReport(match).includes("made fresh, for training alone: wav2vec2.masked_spec_embed"),
  );
});

const HEAD: Shapes = new Map([
  ["projector.weight", [6, 8]],
  ["projector.bias", [6]],
  ["classifier.weight", [3, 6]],
  ["classifier.bias", [3]],
]);

Deno.test("a head is taken over whole or not at all", () => {
  const expected = shapesOf("post_norm");
  const { head, loaded, leftOver } = matchTensors(expected, named(expected));
  assert.deepEqual([head, loaded.size, leftOver], ["loaded", expected.size, []]);
  const eight = new Map(expected).set("classifier.weight", [8, 6]).set("classifier.bias", [8]);
  const fresh = matchTensors(eight, named(expected));
  assert.equal(fresh.head, "fresh");
  assert.deepEqual(fresh.mismatched.map(({ name }) => name), [
    "classifier.weight",
    "classifier.bias",
  ]);
  assert.deepEqual([...HEAD.keys()].filter((name) => fresh.loaded.has(name)), []);
  assert.deepEqual([...fresh.leftOver].sort(), [...HEAD.keys()].sort());
  assert.deepEqual(loadReport(fresh).slice(1), [
    "left over: projector.* (2 tensors), classifier.* (2 tensors) (a head that is not taken over)",
    "the head is fresh and must be trained: classifier.weight is [3×6] in the file, [8×6] here; " +
    "classifier.bias is [3] in the file, [8] here",
  ]);
});

Deno.test("a head that fits is not taken over against a reason, and the total stays the network's", () => {
  const expected = shapesOf("post_norm");
  const match = matchTensors(expected, named(expected), "it was made for others");
  assert.equal(match.head, "fresh");
  assert.deepEqual(loadReport(match), [
    `f: ${expected.size - 4} of the network's ${expected.size} tensors are loaded`,
    "left over: projector.* (2 tensors), classifier.* (2 tensors) (a head that is not taken over)",
    "the head is fresh and must be trained: it was made for others",
  ]);
});

Deno.test("the report tells what is left over, by design or by another head", async () => {
  const { weights } = await openCheckpointIn(new MemoryFolder(goldenFolder("pre_norm")));
  const match = matchTensors(new Map([...shapesOf("pre_norm"), ...HEAD]), weights);
  assert.equal(match.head, "fresh");
  const backbone = shapesOf("pre_norm").size;
  assert.deepEqual(loadReport(match), [
    `D/pytorch_model.bin: ${backbone} of the network's ${backbone + 4} tensors are loaded`,
    "left over: quantizer.* (2 tensors), project_q.bias (of pretraining: left over by design)",
    "left over: classifier.dense.* (2 tensors), classifier.output.bias (a head of another kind)",
    "the head is fresh and must be trained: the file does not hold projector.weight, projector.bias, " +
    "classifier.weight, classifier.bias",
  ]);
  const bare = matchTensors(shapesOf("pre_norm"), weights);
  assert.equal(bare.head, "none");
  const lines = loadReport(bare).join("\n");
  assert.doesNotMatch(lines, /fresh/);
  assert.match(lines, /classifier\.output\.bias \(a head, and the backbone alone is asked for\)/);
});

Deno.test("a folder that is no checkpoint says which file is missing or wrong", async () => {
  const sound = goldenFolder("post_norm");
  const without = (name: string) =>
    Object.fromEntries(Object.entries(sound).filter(([key]) => key !== name));
  const cases: [files: Record<string, Uint8Array | string>, message: RegExp][] = [
    [{}, /^D: config\.json is missing; .*deno task weights/],
    [without("preprocessor_config.json"), /^D: preprocessor_config\.json is missing/],
    [without("model.safetensors"), /^D: there are no weights/],
    [{ ...sound, "config.json": "{}" }, /^D\/config\.json: model_type is nothing/],
    [{ ...sound, "config.json": Uint8Array.of(0x7b, 0xff) }, /^D\/config\.json: it is not UTF-8/],
    [{ ...sound, "config.json": new Uint8Array(5_000_000) }, /it has 5000000 bytes; at most/],
    [
      { ...sound, "preprocessor_config.json": "3" },
      /^D\/preprocessor_config\.json: it is not a JSON object/,
    ],
  ];
  for (const [files, message] of cases) {
    const folder = new MemoryFolder(files);
    await assert.rejects(openCheckpointIn(folder), (error: unknown) => {
      assert.ok(error instanceof UserError, String(error));
      assert.match(error.message, message);
      return true;
    });
    assert.equal(folder.left, 0);
  }
});
