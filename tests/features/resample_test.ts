/**
 * Sample-rate conversion against soxr's HQ recipe as librosa calls it, and its own promises: a flat pass
 * band, no aliases, no delay.
 */
import assert from "node:assert/strict";
import { powerToDb } from "../../features/decibels.ts";
import { openEngineKernels } from "../../features/engine_kernels.ts";
import { BANDS, melSpectrogram } from "../../features/mel.ts";
import { Resampler } from "../../features/resample.ts";
import { SAMPLE_RATE } from "../../features/stft.ts";
import { referenceKernels } from "./reference_kernels.ts";
import { goldens, goldenValues, speech } from "./signals.ts";

Deno.test("speech is resampled as soxr HQ does, within 1e-3 of full scale, edges included", async () => {
  using engine = await openEngineKernels();
  for (const golden of goldens("resample")) {
    const { source, target, n } = golden;
    const resampler = new Resampler(source!, target!);
    const want = goldenValues(golden);
    for (const kernels of [engine, referenceKernels]) {
      const got = await resampler.apply(speech(n, source!), kernels);
      assert.equal(got.length, want.length);
      got.forEach((x, i) => {
        const off = Math.abs(x - want[i]);
        assert.ok(off < 1e-3, `${source} to ${target} Hz at ${i}: ${x}, ${want[i]}`);
      });
    }
  }
});

/** Level of a tone of `hz` after conversion, 1 for unchanged, away from the ends. */
async function gain(source: number, target: number, hz: number): Promise<number> {
  const tone = Float32Array.from(
    { length: source / 4 },
    (_, i) => Math.sin((2 * Math.PI * hz * i) / source),
  );
  const out = await new Resampler(source, target).apply(tone, referenceKernels);
  const middle = out.subarray(out.length / 4, (3 * out.length) / 4);
  return Math.SQRT2 * Math.sqrt(middle.reduce((sum, x) => sum + x * x, 0) / middle.length);
}

const pairs = [[48000, 22050], [44100, 22050], [16000, 22050], [8000, 16000], [44056, 22050]];
for (const [source, target] of pairs) {
  Deno.test(`${source} to ${target} Hz: flat to 0.9 of Nyquist, nothing beyond it`, async () => {
    const nyquist = Math.min(source, target) / 2;
    for (const share of [0.01, 0.3, 0.6, 0.8, 0.9]) {
      const db = 20 * Math.log10(await gain(source, target, share * nyquist));
      assert.ok(Math.abs(db) < 0.1, `${db} dB at ${share} of Nyquist`);
    }
    if (source < target) return;
    for (const share of [1.001, 1.1, 1.5]) {
      if (share * nyquist > source / 2) continue;
      const db = 20 * Math.log10(await gain(source, target, share * nyquist));
      assert.ok(db < -80, `${db} dB at ${share} of Nyquist`);
    }
  });
}

Deno.test("raising the rate adds no image above the old Nyquist frequency", async () => {
  const tone = Float32Array.from(
    { length: 4000 },
    (_, i) => Math.sin((2 * Math.PI * 3400 * i) / 8000),
  );
  const out = await new Resampler(8000, 16000).apply(tone, referenceKernels);
  // The image of 3,400 Hz would stand at 4,600 Hz: correlate with it over whole periods.
  let re = 0;
  let im = 0;
  for (let i = 2000; i < 6000; i++) {
    re += out[i] * Math.cos((2 * Math.PI * 4600 * i) / 16000);
    im += out[i] * Math.sin((2 * Math.PI * 4600 * i) / 16000);
  }
  const db = 20 * Math.log10(Math.hypot(re, im) / 2000);
  assert.ok(db < -80, `${db} dB`);
});

Deno.test("spectrograms of 8 to 48 kHz recordings are librosa's in the pass band", async () => {
  for (const golden of goldens("rate")) {
    const rate = golden.rate!;
    const samples = await new Resampler(rate, SAMPLE_RATE).apply(
      speech(golden.n, rate),
      referenceKernels,
    );
    const { values } = await melSpectrogram(samples, referenceKernels);
    const db = powerToDb(values, { ref: "max" });
    const want = goldenValues(golden);
    for (let i = 0; i < want.length; i++) {
      const band = i % BANDS;
      const frame = 6 * Math.floor(i / BANDS);
      // upper edge of the band on Slaney's scale; above 0.9 of Nyquist filters may differ
      const mel = ((band + 2) / (BANDS + 1)) * (15 + (27 * Math.log(11.025)) / Math.log(6.4));
      const edge = 1000 * Math.exp(((mel - 15) * Math.log(6.4)) / 27);
      if (edge > 0.9 * Math.min(rate, SAMPLE_RATE) / 2) continue;
      const off = Math.abs(db[frame * BANDS + band] - want[i]);
      // a clip's first instant is a step, whose faint ripples each filter draws in its own way
      const tolerance = frame === 0 ? 0.1 : 0.01;
      assert.ok(off < tolerance, `${rate} Hz, band ${band}, frame ${frame}: off by ${off} dB`);
    }
  }
});

Deno.test("a rate that is right already costs nothing", async () => {
  const samples = speech(100, SAMPLE_RATE);
  assert.equal(
    await new Resampler(SAMPLE_RATE, SAMPLE_RATE).apply(samples, referenceKernels),
    samples,
  );
});
