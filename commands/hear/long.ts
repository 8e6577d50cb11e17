/**
 * One answer to a recording that is too long to be heard at once: its speech in pieces of about four
 * seconds, side by side, and the mean of what they say in log-probability, each as heavy as it is long.
 * So the answer leans on everything said, and an hour of one feeling is no surer than a minute of it.
 */
import { UserError } from "../../engine/error.ts";
import type { Recording } from "../../features/recording.ts";
import { measureLevels } from "../../features/speech.ts";
import type { Progress } from "../../report/progress.ts";
import { type Judge, type Verdict, verdictOf } from "./judge.ts";
import { SPAN, spokenIn, type Stretch, widen } from "./stretches.ts";

/** Where a probability of nought is put, for its logarithm's sake. */
const LEAST = 1e-7;

export interface LongVerdict extends Verdict {
  /** Pieces that were heard, and seconds of speech in them. */
  readonly pieces: number;
  readonly speech: number;
}

/**
 * The verdict on all that is said in a recording.
 *
 * @throws UserError nobody speaks in it
 */
export async function judgeLong(
  recording: Recording,
  judge: Judge,
  progress?: Progress,
): Promise<LongVerdict> {
  const duration = recording.length / recording.sampleRate;
  const speech = spokenIn(await measureLevels(recording), duration);
  const around = widen(speech, duration);
  const pieces = speech.flatMap((stretch, i) => piecesOf(stretch, around[i]));
  progress?.start("pieces", pieces.length);
  const verdicts = await judge.judge(
    recording,
    pieces.map(({ heard }) => heard),
    (done) => progress?.update(done),
  );
  const spoken = pieces.flatMap(({ seconds }, i) => {
    const verdict = verdicts[i];
    return verdict ? [{ seconds, ...verdict }] : [];
  });
  if (spoken.length === 0) {
    throw new UserError("nobody speaks in it: no part of it is louder than what is around it");
  }
  return {
    ...verdictOf(judge.labels, combined(spoken)),
    pieces: spoken.length,
    speech: spoken.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

/** What is heard of a stretch of speech, and how many seconds of speech it stands for. */
export function piecesOf(
  { from, to }: Stretch,
  around: Stretch,
): { readonly heard: Stretch; readonly seconds: number }[] {
  const count = Math.round((to - from) / SPAN);
  if (count <= 1) return [{ heard: around, seconds: to - from }];
  const seconds = (to - from) / count;
  return Array.from({ length: count }, (_, i) => ({
    heard: { from: from + i * seconds, to: from + (i + 1) * seconds },
    seconds,
  }));
}

/** The geometric mean of probabilities, weighted by seconds, made to add up to one. */
export function combined(
  spoken: readonly (Pick<Verdict, "probabilities"> & { readonly seconds: number })[],
): number[] {
  const all = spoken.reduce((sum, { seconds }) => sum + seconds, 0);
  const means = spoken[0].probabilities.map((_, k) =>
    Math.exp(spoken.reduce(
      (sum, { seconds, probabilities }) =>
        sum + seconds / all * Math.log(Math.max(LEAST, probabilities[k])),
      0,
    ))
  );
  const total = means.reduce((a, b) => a + b);
  return means.map((mean) => mean / total);
}
