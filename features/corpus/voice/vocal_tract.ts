/**
 * The sound itself, by the source-filter model: glottal pulses with jitter and shimmer and breath
 * noise, through five resonances in series (Klatt 1980), beside them noise made in the mouth.
 * The pulse is Rosenberg's (1971): a smooth opening, a parabolic closing, then closed.
 */

import type { Manner } from "./manner.ts";
import type { RandomStream } from "./random_stream.ts";
import { FRAME_RATE, type Score } from "./score.ts";

export const SAMPLE_RATE = 22_050;

const BANDWIDTHS = [75, 100, 150, 230, 320];
const HISS_BANDWIDTH = 1400;

/** A real tract's endless further resonances raise what lies below them; so does this, by 9 dB at 4 kHz. */
const LIFT = 2;

/** Renders a score; amplitudes as the score's, noise of the room not yet added. */
export function render(
  score: Score,
  options: { manner: Manner; upper: readonly [f4: number, f5: number]; random: RandomStream },
): Float32Array {
  const { manner, upper, random } = options;
  const length = Math.floor(score.frames * SAMPLE_RATE / FRAME_RATE);
  const out = new Float32Array(length);
  const glottis = new Glottis(manner, random);
  const tract = BANDWIDTHS.map(() => new Resonator());
  const mouth = new Resonator();
  let before = 0;
  const [f1, f2, f3] = score.formants;

  for (let frame = 0; frame < score.frames; frame++) {
    const from = Math.floor(frame * SAMPLE_RATE / FRAME_RATE);
    const to = Math.min(length, Math.floor((frame + 1) * SAMPLE_RATE / FRAME_RATE));
    const next = Math.min(frame + 1, score.frames - 1);
    const centres = [f1[frame]!, f2[frame]!, f3[frame]!, ...upper];
    tract.forEach((resonator, f) => resonator.tune(centres[f]!, BANDWIDTHS[f]!));
    mouth.tune(score.hissAt[frame]!, HISS_BANDWIDTH);

    let voice = score.voice[frame]!;
    let hiss = score.hiss[frame]!;
    const voiceStep = (score.voice[next]! - voice) / (to - from);
    const hissStep = (score.hiss[next]! - hiss) / (to - from);
    glottis.pitch = score.pitch[frame]!;
    for (let i = from; i < to; i++) {
      let sample = voice * glottis.next();
      for (const resonator of tract) sample = resonator.next(sample);
      const lifted = sample + LIFT * (sample - before);
      before = sample;
      out[i] = lifted + 0.04 * mouth.next(hiss * (random.uniform() - 0.5));
      voice += voiceStep;
      hiss += hissStep;
    }
  }
  return out;
}

/** The source: the derivative of the air flow, of about unit size, with breath noise on it. */
class Glottis {
  /** Hz; takes effect with the next pulse. */
  pitch = 100;
  readonly #random: RandomStream;
  readonly #jitter: number;
  readonly #shimmer: number;
  readonly #opening: number;
  readonly #closing: number;
  readonly #smoothing: number;
  readonly #breath: number;
  #place = 1;
  #step = 0;
  #height = 1;
  #flow = 0;
  #smooth = 0;

  constructor(manner: Manner, random: RandomStream) {
    this.#random = random;
    this.#jitter = 0.006 * Math.exp(manner.rough);
    this.#shimmer = 0.035 * Math.exp(manner.rough);
    // Effort closes the folds earlier and faster, which is what lifts the upper harmonics.
    const effort = Math.tanh(manner.effort / 1.5);
    this.#opening = 0.42 - 0.1 * effort;
    this.#closing = 0.2 - 0.1 * effort;
    const corner = 3600 * 2 ** (1.5 * effort);
    this.#smoothing = 1 - Math.exp(-2 * Math.PI * corner / SAMPLE_RATE);
    this.#breath = 0.05 * Math.exp(manner.breath);
  }

  next(): number {
    this.#place += this.#step;
    if (this.#place >= 1) {
      this.#place %= 1;
      this.#step = this.pitch * (1 + this.#jitter * this.#random.normal()) / SAMPLE_RATE;
      this.#height = 1 + this.#shimmer * this.#random.normal();
    }
    let flow = 0;
    if (this.#place < this.#opening) {
      const u = this.#place / this.#opening;
      flow = u * u * (3 - 2 * u);
    } else if (this.#place < this.#opening + this.#closing) {
      const u = (this.#place - this.#opening) / this.#closing;
      flow = 1 - u * u;
    }
    // Scaled by the period, so that the level does not follow the pitch.
    const slope = this.#height * (flow - this.#flow) * 0.06 / this.#step;
    this.#flow = flow;
    const noise = this.#breath * (0.35 + flow) * (this.#random.uniform() - 0.5);
    this.#smooth += this.#smoothing * (slope - this.#smooth);
    return this.#smooth + noise;
  }
}

/** A second-order resonance of unit gain at 0 Hz. */
class Resonator {
  #a = 0;
  #b = 0;
  #c = 0;
  #y1 = 0;
  #y2 = 0;

  tune(centre: number, bandwidth: number): void {
    const radius = Math.exp(-Math.PI * bandwidth / SAMPLE_RATE);
    const angle = 2 * Math.PI * Math.min(centre, 0.47 * SAMPLE_RATE) / SAMPLE_RATE;
    this.#b = 2 * radius * Math.cos(angle);
    this.#c = -radius * radius;
    this.#a = 1 - this.#b - this.#c;
  }

  next(x: number): number {
    const y = this.#a * x + this.#b * this.#y1 + this.#c * this.#y2;
    this.#y2 = this.#y1;
    this.#y1 = y;
    return y;
  }
}
