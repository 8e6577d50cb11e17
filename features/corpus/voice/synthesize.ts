/**
 * One synthetic clip from its place in the corpus and a seed: a pure function, so that Workers
 * can share the work and the same clip is the same samples everywhere.
 */

import { mannerOf, type Portrayal, speakerOf } from "./manner.ts";
import { RandomStream } from "./random_stream.ts";
import { writeScore } from "./score.ts";
import { statementSounds } from "./statements.ts";
import { render, SAMPLE_RATE } from "./vocal_tract.ts";

export interface ClipSpec extends Portrayal {
  /** 1 or 2. */
  readonly statement: number;
  /** 1 or 2. */
  readonly repetition: number;
}

/** Mono samples at 22,050 Hz, within ±1, about two seconds. */
export function synthesize(clip: ClipSpec, seed: number): Float32Array {
  const { actor, emotion, intensity, statement, repetition } = clip;
  const take = new RandomStream(seed, 3, actor, emotion, intensity, statement, repetition);
  const speaker = speakerOf(seed, actor);
  const manner = mannerOf(seed, speaker, clip, take);
  const score = writeScore(statementSounds(statement), { speaker, manner, random: take });
  const tract = speaker.tract[2];
  const samples = render(score, { manner, upper: [3500 * tract, 4500 * tract], random: take });
  addRoom(samples, 10 ** (speaker.room / 20), take);
  return samples;
}

/** Noise that falls with frequency, as of air and a distant street, and the bounds of full scale. */
function addRoom(samples: Float32Array, level: number, random: RandomStream): void {
  const slow = 1 - Math.exp(-2 * Math.PI * 200 / SAMPLE_RATE);
  let rumble = 0;
  for (let i = 0; i < samples.length; i++) {
    const white = 2 * random.uniform() - 1;
    rumble += slow * (white - rumble);
    const noisy = samples[i]! + level * (6 * rumble + 0.8 * white);
    samples[i] = Math.max(-1, Math.min(1, noisy));
  }
}
