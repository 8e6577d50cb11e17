/**
 * A test signal by formula, the same that tests/goldens/features.py makes, and that script's results.
 */
import cases from "../goldens/features.json" with { type: "json" };

export interface Golden {
  name: string;
  at: number;
  length: number;
  n: number;
  source?: number;
  target?: number;
  rate?: number;
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

/** A fixed number in [−1, 1) for each whole number. */
function noise(i: number): number {
  let h = Math.imul(i, 2654435761) >>> 0;
  h = (h ^ (h >>> 15)) >>> 0;
  h = Math.imul(h, 0x85ebca6b) >>> 0;
  h = (h ^ (h >>> 13)) >>> 0;
  return h / 2 ** 31 - 1;
}

/** All results of that name. */
export function goldens(name: string): Golden[] {
  return (cases as Golden[]).filter((c) => c.name === name);
}

export function goldenValues({ at, length }: Golden): Float32Array {
  const path = new URL("../goldens/features.bin", import.meta.url);
  const { buffer } = Deno.readFileSync(path);
  return new Float32Array(buffer, 4 * at, length);
}
