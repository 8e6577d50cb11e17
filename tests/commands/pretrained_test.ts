/** The shipped model: small, licensed, and answering as its card was written. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { answersTo, halved, joined, realClips } from "../../commands/pretrained.ts";
import { readFacts } from "../../commands/model/model_file.ts";
import { SHIPPED } from "../../commands/model/shipped.ts";
import { RAVDESS_FOLDER } from "../../commands/sources/corpus.ts";
import { decodeSafetensors, encodeSafetensors, toFloat32 } from "../../engine/io/safetensors.ts";
import { type CardFacts, modelCard } from "../../report/model_card.ts";

const beside = (name: string) => SHIPPED.replace(/[^/\\]*$/, name);

Deno.test("matrices are halved to the nearest half, vectors and words are kept", () => {
  const f32 = (shape: number[], values: number[]) => ({
    ...{ dtype: "F32" as const, shape, data: Float32Array.from(values) },
  });
  const tensors = new Map([
    ["weight", f32([2, 2], [0.1, -2.5, 1e-3, 300.2])],
    ["bias", f32([2], [0.1, 1e-9])],
  ]);
  const bytes = halved(encodeSafetensors(tensors, { format: "x" }), "file");
  const { metadata, tensors: found } = decodeSafetensors(bytes, "file");
  assert.equal(metadata.get("format"), "x");
  const [weight, bias] = ["weight", "bias"].map((name) => found.get(name)!);
  assert.deepEqual([weight.dtype, bias.dtype], ["F16", "F32"]);
  const nearest = Float32Array.from([0.1, -2.5, 1e-3, 300.2], Math.f16round);
  assert.deepEqual(toFloat32(weight.dtype, weight.data), nearest);
  assert.deepEqual(toFloat32(bias.dtype, bias.data), Float32Array.of(0.1, 1e-9));
});

Deno.test("runs join those on the card by seed and fold, newer ones in place of older", () => {
  const run = (seed: number, fold: number, hits: number) => ({
    seed,
    fold,
    hits,
    n: 300,
    uar: 0.7,
  });
  const found = joined([run(42, 1, 200), run(42, 2, 201)], [run(43, 1, 202), run(42, 2, 203)]);
  assert.deepEqual(found, [run(42, 1, 200), run(42, 2, 203), run(43, 1, 202)]);
});

const bytes = await Deno.readFile(SHIPPED);
const facts = JSON.parse(await Deno.readTextFile(beside("timbre.json"))) as CardFacts;

/** Half precision and the order of sums leave this much. */
function assertAnswers(answers: readonly number[][], written: readonly (readonly number[])[]) {
  assert.equal(answers.length, written.length);
  answers.forEach((row, i) =>
    row.forEach((p, k) => assert.ok(Math.abs(p - written[i][k]) < 2e-3, `${i} ${k}: ${p}`))
  );
}

Deno.test("the shipped model is under 3 MB, for non-commercial use, and answers as its card was written", async () => {
  assert.ok(bytes.length < 3e6);
  const { licence, synthetic } = readFacts(decodeSafetensors(bytes, SHIPPED).metadata, SHIPPED);
  assert.match(licence ?? "", /non-commercial/);
  assert.equal(synthetic, false);
  assert.equal(await Deno.readTextFile(beside("README.md")), modelCard(facts));
  assertAnswers(await answersTo(bytes), facts.examples);
});

const ravdess = new URL(`../../${RAVDESS_FOLDER}`, import.meta.url);
Deno.test({
  name: "the shipped model answers real recordings as it did when its card was written",
  ignore: !await Deno.stat(ravdess).then(() => true, () => false),
  async fn() {
    const clips = await realClips(fileURLToPath(ravdess));
    const written = [...clips.keys()].map((id) => facts.recordings[id]);
    assertAnswers(await answersTo(bytes, clips.values()), written);
  },
});
