/** The front end of timbre: librosa's log-mel frames, clips that do not know of each other, other speeds. */
import assert from "node:assert/strict";
import { openDevice } from "../../../engine/open.ts";
import { Random } from "../../../engine/random.ts";
import { framesOf, FrontEnd } from "../../../models/timbre/front_end.ts";
import { BANDS } from "../../../models/timbre/log_mel.ts";
import { atSpeed } from "../../../models/timbre/speed.ts";
import { VoiceRows } from "../../../models/timbre/voices.ts";
import { openDevices } from "../../engine/devices.ts";
import { speech } from "../../features/signals.ts";
import golden from "../../goldens/timbre.json" with { type: "json" };

const RATE = 16_000;

Deno.test("log-mel frames are librosa's within 1e-3, on every device", async (t) => {
  using devices = await openDevices();
  const { n, every, frames, values } = golden.logMel;
  for (const device of devices.list) {
    await t.step(device.name, async () => {
      const front = new FrontEnd({ device, random: Random.of(1) });
      front.train(false);
      using made = front.forward({ device, clips: [speech(n, RATE)] });
      assert.deepEqual(made.shape, [1, frames, BANDS]);
      const got = (await made.data()).filter((_, i) => Math.floor(i / BANDS) % every === 0);
      got.forEach((x, i) => assert.ok(Math.abs(x - values[i]) < 1e-3, `${i}: ${x}, ${values[i]}`));
      front.dispose();
    });
  }
});

Deno.test("in a batch a clip has the frames it has alone, and begins anew after its end", async () => {
  using device = await openDevice("cpu");
  const front = new FrontEnd({ device, random: Random.of(1) });
  front.train(false);
  const clips = [speech(9000, RATE), speech(21_000, RATE).subarray(5000), speech(700, RATE)];
  using together = front.forward({ device, clips });
  const length = together.shape[1];
  assert.equal(length, framesOf(16_000));
  const all = await together.data();
  for (const [i, clip] of clips.entries()) {
    using alone = front.forward({ device, clips: [clip] });
    const own = await alone.data();
    const frames = framesOf(clip.length);
    for (let t = 0; t < length; t++) {
      for (let band = 0; band < BANDS; band += 7) {
        assert.equal(all[(i * length + t) * BANDS + band], own[t % frames * BANDS + band]);
      }
    }
  }
  front.dispose();
});

Deno.test("after fitting, every band of the training clips has mean 0 and deviation 1", async () => {
  using device = await openDevice("cpu");
  const front = new FrontEnd({ device, random: Random.of(1) });
  front.train(false);
  const clips = [speech(16_000, RATE), speech(30_000, RATE).map((x, i) => x * Math.sin(i / 50))];
  await front.fit(new VoiceRows(device, clips));
  const columns = Array.from({ length: BANDS }, () => [] as number[]);
  for (const clip of clips) {
    using frames = front.forward({ device, clips: [clip] });
    (await frames.data()).forEach((x, i) => columns[i % BANDS].push(x));
  }
  for (const column of columns) {
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    const variance = column.reduce((a, b) => a + (b - mean) ** 2, 0) / column.length;
    assert.ok(Math.abs(mean) < 1e-4 && Math.abs(variance - 1) < 1e-3, `${mean}, ${variance}`);
  }
  front.dispose();
});

Deno.test("training draws anew each time, and the same from the same stream", async () => {
  using device = await openDevice("cpu");
  const random = Random.of(7, "front end");
  const front = new FrontEnd({ device, random });
  const begin = random.state();
  const clips = [speech(20_000, RATE), speech(24_000, RATE)];
  const draw = async () => {
    using frames = front.forward({ device, clips });
    return [...await frames.data()];
  };
  const first = await draw();
  assert.notDeepEqual(await draw(), first);
  random.restore(begin);
  assert.deepEqual(await draw(), first);
  front.dispose();
});

Deno.test("a tone at another speed is the tone of that pitch", () => {
  const tone = (hz: number, n: number) =>
    Float32Array.from({ length: n }, (_, i) => Math.sin(2 * Math.PI * hz * i / RATE));
  for (const speed of [0.88, 1, 1.12]) {
    const heard = atSpeed(tone(1000, 8000), speed);
    assert.equal(heard.length, Math.ceil(8000 / speed));
    const wanted = tone(1000 * speed, heard.length);
    for (let i = 2; i < heard.length - 4; i++) {
      assert.ok(Math.abs(heard[i] - wanted[i]) < 2e-3, `${speed}, ${i}`);
    }
  }
  assert.deepEqual(atSpeed(Float32Array.of(0.5), 1.12), Float32Array.of(0.5));
});
