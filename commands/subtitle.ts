/**
 * `subtitle`: the emotion of each cue's stretch of audio, written before its words. How sure
 * a mark must be is the model's own threshold of "unsure" where --min-confidence does not say.
 */
import { readBytes } from "../features/audio.ts";
import type { WorkerDecoder } from "../features/decoder.ts";
import { openRecording } from "../features/open_recording.ts";
import { createProgress } from "../report/progress.ts";
import { counted } from "../report/words.ts";
import type { Answer } from "./confined_answer.ts";
import { openJudge } from "./hear/judge.ts";
import type { SubtitleOptions } from "./words/options.ts";
import { type MarkCounts, markSubtitles } from "./hear/subtitle_marks.ts";

export async function subtitle(
  options: SubtitleOptions,
  decoder: WorkerDecoder,
): Promise<Answer> {
  const { audio, subtitles, run, style, device } = options;
  const bytes = readBytes(subtitles);
  using recording = await openRecording(audio, decoder);
  using opened = await openJudge(run, device);
  const { judge } = opened;
  for (const line of judge.warnings) console.error(line);
  const progress = createProgress();
  const duration = recording.length / recording.sampleRate;
  const minConfidence = options.minConfidence ?? judge.unsureBelow;
  try {
    const marked = await markSubtitles(bytes, {
      ...{ file: subtitles, duration, labels: judge.labels, style, minConfidence },
      hear: (stretches) => {
        progress.start("cues", stretches.length);
        return judge.judge(recording, stretches, (done) => progress.update(done));
      },
    });
    return { content: marked.bytes, said: `${subtitles}: ${summary(marked.counts)}` };
  } finally {
    progress.stop();
  }
}

/** What was marked, and why the rest was not. */
export function summary(counts: MarkCounts): string {
  const marks = [...counts.marked].sort(([, a], [, b]) => b - a);
  const all = marks.reduce((sum, [, n]) => sum + n, 0);
  const rest: [n: number, why: string][] = [
    [counts.neutral, "neutral"],
    [counts.unsure, "not sure enough"],
    [counts.outside, "outside the audio or without a duration, left alone"],
    [counts.silent, "silent"],
    [counts.short, "too short"],
    [counts.wordless, "without speech"],
    [counts.removed, "earlier marks removed"],
  ];
  return [
    `${counted(counts.cues, "cue")}, ${counted(all, "mark")}` +
    (all > 0 ? ` (${marks.map(([label, n]) => `${label} ${n}`).join(", ")})` : ""),
    ...rest.filter(([n]) => n > 0).map(([n, why]) => `${n} ${why}`),
  ].join("; ");
}
