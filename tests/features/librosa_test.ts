/**
 * The paper's features against librosa 0.11's own, by the engine's kernels and by a float64 reference that
 * shares nothing with them: speech, music out of tune, odd lengths, a clip shorter than a frame, digital
 * silence in part and throughout.
 */
import assert from "node:assert/strict";
import { spectralBandwidth } from "../../features/bandwidth.ts";
import { spectralCentroid } from "../../features/centroid.ts";
import { chromaBank, chromaCqt, chromaStft } from "../../features/chroma.ts";
import { spectralContrast } from "../../features/contrast.ts";
import { constantQ, constantQBank, CQT_BINS, PER_OCTAVE } from "../../features/cqt.ts";
import { powerToDb } from "../../features/decibels.ts";
import { openEngineKernels } from "../../features/engine_kernels.ts";
import { FilterStore } from "../../features/filter_store.ts";
import { harmonic } from "../../features/hpss.ts";
import { rms } from "../../features/level.ts";
import { melSpectrogram } from "../../features/mel.ts";
import { onsetStrength } from "../../features/onset.ts";
import { Resampler } from "../../features/resample.ts";
import { spectralRolloff } from "../../features/rolloff.ts";
import { signalToNoise } from "../../features/snr.ts";
import type { SpectralKernels } from "../../features/spectral.ts";
import { istft, magnitudes, powers, SAMPLE_RATE, stft } from "../../features/stft.ts";
import { meanTempogram, tempo } from "../../features/tempo.ts";
import { tonnetz } from "../../features/tonnetz.ts";
import { estimateTuning, pitchTuning } from "../../features/tuning.ts";
import { featureVector, VECTOR_NAMES } from "../../features/vector.ts";
import { referenceKernels } from "./reference_kernels.ts";
import { assertNear, goldens, goldenValues, signalOf, speech } from "./signals.ts";

type Samples = Float32Array<ArrayBuffer>;

const halve = new Resampler(2, 1);

async function sizes(y: Samples, k: SpectralKernels): Promise<Float32Array> {
  return magnitudes(await stft(y, k));
}

async function onsets(y: Samples, k: SpectralKernels): Promise<Float32Array> {
  return onsetStrength(powerToDb((await melSpectrogram(y, k)).values));
}

async function harmonicCqt(y: Samples, k: SpectralKernels): Promise<Float32Array> {
  const tones = await harmonic(y, k);
  const bank = await constantQBank(estimateTuning(await sizes(tones, k), PER_OCTAVE), k);
  return await constantQ(tones, { bank, halve }, k);
}

/** By the golden's name: what is measured, and how near it must come, relative to the largest value. */
const features: Record<
  string,
  { within: number; of: (y: Samples, k: SpectralKernels) => Promise<ArrayLike<number>> }
> = {
  tuning: {
    within: 1e-6,
    of: async (y, k) => [estimateTuning(powers(await sizes(y, k)), 12)],
  },
  chroma: {
    within: 1e-5,
    of: async (y, k) => {
      const power = powers(await sizes(y, k));
      return await chromaStft(power, chromaBank(estimateTuning(power, 12)), k);
    },
  },
  contrast: { within: 1e-3, of: async (y, k) => spectralContrast(await sizes(y, k)) },
  centroid: { within: 1e-5, of: async (y, k) => spectralCentroid(await sizes(y, k)) },
  bandwidth: {
    within: 1e-5,
    of: async (y, k) => {
      const s = await sizes(y, k);
      return spectralBandwidth(s, spectralCentroid(s));
    },
  },
  rolloff: { within: 0, of: async (y, k) => spectralRolloff(await sizes(y, k)) },
  onset: { within: 1e-5, of: onsets },
  tempogram: { within: 1e-5, of: async (y, k) => meanTempogram(await onsets(y, k), k) },
  tempo: {
    within: 1e-6,
    of: async (y, k) => [tempo(await meanTempogram(await onsets(y, k), k))],
  },
  snr: { within: 1e-6, of: (y) => Promise.resolve([signalToNoise(rms(y))]) },
  harmonic: {
    within: 1e-5,
    of: async (y, k) => (await harmonic(y, k)).filter((_, i) => i % 31 === 0),
  },
  harmonic_tuning: {
    within: 1e-6,
    of: async (y, k) => [estimateTuning(await sizes(await harmonic(y, k), k), PER_OCTAVE)],
  },
  cqt: {
    within: 1e-5,
    of: async (y, k) =>
      (await harmonicCqt(y, k)).filter((_, i) => Math.floor(i / CQT_BINS) % 12 === 0),
  },
  chroma_cqt: { within: 1e-5, of: async (y, k) => chromaCqt(await harmonicCqt(y, k)) },
  tonnetz: { within: 1e-5, of: async (y, k) => tonnetz(chromaCqt(await harmonicCqt(y, k))) },
};

for (const [name, { within, of }] of Object.entries(features)) {
  Deno.test(`${name.replace("_", " ")} is librosa's, by the engine's kernels`, async () => {
    using k = await openEngineKernels();
    for (const golden of goldens(name)) {
      const got = await of(signalOf(golden), k);
      assertNear(got, golden, { tolerance: within, relative: true });
    }
  });
}

Deno.test("features are librosa's by reference kernels as well", async () => {
  for (const [name, { within, of }] of Object.entries(features)) {
    for (const golden of goldens(name).filter(({ n }) => n < 6000)) {
      const got = await of(signalOf(golden), referenceKernels);
      assertNear(got, golden, { tolerance: within, relative: true });
    }
  }
});

Deno.test("the vector is made of librosa's statistics", async () => {
  using k = await openEngineKernels();
  const filters = new FilterStore();
  for (const golden of goldens("vector")) {
    const want = goldenValues(golden);
    const got = await featureVector(signalOf(golden), k, filters);
    assert.equal(got.length, want.length);
    got.forEach((x, i) => {
      const off = Math.abs(x - want[i]) / Math.max(Math.abs(want[i]), 0.1);
      assert.ok(off < 1e-3, `${golden.signal} ${golden.n} ${VECTOR_NAMES[i]}: ${x}, ${want[i]}`);
    });
  }
});

Deno.test("recordings of 8 to 48 kHz give librosa's vector", async () => {
  using k = await openEngineKernels();
  const filters = new FilterStore();
  for (const golden of goldens("rates")) {
    const want = goldenValues(golden);
    const y = await new Resampler(golden.rate!, SAMPLE_RATE).apply(signalOf(golden), k);
    const got = await featureVector(y, k, filters);
    const raised = golden.rate! < SAMPLE_RATE;
    got.forEach((x, i) => {
      // Near Nyquist, or in all that lies above a lower rate's, there is rounding alone, 130 dB down: valleys
      // of the upper bands' contrast, and in quiet frames what is taken over all bins.
      const empty = raised ? /contrast_0[67]/ : /contrast_07/;
      const loose = empty.test(VECTOR_NAMES[i]) ? 0.2 : raised ? 0.05 : 0.01;
      const off = Math.abs(x - want[i]) / Math.max(Math.abs(want[i]), 1);
      assert.ok(off < loose, `${golden.rate} Hz ${VECTOR_NAMES[i]}: ${x}, ${want[i]}`);
    });
  }
});

Deno.test("no clip is too short for any number of the vector", async () => {
  using k = await openEngineKernels();
  for (const samples of [Float32Array.of(0.5), speech(63, SAMPLE_RATE), new Float32Array(2048)]) {
    const vector = await featureVector(samples, k, new FilterStore());
    assert.deepEqual(VECTOR_NAMES.filter((_, i) => !Number.isFinite(vector[i])), []);
  }
});

Deno.test("the vector has 121 places with names unlike each other, the cepstra first", () => {
  assert.equal(VECTOR_NAMES.length, 121);
  assert.equal(new Set(VECTOR_NAMES).size, 121);
  assert.deepEqual([VECTOR_NAMES[0], VECTOR_NAMES[40]], ["mfcc_01_mean", "mfcc_01_std"]);
});

Deno.test("an STFT is undone by its inverse, at any length", async () => {
  for (const n of [1, 300, 1025, 4096, 7001]) {
    const samples = speech(n, SAMPLE_RATE);
    const back = await istft(await stft(samples, referenceKernels), n, referenceKernels);
    assert.equal(back.length, n);
    back.forEach((x, i) => assert.ok(Math.abs(x - samples[i]) < 1e-6, `${n} at ${i}: ${x}`));
  }
});

Deno.test("tuning is found to a hundredth of a bin, and is 0 where nothing sounds", () => {
  const notes = (cents: number) =>
    Float32Array.from({ length: 24 }, (_, k) => 220 * 2 ** ((k + (cents + 0.5) / 100) / 12));
  for (const cents of [-50, -31, 0, 23, 49]) {
    assert.ok(Math.abs(pitchTuning(notes(cents), 12) - cents / 100) < 1e-9, `${cents}`);
  }
  assert.equal(pitchTuning(new Float32Array(0), 12), 0);
});

Deno.test("signal to noise is the voice's power over the quietest tenth's", () => {
  const levels = new Float32Array(100).fill(0.1).fill(0.001, 0, 10);
  const power = 0.9 * 0.01 + 0.1 * 1e-6;
  assert.ok(Math.abs(signalToNoise(levels) - 10 * Math.log10((power - 1e-6) / 1e-6)) < 1e-3);
});
