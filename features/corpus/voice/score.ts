/**
 * From sounds and manner to control tracks: what pitch, loudness, noise and formants are to be
 * at every 5 ms of the clip. The sound is made from these by vocal_tract.ts.
 */

import type { Manner, Speaker } from "./manner.ts";
import type { RandomStream } from "./random_stream.ts";
import type { Sound } from "./statements.ts";

/** Control frames a second. */
export const FRAME_RATE = 200;

/** One value a frame in each track. */
export interface Score {
  readonly frames: number;
  /** Hz. */
  readonly pitch: Float64Array;
  /** Amplitudes of the glottal source and of the noise made in the mouth. */
  readonly voice: Float64Array;
  readonly hiss: Float64Array;
  /** Hz, the centre of that noise. */
  readonly hissAt: Float64Array;
  /** Hz, formants 1 to 3. */
  readonly formants: readonly [Float64Array, Float64Array, Float64Array];
}

/** Writes the score of a sentence, with silence before and after. */
export function writeScore(
  sounds: readonly Sound[],
  options: { speaker: Speaker; manner: Manner; random: RandomStream },
): Score {
  const { speaker, manner, random } = options;
  const lead = Math.round(random.between(0.08, 0.2) * FRAME_RATE);
  const tail = Math.round(random.between(0.15, 0.3) * FRAME_RATE);
  const speed = Math.exp(manner.tempo);
  const lengths = sounds.map((sound) =>
    Math.max(2, Math.round(sound.seconds / speed * FRAME_RATE * (1 + 0.06 * random.normal())))
  );
  const spoken = lengths.reduce((sum, length) => sum + length, 0);
  const frames = lead + spoken + tail;
  const track = (fill = 0) => new Float64Array(frames).fill(fill);
  const score: Score = {
    frames,
    pitch: track(),
    voice: track(),
    hiss: track(),
    hissAt: track(4000),
    formants: [track(), track(), track()],
  };
  const stress = track();

  const lips = Math.exp(manner.lips);
  let at = lead;
  for (const [s, sound] of sounds.entries()) {
    const from = s === 0 ? 0 : at;
    const to = s === sounds.length - 1 ? frames : at + lengths[s]!;
    for (let f = 0; f < 3; f++) {
      score.formants[f]!.fill(sound.formants[f]! * speaker.tract[f]! * lips, from, to);
    }
    const end = at + lengths[s]!;
    score.voice.fill(sound.voice, at, end);
    score.hiss.fill(sound.hiss, at, end);
    score.hissAt.fill(sound.hissAt, from, to);
    stress.fill(sound.stress, at, end);
    at = end;
  }
  for (const formant of score.formants) glide(formant, 0.028);
  for (const loudness of [score.voice, score.hiss]) glide(loudness, 0.008);
  glide(stress, 0.05);
  writeProsody(score, stress, { lead, spoken, speaker, manner, random });
  return score;
}

/** Pitch falls from start to end, rises on accents, bends at the end, drifts and may tremble. */
function writeProsody(
  score: Score,
  stress: Float64Array,
  options: { lead: number; spoken: number; speaker: Speaker; manner: Manner; random: RandomStream },
): void {
  const { lead, spoken, speaker, manner, random } = options;
  const range = Math.exp(manner.range);
  const phase = random.uniform();
  const rate = random.between(5, 7);
  const tremor = Math.max(0, manner.tremor);
  const punch = Math.max(0, 0.5 + 0.5 * manner.punch);
  const loudness = 10 ** ((speaker.level + 4.5 * manner.effort) / 20);
  let drift = 0;
  for (let i = 0; i < score.frames; i++) {
    const place = Math.min(1, Math.max(0, (i - lead) / spoken));
    drift = 0.97 * drift + 0.04 * random.normal();
    const ending = Math.max(0, (place - 0.65) / 0.35);
    const trembling = Math.sin(2 * Math.PI * (rate * i / FRAME_RATE + phase));
    const semitones = manner.pitch + range * (1.5 - 3.5 * place + 3.2 * stress[i]! + drift) +
      manner.rise * ending * ending + tremor * trembling;
    score.pitch[i] = Math.min(620, Math.max(55, speaker.pitch * 2 ** (semitones / 12)));
    const decibels = 8 * punch * (stress[i]! - 0.5) - Math.max(0, 2 + manner.fade) * place +
      2.5 * tremor * trembling;
    const gain = loudness * 10 ** (decibels / 20);
    score.voice[i]! *= gain;
    score.hiss[i]! *= gain;
  }
}

/** Smooths a track with a Hann-shaped window of about `seconds` each side: sounds run together. */
function glide(track: Float64Array, seconds: number): void {
  const reach = Math.max(1, Math.round(seconds * FRAME_RATE));
  const weights = Array.from(
    { length: 2 * reach + 1 },
    (_, k) => 1 + Math.cos(Math.PI * (k - reach) / (reach + 1)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const steps = track.slice();
  for (let i = 0; i < track.length; i++) {
    let sum = 0;
    for (let k = -reach; k <= reach; k++) {
      sum += weights[k + reach]! * steps[Math.min(track.length - 1, Math.max(0, i + k))]!;
    }
    track[i] = sum / total;
  }
}
