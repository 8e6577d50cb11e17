/**
 * How a clip is spoken: the speaker's own voice, plus what the emotion adds, plus this speaker's
 * habit of showing that emotion, plus the chance of the take. The habit is what makes new
 * speakers harder than known ones: it repeats in every clip of one person and tells nothing of
 * the next. Directions of the emotions follow the reviews of vocal affect (Scherer 2003;
 * Juslin and Laukka 2003); sizes are chosen so that neighbours overlap.
 */

import { RandomStream } from "./random_stream.ts";

/** Every quantity that an emotion can move. */
export interface Manner {
  /** Semitones above the speaker's ordinary pitch. */
  pitch: number;
  /** Natural logarithm of the pitch movements' size. */
  range: number;
  /** Natural logarithm of the speed. */
  tempo: number;
  /** Vocal effort: loudness, pressed folds and a flatter spectrum; 0 is ordinary. */
  effort: number;
  /** Natural logarithm of the breath noise. */
  breath: number;
  /** Natural logarithm of the cycle-to-cycle irregularity. */
  rough: number;
  /** Semitones that the last part of the sentence rises, or falls. */
  rise: number;
  /** Depth of the 6 Hz trembling, in semitones. */
  tremor: number;
  /** Natural logarithm of the formants: a smile shortens the tract, protruded lips lengthen it. */
  lips: number;
  /** How strongly accents stand out in loudness; 0 is ordinary. */
  punch: number;
  /** How far loudness sinks to the end, in dB. */
  fade: number;
}

const ORDINARY: Manner = {
  pitch: 0,
  range: 0,
  tempo: 0,
  effort: 0,
  breath: 0,
  rough: 0,
  rise: 0,
  tremor: 0,
  lips: 0,
  punch: 0,
  fade: 0,
};

const QUANTITIES = Object.keys(ORDINARY) as (keyof Manner)[];

/** What the emotions add, in RAVDESS's order. */
const EMOTIONS: readonly Partial<Manner>[] = [
  {},
  { pitch: -2.2, range: -0.45, tempo: -0.22, effort: -0.8, breath: 0.6, punch: -0.7, fade: 2.5 },
  { pitch: 7, range: 0.65, tempo: 0.08, effort: 0.8, rise: 2.5, lips: 0.08, punch: 0.9 },
  { pitch: -1.1, range: -0.9, tempo: -0.36, effort: -1.5, breath: 1.2, rise: -2.5, fade: 8 },
  {
    pitch: 6,
    range: 0.5,
    tempo: 0.15,
    effort: 2.1,
    breath: -0.7,
    rough: 0.9,
    rise: -3,
    punch: 1.7,
  },
  { pitch: 9, range: -0.4, tempo: 0.3, effort: 0.35, breath: 0.9, rough: 0.7, tremor: 1.5 },
  {
    pitch: -1.8,
    range: 0.2,
    tempo: -0.3,
    effort: 0.8,
    rough: 1.4,
    rise: -3.5,
    lips: -0.1,
    punch: 1,
  },
  { pitch: 8, range: 0.8, tempo: -0.04, effort: 0.5, breath: 0.5, rise: 8, punch: 0.5 },
];

/** Ordinary spread of each quantity, the unit of habits and takes. */
const SPREAD: Manner = {
  pitch: 2.2,
  range: 0.28,
  tempo: 0.12,
  effort: 0.5,
  breath: 0.4,
  rough: 0.4,
  rise: 1.8,
  tremor: 0.22,
  lips: 0.025,
  punch: 0.4,
  fade: 1.6,
};

/** In units of the spread: what a person always does, does in one emotion, and does this once. */
const OWN = 0.6;
const HABIT = 0.6;
const TAKE = 0.05;

/**
 * How far, at most, a person's way of showing an emotion leans towards another one. Chosen with
 * the figures above so that a classifier is right about four times in five on people it has
 * heard and little more than half the time on others.
 */
const LEAN = 0.42;

/** How much of an emotion is shown at normal and at strong intensity, and its chance part. */
const STRENGTH = [1, 1.15] as const;
const STRENGTH_SPREAD = 0.04;

/** A voice: what stays the same in all clips of a person. */
export interface Speaker {
  /** Hz, the ordinary pitch. */
  readonly pitch: number;
  /** Factor on a grown man's formants, and the person's own colour of each. */
  readonly tract: readonly [f1: number, f2: number, f3: number];
  readonly manner: Manner;
  /** dB, how loud the recording came out. */
  readonly level: number;
  /** dB below full scale, the noise of the room. */
  readonly room: number;
}

/** The voice of an actor; even actors are women. */
export function speakerOf(seed: number, actor: number): Speaker {
  const random = new RandomStream(seed, 1, actor);
  const woman = actor % 2 === 0;
  const pitch = (woman ? 200 : 115) * 2 ** (2.2 * random.normal() / 12);
  const length = (woman ? 1.16 : 1) * Math.exp(0.04 * random.normal());
  const colour = () => length * Math.exp(0.035 * random.normal());
  return {
    pitch,
    tract: [colour(), colour(), colour()],
    manner: jittered(ORDINARY, OWN, random),
    level: -32 + 2 * random.normal(),
    room: -82 + 4 * random.normal(),
  };
}

export interface Portrayal {
  readonly actor: number;
  /** 0 to 7, in RAVDESS's order. */
  readonly emotion: number;
  /** 1 or 2. */
  readonly intensity: number;
}

/** How this speaker shows this emotion in this take; `take` is the take's own stream. */
export function mannerOf(
  seed: number,
  speaker: Speaker,
  portrayal: Portrayal,
  take: RandomStream,
): Manner {
  const { actor, emotion, intensity } = portrayal;
  const habits = new RandomStream(seed, 2, actor, emotion);
  const habit = jittered(ORDINARY, HABIT, habits);
  const lean = LEAN * habits.uniform();
  const towards = (emotion + 1 + Math.floor(7 * habits.uniform())) % 8;
  const strength = STRENGTH[intensity === 2 ? 1 : 0] * Math.exp(STRENGTH_SPREAD * take.normal());
  const manner = jittered(ORDINARY, TAKE, take);
  for (const quantity of QUANTITIES) {
    const typical = EMOTIONS[emotion]![quantity] ?? 0;
    const other = EMOTIONS[towards]![quantity] ?? 0;
    manner[quantity] += speaker.manner[quantity] + habit[quantity] +
      strength * (typical + lean * (other - typical));
  }
  return manner;
}

function jittered(around: Manner, amount: number, random: RandomStream): Manner {
  const manner = { ...around };
  for (const quantity of QUANTITIES) {
    manner[quantity] += amount * SPREAD[quantity] * random.normal();
  }
  return manner;
}
