/**
 * Test signals by formula, the same that tests/goldens/signals.py makes, and the results of features.py and
 * spectral.py beside it.
 */
import assert from "node:assert/strict";
import features from "../goldens/features.json" with { type: "json" };
import spectral from "../goldens/spectral.json" with { type: "json" };

export interface Golden {
  name: string;
  at: number;
  length: number;
  n: number;
  source?: number;
  target?: number;
  rate?: number;
  signal?: string;
  file: string;
}

const all: Golden[] = [
  ...features.map((golden) => ({ ...golden, file: "features.bin" })),
  ...spectral.map((golden) => ({ ...golden, file: "spectral.bin" })),
];

/** The signal that a golden was made of, at `rate` Hz or its own. */
export function signalOf({ signal = "speech", n, rate = 22_050 }: Golden) {
  if (signal === "melody") return melody(n, rate);
  if (signal === "silence") return new Float32Array(n);
  return signal === "gap" ? speech(n, rate).fill(0, n >> 2, n >> 1) : speech(n, rate);
}

/** Syllables of a gliding voice with three formants over hissing noise: [n] at `rate` Hz. */
export function speech(n: number, rate: number): Float32Array<ArrayBuffer> {
  const levels: number[] = [];
  for (let k = 1; k <= 40 && 120 * k <= 0.35 * rate; k++) {
    const formant = (centre: number, width: number) =>
      Math.exp(-(((120 * k - centre) / width) ** 2));
    levels.push((formant(500, 300) + formant(1500, 400) + formant(2500, 500)) / k);
  }
  return Float32Array.from({ length: n }, (_, i) => {
    const t = i / rate;
    const glide = 2 * Math.PI * 0.7;
    const phase = 2 * Math.PI * 120 * t - (2 * Math.PI * 30 / glide) * (Math.cos(glide * t) - 1);
    const voice = levels.reduce((sum, level, k) => sum + level * Math.sin((k + 1) * phase), 0);
    return 0.3 * voice * Math.sin(Math.PI * 3 * t) ** 2 +
      0.004 * noise(i) * Math.cos(Math.PI * 5 * t) ** 2;
  });
}

/** Plucked notes, four a second, 0.23 semitones above equal temperament, in faint noise. */
function melody(n: number, rate: number): Float32Array<ArrayBuffer> {
  const notes = [0, 4, 7, 12, 5, 9].map((k) => 220 * 2 ** ((k + 0.23) / 12));
  return Float32Array.from({ length: n }, (_, i) => {
    const beat = Math.floor(4 * i / rate);
    const since = i / rate - beat / 4;
    let x = 0;
    for (let h = 1; h <= 6; h++) x += Math.sin(2 * Math.PI * h * notes[beat % 6] * since) / h;
    return 0.2 * x * Math.exp(-6 * since) + 0.001 * noise(i);
  });
}

/** A fixed number in [−1, 1) for each whole number. */
export function noise(i: number): number {
  let h = Math.imul(i, 2654435761) >>> 0;
  h = (h ^ (h >>> 15)) >>> 0;
  h = Math.imul(h, 0x85ebca6b) >>> 0;
  h = (h ^ (h >>> 13)) >>> 0;
  return h / 2 ** 31 - 1;
}

/** All results of that name. */
export function goldens(name: string): Golden[] {
  return all.filter((c) => c.name === name);
}

export function goldenValues({ at, length, file }: Golden): Float32Array {
  const path = new URL(`../goldens/${file}`, import.meta.url);
  const { buffer } = Deno.readFileSync(path);
  return new Float32Array(buffer, 4 * at, length);
}

/** Every value within `tolerance`, absolute, or relative to the largest of the golden. */
export function assertNear(
  got: ArrayLike<number>,
  golden: Golden,
  { tolerance, relative = false }: { tolerance: number; relative?: boolean },
) {
  const want = goldenValues(golden);
  assert.equal(got.length, want.length);
  const scale = relative ? want.reduce((max, x) => Math.max(max, Math.abs(x)), 0) : 1;
  for (let i = 0; i < want.length; i++) {
    const off = Math.abs(got[i] - want[i]);
    assert.ok(
      off <= tolerance * scale,
      `${golden.name} ${golden.n} at ${i}: ${got[i]}, ${want[i]}`,
    );
  }
}
