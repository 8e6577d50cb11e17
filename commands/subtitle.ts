/**
 * `subtitle`: the emotion of each cue's stretch of audio, written before its words. The marked file goes
 * to --out, to standard output, or with --in-place over the input, which is replaced in one step.
 */
import { readBytes } from "../features/audio.ts";
import { openRecording } from "../features/recording.ts";
import { tryWriting, writeWhole } from "../report/files.ts";
import { createProgress } from "../report/progress.ts";
import { counted } from "../report/words.ts";
import { openJudge } from "./judge.ts";
import type { SubtitleOptions } from "./options.ts";
import { giveUpWriting } from "./permissions.ts";
import { type MarkCounts, markSubtitles } from "./subtitle_marks.ts";

export async function subtitle(options: SubtitleOptions): Promise<void> {
  const { audio, subtitles, inPlace, run, style, minConfidence, device } = options;
  const bytes = readBytes(subtitles);
  // over what a link points at, not over the link
  const out = inPlace ? await Deno.realPath(subtitles) : options.out;
  if (out === undefined) await giveUpWriting();
  else await tryWriting(out);
  using recording = await openRecording(audio);
  using opened = await openJudge(run, device);
  const { judge } = opened;
  for (const line of judge.warnings) console.error(line);
  const progress = createProgress();
  const duration = recording.length / recording.sampleRate;
  try {
    const marked = await markSubtitles(bytes, {
      ...{ file: subtitles, duration, labels: judge.labels, style, minConfidence },
      hear: (stretches) => {
        progress.start("cues", stretches.length);
        return judge.judge(recording, stretches, (done) => progress.update(done));
      },
    });
    progress.stop();
    if (out === undefined) await writeAll(marked.bytes);
    else await replace(out, marked.bytes);
    console.error(`${subtitles}: ${summary(marked.counts)}`);
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

/** In one step; a file that was there keeps its mode. */
async function replace(path: string, bytes: Uint8Array): Promise<void> {
  const mode = (await Deno.stat(path).catch(() => null))?.mode ?? null;
  await writeWhole(path, bytes);
  if (mode !== null) await Deno.chmod(path, mode & 0o777);
}

async function writeAll(bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await Deno.stdout.write(bytes.subarray(done));
}
