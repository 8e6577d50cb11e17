/**
 * Which clips the synthetic corpus holds and where they lie: RAVDESS's names and folders, 24
 * speakers, and a marker file that says what made them. Worker and main thread share it.
 */

import { encodeRavdessName } from "./ravdess.ts";
import type { ClipSpec } from "./voice/synthesize.ts";

/** To be raised whenever the same seed would give other samples: folders of before are remade. */
export const SYNTHETIC_VERSION = 1;

export const MARKER_NAME = "synthetic.json";

export const SPEAKERS = 24;

export interface CorpusSize {
  /** 1 to 24. */
  readonly speakers: number;
  /** 60 as in RAVDESS, or 32: second takes of neutral alone, which keeps the classes even. */
  readonly clipsPerActor: 32 | 60;
}

/** What a Worker is sent: clips to make. It answers each batch with a `BatchResult`. */
export interface Batch {
  readonly dir: string;
  readonly seed: number;
  readonly clips: readonly ClipSpec[];
}

export type BatchResult = { readonly made: number } | { readonly failed: string };

/** Every clip, speaker by speaker. */
export function clipPlan({ speakers, clipsPerActor }: CorpusSize): ClipSpec[] {
  const plan: ClipSpec[] = [];
  for (let actor = 1; actor <= speakers; actor++) {
    for (let emotion = 0; emotion < 8; emotion++) {
      const neutral = emotion === 0;
      for (const intensity of neutral ? [1] : [1, 2]) {
        for (const statement of [1, 2]) {
          for (const repetition of neutral || clipsPerActor === 60 ? [1, 2] : [1]) {
            plan.push({ actor, emotion, intensity, statement, repetition });
          }
        }
      }
    }
  }
  return plan;
}

/** `Actor_07`. */
export function actorFolder(actor: number): string {
  return `Actor_${String(actor).padStart(2, "0")}`;
}

/** `03-01-06-01-02-01-07.wav`. */
export function clipFile(clip: ClipSpec): string {
  return `${encodeRavdessName(clip)}.wav`;
}
