import assert from "node:assert/strict";
import { Random } from "../../engine/random.ts";
import { masksAndNoise } from "../../models/augment/masks.ts";
import {
  interpolation,
  otherVoices,
  timePositions,
  tractPositions,
} from "../../models/augment/voice.ts";
import { openDevices } from "../engine/devices.ts";

const CLIPS = 6;
const SIDE = 128;

/** Values that say where they stand: clip, band and column. */
const images = Float32Array.from(
  { length: CLIPS * SIDE * SIDE },
  (_, i) => 1 + Math.sin(i * 0.37) / 4 + Math.floor(i / SIDE) % SIDE / 64,
);

Deno.test("the paper's masks are one run of columns and one of bands a clip, no wider than asked", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    await t.step(device.name, async () => {
      const random = Random.of(3, "masks");
      const apply = masksAndNoise({ device, random }, { columns: 20, bands: 10, noise: 0 });
      const widths = new Set<string>();
      const x = device.tensor(images, [CLIPS, SIDE, SIDE]);
      const live = device.liveTensors;
      for (let round = 0; round < 3; round++) {
        using y = apply(x);
        const values = await y.data();
        for (let clip = 0; clip < CLIPS; clip++) {
          const at = clip * SIDE * SIDE;
          const zero = (b: number, c: number) => values[at + b * SIDE + c] === 0;
          const places = Array.from({ length: SIDE }, (_, i) => i);
          const columns = places.filter((c) => places.every((b) => zero(b, c)));
          const bands = places.filter((b) => places.every((c) => zero(b, c)));
          for (const run of [columns, bands]) {
            assert.ok(run.every((p, i) => p === run[0] + i), `one run, got ${run}`);
          }
          assert.ok(columns.length <= 20 && bands.length <= 10);
          for (let b = 0; b < SIDE; b++) {
            for (let c = 0; c < SIDE; c++) {
              const kept = !bands.includes(b) && !columns.includes(c);
              const i = at + b * SIDE + c;
              assert.equal(values[i], kept ? images[i] : 0);
            }
          }
          widths.add(`${columns.length} ${bands.length}`);
        }
      }
      assert.ok(widths.size > CLIPS, "every clip and every round draws its own widths");
      assert.equal(device.liveTensors, live);
      x.dispose();
    });
  }
});

Deno.test("the noise has the deviation asked for, and one stream gives it again", async () => {
  using devices = await openDevices();
  const [device] = devices.list;
  const draw = async () => {
    const apply = masksAndNoise(
      { device, random: Random.of(1, "noise") },
      { columns: 0, bands: 0, noise: 0.1 },
    );
    using x = device.tensor(images, [CLIPS, SIDE, SIDE]);
    using y = apply(x);
    return (await y.data()).slice();
  };
  const values = await draw();
  const off = Array.from(values, (v, i) => v - images[i]);
  const mean = off.reduce((s, v) => s + v, 0) / off.length;
  const deviation = Math.sqrt(off.reduce((s, v) => s + (v - mean) ** 2, 0) / off.length);
  assert.ok(Math.abs(mean) < 0.002 && Math.abs(deviation - 0.1) < 0.002, `${mean} ${deviation}`);
  assert.deepEqual(await draw(), values);
});

Deno.test("other voices of no strength leave images as they are", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    await t.step(device.name, async () => {
      const random = Random.of(5, "voices");
      using x = device.tensor(images, [CLIPS, SIDE, SIDE]);
      using same = otherVoices({ device, random }, { tract: 0, shift: 0 })(x);
      // A band's position goes through the mel scale and back, in float32 in the end.
      (await same.data()).forEach((v, i) =>
        assert.ok(Math.abs(v - images[i]) < 1e-4, `${i}: ${v}`)
      );
    });
  }
});

Deno.test("each clip is heard through one tract and one timing of the banks", async (t) => {
  using devices = await openDevices();
  for (const device of devices.list) {
    await t.step(device.name, async () => {
      const random = Random.of(5, "voices");
      const drawn = Random.of(5, "voices");
      const tracts = Array.from({ length: CLIPS }, () => drawn.below(21));
      const timings = Array.from({ length: CLIPS }, () => drawn.below(63));
      using x = device.tensor(images, [CLIPS, SIDE, SIDE]);
      using y = otherVoices({ device, random }, { tract: 0.2, shift: 10 })(x);
      const values = await y.data();
      for (let clip = 0; clip < CLIPS; clip++) {
        const factor = Math.exp(Math.log(1.2) * (tracts[clip] / 10 - 1));
        const moment = 16 * (Math.floor(timings[clip] / 9) + 1);
        const bands = tractPositions(factor);
        const columns = timePositions(moment, 10 * ((timings[clip] % 9) / 4 - 1));
        for (const [b, c] of [[0, 0], [40, 31], [90, 64], [127, 127], [64, 100]]) {
          const expected = readAt(clip, bands[b], columns[c]);
          const value = values[(clip * SIDE + b) * SIDE + c];
          assert.ok(Math.abs(value - expected) < 1e-4, `clip ${clip}, ${b} ${c}: ${value}`);
        }
      }
    });
  }
});

/** The image between its points, bilinearly; outside it its border. */
function readAt(clip: number, band: number, column: number): number {
  const inside = (p: number) => Math.min(Math.max(p, 0), SIDE - 1);
  const [b, c] = [inside(band), inside(column)];
  let sum = 0;
  for (const [i, wi] of [[Math.floor(b), 1 - b % 1], [Math.ceil(b), b % 1]]) {
    for (const [j, wj] of [[Math.floor(c), 1 - c % 1], [Math.ceil(c), c % 1]]) {
      sum += wi * wj * images[(clip * SIDE + i) * SIDE + j];
    }
  }
  return sum;
}

Deno.test("a warp moves formants by its factor, keeps order, and leaves the ends in place", () => {
  for (const factor of [0.8, 0.9, 1, 1.1, 1.25]) {
    const bands = tractPositions(factor);
    bands.forEach((p, i) => assert.ok(i === 0 || p > bands[i - 1], `factor ${factor}, band ${i}`));
    assert.ok(Math.abs(bands[127] - 127) < 0.5);
    // Below 1 kHz the mel scale is linear in Hz.
    assert.ok(Math.abs((bands[20] + 1) - 21 * factor) < 1e-9);
  }
  for (const by of [-12, 0, 12]) {
    const columns = timePositions(48, by);
    assert.deepEqual([columns[0], columns[48], columns[127]], [0, 48 + by, 127]);
    columns.forEach((p, i) => assert.ok(i === 0 || p > columns[i - 1]));
  }
});

Deno.test("an interpolation matrix reads between two neighbours, and its rows add up to 1", () => {
  assert.deepEqual([...interpolation([0.25, 2, -3])], [0.75, 0.25, 0, 0, 0, 1, 1, 0, 0]);
  const rows = interpolation(tractPositions(1.1));
  for (let i = 0; i < SIDE; i++) {
    const sum = rows.subarray(i * SIDE, (i + 1) * SIDE).reduce((s, v) => s + v, 0);
    assert.ok(Math.abs(sum - 1) < 1e-6);
  }
});
