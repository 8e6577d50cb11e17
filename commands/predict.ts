/**
 * `predict`: class and probabilities of recordings by a trained model, as a table, JSON or CSV. What is
 * short enough is heard whole, with a caution where nobody seems to speak, longer recordings piece by
 * piece; a file that cannot be read is told of in its line, and the others are answered.
 */
import { UserError } from "../engine/error.ts";
import { checkAudio } from "../features/audio.ts";
import type { WorkerDecoder } from "../features/decoder.ts";
import { openRecording } from "../features/open_recording.ts";
import { levelsOf } from "../features/speech.ts";
import { csvOf } from "../report/csv.ts";
import { createProgress, type Progress } from "../report/progress.ts";
import { counted, percent } from "../report/words.ts";
import type { Answer } from "./confined_answer.ts";
import { type Judge, LONGEST, openJudge } from "./hear/judge.ts";
import { judgeLong } from "./hear/long.ts";
import { spokenIn } from "./hear/stretches.ts";
import type { PredictOptions } from "./words/options.ts";
import { isModel } from "./model/shipped.ts";

/** Of tones, hums and noise, whose level never rises and falls as speech does. */
const SPEECHLESS = "no speech was found in it: the answer may mean nothing";

/** What is said of one file. */
export interface Prediction {
  readonly file: string;
  readonly label?: string;
  /** It is less sure than the model must be to be believed. */
  readonly unsure?: boolean;
  readonly probabilities?: Readonly<Record<string, number>>;
  /** How long the file is. */
  readonly seconds?: number;
  /** Of a file that was not heard whole: pieces that were, and seconds of speech in them. */
  readonly pieces?: number;
  readonly speech?: number;
  /** Why the answer may mean nothing. */
  readonly caution?: string;
  /** It seems to have been cut off before its end. */
  readonly cut?: true;
  /** `file: what is wrong with it`, where something is. */
  readonly error?: string;
}

export async function predict(
  { json, csv, device, ...words }: PredictOptions,
  decoder: WorkerDecoder,
): Promise<Answer> {
  const { run, files } = await apart(words);
  using opened = await openJudge(run, device);
  const { judge } = opened;
  const progress = createProgress();
  const predictions: Prediction[] = [];
  const alone = files.length === 1;
  if (!alone) progress.start("files", files.length);
  for (const file of files) {
    predictions.push(
      await predictOne(file, { judge, decoder, progress: alone ? progress : undefined }),
    );
    if (!alone) progress.update(predictions.length);
  }
  progress.stop();
  const failed = predictions.filter(({ error }) => error !== undefined).length;
  const { synthetic, licence, caution, labels, warnings } = judge;
  return {
    content: json
      ? `${JSON.stringify({ synthetic, licence, caution, answers: predictions }, null, 2)}\n`
      : csv
      ? toCsv(predictions, labels)
      : `${[...warnings, ...table(predictions, labels)].join("\n")}\n`,
    said: [...csv ? warnings : [], ...predictions.flatMap(cautionOf)].join("\n"),
    ...(failed > 0 && {
      problem: `${failed} of ${counted(files.length, "file")} could not be read (see above)`,
    }),
  };
}

/** A run may be named as the first of the files. */
async function apart(
  { run, files }: Pick<PredictOptions, "run" | "files">,
): Promise<Pick<PredictOptions, "run" | "files">> {
  const [first, ...rest] = files;
  if (run !== undefined || !await isModel(first)) return { run, files };
  if (rest.length === 0) throw new UserError(`predict needs FILE after ${first}: [RUN] FILE…`);
  return { run: first, files: rest };
}

async function predictOne(
  file: string,
  { judge, decoder, progress }: {
    readonly judge: Judge;
    readonly decoder: WorkerDecoder;
    /** Of the pieces of a long file. */
    readonly progress?: Progress;
  },
): Promise<Prediction> {
  try {
    using recording = await openRecording(file, decoder);
    const { sampleRate, length } = recording;
    const seconds = length / sampleRate;
    let found;
    if (seconds <= LONGEST) {
      const audio = { samples: await recording.read(0, length), sampleRate };
      checkAudio(audio);
      const spoken = spokenIn(levelsOf(audio.samples, sampleRate), seconds).length > 0;
      found = { ...await judge.judgeWhole(audio), ...(!spoken && { caution: SPEECHLESS }) };
    } else {
      found = await judgeLong(recording, judge, progress);
    }
    const { label, confidence, probabilities, ...heard } = found;
    return {
      ...{ file, label },
      unsure: confidence < judge.unsureBelow,
      probabilities: Object.fromEntries(judge.labels.map((l, i) => [l, probabilities[i]])),
      seconds,
      ...heard,
      ...(recording.cut && { cut: true }),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message } = error;
    return { file, error: message.startsWith(`${file}: `) ? message : `${file}: ${message}` };
  }
}

/** What is to be said of a file that was answered all the same. */
function cautionOf({ file, cut }: Prediction): string[] {
  return cut ? [`${file}: it seems cut off before its end; what is there was heard`] : [];
}

/** One row a file; `error` is empty where there is none. */
export function toCsv(predictions: readonly Prediction[], labels: readonly string[]): string {
  const round = (value: number | undefined, digits: number) =>
    value === undefined ? null : Number(value.toFixed(digits));
  return csvOf([
    ["file", "emotion", "unsure", "seconds", ...labels, "caution", "error"],
    ...predictions.map(({ file, label, unsure, seconds, probabilities, caution, error }) => [
      ...[file, label ?? null, unsure === undefined ? null : unsure ? "yes" : "no"],
      round(seconds, 3),
      ...labels.map((l) => round(probabilities?.[l], 6)),
      ...[caution ?? null, error === undefined ? null : bare(file, error)],
    ]),
  ]);
}

function table(predictions: readonly Prediction[], labels: readonly string[]): string[] {
  const width = Math.max(4, ...predictions.map(({ file }) => file.length));
  const columns = labels.map((l) => l.padStart(Math.max(7, l.length)));
  const lines = predictions.map(({ file, label, unsure, probabilities, caution, error }) =>
    error !== undefined ? `${file.padEnd(width)}  ${bare(file, error)}` : [
      file.padEnd(width),
      (unsure ? "unsure" : label!).padEnd(10),
      ...labels.map((l, i) => percent(probabilities![l]).padStart(columns[i].length)),
      caution ?? [],
    ].flat().join("  ")
  );
  return [["file".padEnd(width), "emotion".padEnd(10), ...columns].join("  "), ...lines];
}

/** An error where the file stands beside it. */
function bare(file: string, error: string): string {
  return error.replace(`${file}: `, "");
}
