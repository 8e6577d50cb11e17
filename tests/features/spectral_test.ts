/**
 * Spectrograms, cepstra, levels and images against librosa 0.11's own, by the engine's kernels
 * and by a float64 reference that shares nothing with them.
 */
import assert from "node:assert/strict";
import { powerToDb } from "../../features/decibels.ts";
import { EngineKernels, openEngineKernels } from "../../features/engine_kernels.ts";
import { melImage, resizeTime } from "../../features/image.ts";
import { rms, zeroCrossingRate } from "../../features/level.ts";
import { BANDS, melSpectrogram } from "../../features/mel.ts";
import { COEFFICIENTS, mfcc } from "../../features/mfcc.ts";
import type { SpectralKernels } from "../../features/spectral.ts";
import { SAMPLE_RATE, stft } from "../../features/stft.ts";
import { openDevices } from "../engine/devices.ts";
import { referenceKernels } from "./reference_kernels.ts";
import { assertNear, type Golden, goldens, speech } from "./signals.ts";

/** Every `step`th of rows `width` wide. */
function everyRow(values: Float32Array, width: number, step: number): number[] {
  return Array.from(values).filter((_, i) => Math.floor(i / width) % step === 0);
}

const signal = ({ n }: Golden) => speech(n, SAMPLE_RATE);
const kernels: [string, () => Promise<SpectralKernels>][] = [
  ["the engine's kernels", openEngineKernels],
  ["reference kernels", () => Promise.resolve(referenceKernels)],
];

for (const [by, open] of kernels) {
  Deno.test(`the STFT is librosa's within 1e-4, by ${by}`, async () => {
    using k = await open();
    for (const golden of goldens("stft")) {
      assertNear(await stft(signal(golden), k), golden, { tolerance: 1e-4, relative: true });
    }
  });

  Deno.test(`mel powers are librosa's within 1e-4 and decibels within 1e-3, by ${by}`, async () => {
    using k = await open();
    for (const golden of goldens("mel")) {
      const { values } = await melSpectrogram(signal(golden), k);
      assertNear(everyRow(values, BANDS, 12), golden, { tolerance: 1e-4, relative: true });
      const db = goldens("db").find(({ n }) => n === golden.n)!;
      const got = everyRow(powerToDb(values, { ref: "max" }), BANDS, 12);
      assertNear(got, db, { tolerance: 1e-3 });
    }
  });

  Deno.test(`40 MFCCs are librosa's within 1e-3, by ${by}`, async () => {
    using k = await open();
    for (const golden of goldens("mfcc")) {
      const { values } = await melSpectrogram(signal(golden), k);
      const cepstra = await mfcc(powerToDb(values), k);
      assertNear(everyRow(cepstra, COEFFICIENTS, 12), golden, { tolerance: 1e-3 });
    }
  });

  Deno.test(`the image is librosa's decibels resized by torch within 1e-3 dB, by ${by}`, async () => {
    using k = await open();
    for (const golden of goldens("image")) {
      assertNear(everyRow(await melImage(signal(golden), k), 128, 16), golden, { tolerance: 1e-3 });
    }
  });
}

Deno.test("a WebGPU device pictures a clip as the CPU does", async () => {
  using devices = await openDevices();
  const samples = speech(9000, SAMPLE_RATE);
  const want = await melImage(samples, referenceKernels);
  for (const device of devices.list) {
    const image = await melImage(samples, new EngineKernels(device));
    const off = image.reduce((max, db, i) => Math.max(max, Math.abs(db - want[i])), 0);
    assert.ok(off < 1e-3, `${device.name}: off by ${off} dB`);
  }
});

Deno.test("loudness and zero crossings are librosa's", () => {
  for (const golden of goldens("rms")) {
    assertNear(rms(signal(golden)), golden, { tolerance: 1e-6, relative: true });
  }
  for (const golden of goldens("zcr")) {
    assertNear(zeroCrossingRate(signal(golden)), golden, { tolerance: 0 });
  }
});

Deno.test("silence and a single sample are pictured without NaN", async () => {
  for (const samples of [new Float32Array(3000), Float32Array.of(0.5), new Float32Array(0)]) {
    const image = await melImage(samples, referenceKernels);
    assert.equal(image.length, 128 * 128);
    assert.ok(image.every((db) => db <= 0 && db >= -80));
  }
});

Deno.test("resizing keeps a constant, and 128 frames as they are", () => {
  const flat = new Float32Array(300 * BANDS).fill(-12.5);
  assert.ok(resizeTime(flat, 300).every((x) => Math.abs(x + 12.5) < 1e-5));
  const ramp = Float32Array.from({ length: 128 * BANDS }, (_, i) => i);
  const image = resizeTime(ramp, 128);
  for (const [band, column] of [[0, 0], [5, 17], [127, 127]]) {
    assert.equal(image[band * 128 + column], ramp[column * BANDS + band]);
  }
});

Deno.test("decibels are the logarithm's over all of f32's range", () => {
  const powers = Float32Array.from({ length: 3000 }, (_, i) => 2e-10 * 1.03 ** i);
  const db = powerToDb(powers.filter((p) => p < 1e38), { topDb: 1000 });
  db.forEach((got, i) => {
    const want = 10 * Math.log10(powers[i]);
    assert.ok(Math.abs(got - want) < 2e-5, `${powers[i]}: ${got}, ${want}`);
  });
});
