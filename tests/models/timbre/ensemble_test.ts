/** `timbre` as a whole: it learns, goes on to the same bits, and answers each clip for itself. */
import assert from "node:assert/strict";
import type { Device } from "../../../engine/device.ts";
import { openDevice } from "../../../engine/open.ts";
import { Random } from "../../../engine/random.ts";
import { argmaxRows } from "../../../engine/train/scores.ts";
import { logitsOf } from "../../../engine/train/evaluate.ts";
import { Trainer } from "../../../engine/train/trainer.ts";
import { Timbre } from "../../../models/timbre/ensemble.ts";
import { atSpeed } from "../../../models/timbre/speed.ts";
import { timbre } from "../../../models/timbre/system.ts";
import { VoiceRows, type Voices } from "../../../models/timbre/voices.ts";
import { speech } from "../../features/signals.ts";

const RATE = 16_000;
const RECIPE = { ...timbre.recipe, epochs: 6, batch: 6 };

/** High voices and low ones of several lengths. */
function clipsOf(device: Device, n: number) {
  const clips = Array.from(
    { length: n },
    (_, i) => atSpeed(speech(6000 + 500 * (i % 5), RATE), i % 2 ? 0.6 : 1.6),
  );
  const hostLabels = Int32Array.from(clips, (_, i) => i % 2);
  return {
    inputs: new VoiceRows(device, clips),
    ...{ n, hostLabels, labels: device.keep(device.tensor(hostLabels)) },
  };
}

async function begin(device: Device) {
  const random = Random.of(5, "network");
  const model = new Timbre({ device, random }, 2);
  const train = clipsOf(device, 12);
  await timbre.fit!(model, train.inputs);
  const options = { device, model, recipe: RECIPE, seed: 5, random, train, validation: train };
  return { model, trainer: new Trainer<Voices>(options) };
}

async function weights({ model }: { readonly model: Timbre }) {
  const values: number[] = [];
  for (const t of model.state().values()) values.push(...await t.data());
  return values;
}

Deno.test("a few clips are learned, and a stop between steps changes no bit", async () => {
  using device = await openDevice("cpu");
  const whole = await begin(device);
  await whole.trainer.run();
  assert.ok(whole.trainer.history.at(-1)!.validationAccuracy! > 0.9);

  const first = await begin(device);
  const stop = new AbortController();
  const onStep = ({ epoch, step }: { epoch: number; step: number }) => {
    if (epoch === 2 && step === 1) stop.abort();
  };
  assert.equal(await first.trainer.run({ signal: stop.signal, onStep }), "interrupted");
  const second = await begin(device);
  const saved = first.trainer.tensors();
  for (const [name, t] of second.trainer.tensors()) t.write(await saved.get(name)!.data());
  second.trainer.restore(first.trainer.numbers());
  await second.trainer.run();
  assert.deepEqual(await weights(second), await weights(whole));
});

Deno.test("an answer does not depend on the clips asked about beside it", async () => {
  using device = await openDevice("cpu");
  const { model } = await begin(device);
  const { inputs } = clipsOf(device, 11);
  const together = await logitsOf(model, inputs, 11);
  const one = await logitsOf(model, inputs, 1);
  together.forEach((z, i) => assert.ok(Math.abs(z - one[i]) < 1e-5, `${i}: ${z}, ${one[i]}`));
  const total = together.slice(0, 2).reduce((sum, z) => sum + Math.exp(z), 0);
  assert.ok(total <= 1 + 1e-6, "a geometric mean of probabilities adds up to 1 at most");
});

Deno.test("a moment of sound is answered too", async () => {
  using device = await openDevice("cpu");
  const { model } = await begin(device);
  const clips = [Float32Array.of(1), speech(100, RATE)];
  const logits = await logitsOf(model, new VoiceRows(device, clips), 2);
  assert.ok(logits.every(Number.isFinite));
  assert.equal(argmaxRows(logits, 2).length, 2);
});

Deno.test("it has the parameters that the documents name", async () => {
  using device = await openDevice("cpu");
  const model = new Timbre({ device, random: Random.of(1) }, 8);
  assert.equal(model.parameterCount(), 694_112);
  assert.throws(() => new VoiceRows(device, [new Float32Array(0)]), /clip 0 is empty/);
});
