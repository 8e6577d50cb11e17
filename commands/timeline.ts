/**
 * `timeline`: emotions over a recording's time, as a table, JSON, CSV or a page that plays the file in
 * step. WAV is read in blocks, so hours of it take little more memory than minutes.
 */
import { basename, dirname, relative, resolve, sep } from "node:path";
import { type Levels, measureLevels } from "../features/speech.ts";
import type { WorkerDecoder } from "../features/decoder.ts";
import { openRecording } from "../features/open_recording.ts";
import type { Recording } from "../features/recording.ts";
import { csvOf } from "../report/csv.ts";
import { createProgress, type Progress } from "../report/progress.ts";
import { prettyJson } from "../report/run_files.ts";
import { timelinePage } from "../report/timeline_page.ts";
import { clock, counted, percent } from "../report/words.ts";
import type { Answer } from "./confined_answer.ts";
import { type Judge, openJudge } from "./hear/judge.ts";
import type { TimelineOptions } from "./words/options.ts";
import { spokenIn, widen } from "./hear/stretches.ts";
import { type Segment, segmentsOf, windowsOver } from "./hear/timeline_segments.ts";

export async function timeline(
  options: TimelineOptions,
  decoder: WorkerDecoder,
): Promise<Answer> {
  const { file, json, csv, html, run, device } = options;
  using recording = await openRecording(file, decoder);
  using opened = await openJudge(run, device);
  const { judge } = opened;
  const { labels, synthetic, licence, caution, warnings } = judge;
  const duration = recording.length / recording.sampleRate;
  const { levels, segments } = await hear(recording, judge, createProgress());
  if (json) {
    const rounded = segments.map(({ start, end, emotion, confidence }) => ({
      ...{ start: round(start), end: round(end), emotion },
      confidence: round(confidence),
    }));
    const facts = { file, duration, synthetic, licence, caution, labels };
    return { content: prettyJson({ ...facts, segments: rounded }) };
  }
  if (csv) return { content: toCsv(segments), said: warnings.join("\n") };
  if (html === undefined) return { content: table(segments, { file, duration, warnings }) };
  const page = timelinePage({
    ...{ title: basename(file), audio: urlFrom(html, file), duration, synthetic, warnings, labels },
    ...{ segments, peaks: levels.peaks },
  });
  const done = `${counted(segments.length, "segment")} written to ${html}`;
  return { content: page, said: [...warnings, done].join("\n") };
}

/** Levels of the whole, then verdicts on the stretches of speech. */
export async function hear(
  recording: Recording,
  judge: Judge,
  progress: Progress,
): Promise<{ levels: Levels; segments: Segment[] }> {
  const levels = await measureLevels(recording);
  const end = recording.length / recording.sampleRate;
  const speech = spokenIn(levels, end);
  const around = widen(speech, end);
  const stretches = speech.map((stretch, i) => windowsOver(stretch, around[i]));
  const windows = stretches.flat();
  progress.start("windows", windows.length);
  try {
    const verdicts = await judge.judge(recording, windows, (done) => progress.update(done));
    let next = 0;
    const segments = stretches.flatMap((of) =>
      segmentsOf(of, verdicts.slice(next, next += of.length), judge.labels)
    );
    return { levels, segments };
  } finally {
    progress.stop();
  }
}

/** `start,end,emotion,confidence`, seconds and a share. */
export function toCsv(segments: readonly Segment[]): string {
  return csvOf([
    ["start", "end", "emotion", "confidence"],
    ...segments.map(({ start, end, emotion, confidence }) => [
      ...[round(start), round(end), emotion, round(confidence)],
    ]),
  ]);
}

function table(
  segments: readonly Segment[],
  { file, duration, warnings }: { file: string; duration: number; warnings: string[] },
): string {
  const width = Math.max(7, ...segments.map(({ emotion }) => emotion.length));
  const spoken = segments.reduce((sum, { start, end }) => sum + end - start, 0);
  return [
    ...warnings,
    `${file}: ${clock(duration)}, of which ${clock(spoken)} speech`,
    ...segments.map(({ start, end, emotion, confidence }) =>
      `${clock(start)}  ${clock(end)}  ${emotion.padEnd(width)}  ${
        percent(confidence, 0).padStart(5)
      }`
    ),
    "",
  ].join("\n");
}

/** Where a page finds a file, whatever characters its path has. */
export function urlFrom(page: string, file: string): string {
  const path = relative(dirname(resolve(page)), resolve(file));
  return path.split(sep).map(encodeURIComponent).join("/");
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
