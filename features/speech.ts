/**
 * Where somebody speaks, by energy alone: levels of short frames, a threshold between the floor and the
 * loud parts of half a minute around, and a hangover over the gaps between words. It tells sound from
 * quiet, not speech from music.
 */
import type { Recording } from "./recording.ts";

/** Frames a second. */
export const FRAMES = 100;
const BLOCK = 10 * FRAMES; // frames read at a time
const REACH = 15 * FRAMES; // frames to each side that the threshold is made of
const BINS = 100; // of one decibel, from −100 dB up
const LEAST_RISE = 6; // dB over the floor
const RISE = 0.35; // of the way from the floor to the loud parts
const DEEPEST = 40; // dB under the loudest parts of the whole
const HOLD = 3; // dB under the threshold, where speech goes on but does not begin
const HANGOVER = 0.3 * FRAMES;
const SHORTEST = 0.4 * FRAMES;
const PAD = 0.1 * FRAMES;

export interface Levels {
  /** [frames] dB of full scale, −100 at least */
  readonly db: Float32Array;
  /** [frames] largest magnitude */
  readonly peaks: Float32Array;
}

/** Levels of a whole recording, read in blocks: 8 bytes a hundredth of a second are kept. */
export async function measureLevels(recording: Recording): Promise<Levels> {
  const { length, sampleRate } = recording;
  const frames = Math.ceil(length * FRAMES / sampleRate);
  const levels = { db: new Float32Array(frames), peaks: new Float32Array(frames) };
  for (let f = 0; f < frames; f += BLOCK) {
    const from = Math.round(f * sampleRate / FRAMES);
    const to = Math.round(Math.min(frames, f + BLOCK) * sampleRate / FRAMES);
    const block = levelsOf(await recording.read(from, to - from), sampleRate);
    levels.db.set(block.db.subarray(0, frames - f), f);
    levels.peaks.set(block.peaks.subarray(0, frames - f), f);
    await new Promise((resolve) => setTimeout(resolve)); // or nothing is collected on a busy machine
  }
  return levels;
}

/** Levels of samples that begin with a frame. */
export function levelsOf(samples: Float32Array, sampleRate: number): Levels {
  const frames = Math.ceil(samples.length * FRAMES / sampleRate);
  const db = new Float32Array(frames);
  const peaks = new Float32Array(frames);
  for (let f = 0; f < frames; f++) {
    const from = Math.round(f * sampleRate / FRAMES);
    const to = Math.min(samples.length, Math.round((f + 1) * sampleRate / FRAMES));
    let [sum, peak] = [0, 0];
    for (let i = from; i < to; i++) {
      sum += samples[i] * samples[i];
      peak = Math.max(peak, Math.abs(samples[i]));
    }
    db[f] = Math.max(-BINS, 10 * Math.log10(sum / Math.max(1, to - from) + 1e-12));
    peaks[f] = peak;
  }
  return { db, peaks };
}

/**
 * Stretches of speech, in frames.
 *
 * @param db [frames]
 */
export function findSpeech(db: Float32Array): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let from = -1;
  let last = -1; // frame that was loud enough
  const finish = () => {
    if (from >= 0 && last + 1 - from >= SHORTEST) {
      const padded = { from: Math.max(0, from - PAD), to: Math.min(db.length, last + 1 + PAD) };
      const before = found.at(-1);
      if (before && padded.from <= before.to) before.to = padded.to;
      else found.push(padded);
    }
    from = -1;
  };
  const thresholds = thresholdsOf(db);
  for (let f = 0; f < db.length; f++) {
    const threshold = thresholds[Math.floor(f / FRAMES)];
    if (from < 0 ? db[f] >= threshold : db[f] >= threshold - HOLD) {
      if (from < 0) from = f;
      last = f;
    } else if (from >= 0 && f - last > HANGOVER) {
      finish();
    }
  }
  finish();
  return found;
}

/** For each second the level that speech reaches there: never under −70 dB of full scale. */
export function thresholdsOf(db: Float32Array): Float32Array {
  const whole = new Histogram();
  for (const level of db) whole.add(level);
  const least = Math.max(-70, whole.percentile(0.99) - DEEPEST);
  const near = new Histogram();
  const thresholds = new Float32Array(Math.ceil(db.length / FRAMES));
  let [from, to] = [0, 0];
  for (let s = 0; s < thresholds.length; s++) {
    const middle = s * FRAMES + FRAMES / 2;
    while (to < Math.min(db.length, middle + REACH)) near.add(db[to++]);
    while (from < middle - REACH) near.remove(db[from++]);
    const floor = near.percentile(0.1);
    const loud = near.percentile(0.95);
    thresholds[s] = Math.max(least, floor + Math.max(LEAST_RISE, RISE * (loud - floor)));
  }
  return thresholds;
}

/** Counts of levels by the decibel. */
class Histogram {
  readonly #counts = new Uint32Array(BINS + 20);
  #all = 0;

  add(level: number): void {
    this.#counts[binOf(level)]++;
    this.#all++;
  }

  remove(level: number): void {
    this.#counts[binOf(level)]--;
    this.#all--;
  }

  /** The level that this share of all lies under. */
  percentile(share: number): number {
    let under = 0;
    for (let bin = 0; bin < this.#counts.length; bin++) {
      under += this.#counts[bin];
      if (under > share * this.#all) return bin - BINS;
    }
    return 0;
  }
}

/** Samples may lie beyond full scale, a little. */
function binOf(level: number): number {
  return Math.min(BINS + 19, Math.max(0, Math.floor(level) + BINS));
}
