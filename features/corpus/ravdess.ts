/**
 * RAVDESS (Livingstone and Russo 2018): a clip's name is seven two-digit numbers,
 * modality-channel-emotion-intensity-statement-repetition-actor, so the name tells everything
 * and the folders nothing. Only audio-only speech (`03-01-…`) is taken. Downloads hold clips
 * more than once (Kaggle's has every actor twice): each name becomes one clip.
 */

import { byCodeUnit, type Clip, type Corpus, count } from "./clip.ts";
import { AUDIO_EXTENSIONS, type AudioFile } from "./scan.ts";

/** The eight emotions in the order of their numbers. */
export const RAVDESS_EMOTIONS: readonly string[] = [
  "neutral",
  "calm",
  "happy",
  "sad",
  "angry",
  "fearful",
  "disgust",
  "surprised",
];

export interface RavdessName {
  readonly modality: number;
  readonly channel: number;
  /** 0 to 7, an index into `RAVDESS_EMOTIONS`. */
  readonly emotion: number;
  readonly intensity: number;
  readonly statement: number;
  readonly repetition: number;
  readonly actor: number;
  /** Even actors are women. */
  readonly sex: "male" | "female";
}

const ACTORS = 24;
const AUDIO_ONLY = 3;
const SPEECH = 1;
const NAMED_AT_MOST = 3;

/** Whether a bare name is, or sets out to be, a RAVDESS name. */
export function looksLikeRavdess(stem: string): boolean {
  return /^\d{1,2}(-\d{1,2}){3}/.test(stem);
}

/** Decodes `03-01-06-01-02-01-12`; null if the name breaks the scheme. */
export function decodeRavdessName(stem: string): RavdessName | null {
  if (!/^\d{2}(-\d{2}){6}$/.test(stem)) return null;
  const numbers = stem.split("-").map(Number);
  const [modality, channel, emotion, intensity, statement, repetition, actor] = numbers;
  const valid = between(modality, 3) && between(channel, 2) && between(emotion, 8) &&
    between(intensity, 2) && between(statement, 2) && between(repetition, 2) && between(actor, 99);
  if (!valid) return null;
  return {
    modality,
    channel,
    emotion: emotion - 1,
    intensity,
    statement,
    repetition,
    actor,
    sex: actor % 2 === 0 ? "female" : "male",
  };
}

/** The name of a clip, as `decodeRavdessName` reads it. */
export function encodeRavdessName(
  name: Pick<RavdessName, "emotion" | "intensity" | "statement" | "repetition" | "actor">,
): string {
  const { emotion, intensity, statement, repetition, actor } = name;
  return [AUDIO_ONLY, SPEECH, emotion + 1, intensity, statement, repetition, actor]
    .map((n) => String(n).padStart(2, "0")).join("-");
}

/**
 * The 1,440 files of speech as they are published, `Actor_01/03-01-01-01-01-01-01.wav`: 24 actors, who say
 * two statements twice in each of eight emotions and two intensities; neutral has one.
 */
export function ravdessSpeechFiles(): string[] {
  const twice = [1, 2];
  return Array.from({ length: ACTORS }, (_, i) => i + 1).flatMap((actor) =>
    RAVDESS_EMOTIONS.flatMap((word, emotion) =>
      (word === "neutral" ? [1] : twice).flatMap((intensity) =>
        twice.flatMap((statement) =>
          twice.map((repetition) => {
            const stem = encodeRavdessName({ emotion, intensity, statement, repetition, actor });
            return `Actor_${stem.slice(-2)}/${stem}.wav`;
          })
        )
      )
    )
  );
}

/**
 * The clips among these files, one for each name, in the order of their names; of two files of
 * one name that with the more faithful extension is taken, then the first by path.
 */
export function ravdessCorpus(
  files: readonly AudioFile[],
  options: { name: string; synthetic?: boolean },
): Corpus {
  const byName = new Map<string, { file: AudioFile; clip: Clip }>();
  const left = { video: 0, song: 0, copies: 0, other: 0 };
  const malformed: string[] = [];
  for (const file of files) {
    const name = decodeRavdessName(file.stem);
    if (name === null) {
      if (looksLikeRavdess(file.stem)) malformed.push(file.relative);
      else left.other++;
      continue;
    }
    if (name.modality !== AUDIO_ONLY) left.video++;
    else if (name.channel !== SPEECH) left.song++;
    else {
      const known = byName.get(file.stem);
      if (known !== undefined) left.copies++;
      if (known !== undefined && faith(known.file) <= faith(file)) continue;
      byName.set(file.stem, { file, clip: toClip(file, name) });
    }
  }
  const clips = [...byName.values()].map(({ clip }) => clip);
  clips.sort((a, b) => byCodeUnit(a.id, b.id));

  const notes: string[] = [];
  if (left.video > 0) notes.push(`${count(left.video, "video file")} left out`);
  if (left.song > 0) notes.push(`${count(left.song, "song file")} left out`);
  if (left.copies > 0) notes.push(`${count(left.copies, "second copy", "second copies")} left out`);
  if (malformed.length > 0) {
    notes.push(`${count(malformed.length, "malformed name")} left out: ${listed(malformed)}`);
  }
  if (left.other > 0) {
    notes.push(`${count(left.other, "audio file")} without a RAVDESS name left out`);
  }
  return {
    name: options.name,
    kind: "ravdess",
    labels: RAVDESS_EMOTIONS,
    clips,
    synthetic: options.synthetic ?? false,
    notes,
  };
}

function toClip(file: AudioFile, name: RavdessName): Clip {
  const { emotion, actor, statement, intensity, repetition, sex } = name;
  return {
    id: file.stem,
    path: file.path,
    label: emotion,
    actor,
    statement,
    intensity,
    repetition,
    sex,
  };
}

function faith(file: AudioFile): number {
  return AUDIO_EXTENSIONS.indexOf(file.extension);
}

function between(value: number | undefined, most: number): value is number {
  return value !== undefined && value >= 1 && value <= most;
}

function listed(names: readonly string[]): string {
  const more = names.length - NAMED_AT_MOST;
  return names.slice(0, NAMED_AT_MOST).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
