/** SpecAugment: transformers' numbers of spans (goldens/spec_augment.py), their places, gradients. */
import assert from "node:assert/strict";
import * as T from "../../../engine/mod.ts";
import { drawSpans, spanCount, specAugment } from "../../../models/wav2vec2/spec_augment.ts";
import golden from "../../goldens/spec_augment.json" with { type: "json" };
import { openDevices } from "../../engine/devices.ts";

type Golden = [number, number, number, number, number, number[], number[]];

Deno.test("clips get as many spans as in transformers", () => {
  for (const c of golden as Golden[]) {
    const [size, probability, span, minSpans, epsilon, lengths, counts] = c;
    const options = { size, probability, span, minSpans, epsilon };
    assert.deepEqual(lengths.map((n) => spanCount(n, options)), counts, JSON.stringify(c));
  }
});

Deno.test("spans lie within their clip, begin at distinct places, and reach all of them", () => {
  const random = T.Random.of(5, "spans");
  const seen = new Set<number>();
  for (let round = 0; round < 300; round++) {
    const lengths = [30, 12, 3];
    const options = { size: 30, probability: 0.2, span: 4, minSpans: 2, random };
    const mask = drawSpans(lengths, options);
    lengths.forEach((length, row) => {
      const at = [...mask.subarray(row * 30, row * 30 + 30)].flatMap((m, t) => m === 1 ? [t] : []);
      assert.ok(at.every((t) => t < length), `frame ${at.at(-1)} of ${length}`);
      // Two spans at distinct places cover five frames or more.
      assert.ok(length < 4 ? at.length === 0 : at.length >= 5, `${at.length} frames masked`);
      if (row === 1) at.forEach((t) => seen.add(t));
    });
  }
  assert.equal(seen.size, 12);
});

Deno.test("a clip shorter than a span is left alone", () => {
  const options = { size: 5, probability: 0.5, span: 10, minSpans: 2, random: T.Random.of(1) };
  assert.ok(drawSpans([5, 2], options).every((m) => m === 0));
});

Deno.test("masked frames become the learned vector, masked channels 0, with their gradients", async () => {
  using devices = await openDevices();
  for (const device of devices.list) {
    const shape = [2, 20, 6], [B, frames, C] = shape;
    const x = device.tensor(Float32Array.from({ length: 240 }, (_, i) => 1 + i), shape);
    const embed = device.tensor([-1, -2, -3, -4, -5, -6]);
    const weights = Float32Array.from({ length: 240 }, (_, i) => Math.sin(i));
    x.requiresGrad = embed.requiresGrad = true;
    const y = device.scope(() => {
      const y = specAugment(x, {
        ...{ embed, random: T.Random.of(9, "spec"), lengths: [20, 11] },
        ...{ maskTimeProb: 0.3, maskTimeLength: 3, maskFeatureProb: 0.4, maskFeatureLength: 2 },
      });
      T.backward(y, device.tensor(weights, shape));
      return y;
    });
    const [out, xs] = [await y.data(), await x.data()];
    const dEmbed = new Float32Array(C), dx = await x.grad!.data();
    let masked = 0, zeroed = 0;
    for (let frame = 0; frame < B * frames; frame++) {
      const row = out.subarray(frame * C, frame * C + C);
      const isMasked = row.some((v) => v < 0);
      if (isMasked) masked++;
      if (frame >= frames + 11) assert.ok(!isMasked, "padding is never masked");
      row.forEach((v, c) => {
        const i = frame * C + c;
        if (v === 0) zeroed++;
        assert.ok(v === 0 || v === (isMasked ? -1 - c : xs[i]));
        assert.ok(dx[i] === (v === 0 || isMasked ? 0 : weights[i]));
        if (isMasked && v !== 0) dEmbed[c] += weights[i];
      });
    }
    assert.ok(masked >= 8 && masked < 40, `${masked} frames masked`);
    assert.ok(zeroed > 0 && zeroed % frames === 0, `${zeroed} zeros`);
    const got = await embed.grad!.data();
    dEmbed.forEach((g, c) => assert.ok(Math.abs(g - got[c]) < 1e-5));
  }
});

Deno.test("the same seed masks the same, and probabilities of 0 nothing", async () => {
  using device = await T.openDevice("cpu", { threads: 1 });
  const x = T.full(device, [1, 40, 2], 1), embed = device.tensor([7, 7]);
  const of = (seed: number) => specAugment(x, { embed, random: T.Random.of(seed) });
  assert.deepEqual(await of(3).data(), await of(3).data());
  assert.notDeepEqual(await of(3).data(), await of(4).data());
  const random = T.Random.of(3);
  assert.equal(specAugment(x, { embed, random, maskTimeProb: 0 }), x);
});
