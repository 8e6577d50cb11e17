/**
 * A clip's voice: silence before and after it cut away, its loudest sample brought to 1. What is left
 * says nothing of how long the recorder ran or how far away it stood.
 */
import { rms } from "./level.ts";
import { HOP } from "./stft.ts";

/** Decibels below the loudest frame from which on a frame counts as silence. */
const SILENT_BELOW = 35;
const LEAST_POWER = 1e-10; // librosa's floor of a power before its decibels are taken

/**
 * `librosa.effects.trim(y, top_db=35)`, its frame and hop, then peak normalisation.
 *
 * @param samples [n], not all 0
 */
export function voice(samples: Float32Array): Float32Array<ArrayBuffer> {
  const [start, end] = soundingPart(samples);
  const part = samples.slice(start, end);
  let peak = 0;
  for (const x of part) peak = Math.max(peak, Math.abs(x));
  return part.map((x) => x / peak);
}

/** From the first frame that is not silent to the end of the last one's hop, in samples. */
export function soundingPart(samples: Float32Array): [start: number, end: number] {
  const powers = Array.from(rms(samples), (level) => Math.max(LEAST_POWER, level * level));
  const loudest = powers.reduce((a, b) => Math.max(a, b));
  const sounds = (power: number) => power > loudest * 10 ** (-SILENT_BELOW / 10);
  return [
    powers.findIndex(sounds) * HOP,
    Math.min(samples.length, (powers.findLastIndex(sounds) + 1) * HOP),
  ];
}
