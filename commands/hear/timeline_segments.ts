/**
 * From verdicts on overlapping windows to segments of one emotion each: windows over the stretches of
 * speech, probabilities smoothed over neighbours, equal neighbours joined.
 */
import type { Verdict } from "./judge.ts";
import { SPAN, type Stretch } from "./stretches.ts";

const HOP = 1; // seconds from one window to the next

/** A window, and the part of its stretch that it answers for. */
export interface Window extends Stretch {
  readonly cell: Stretch;
}

export interface Segment {
  /** Seconds. */
  readonly start: number;
  readonly end: number;
  readonly emotion: string;
  /** Mean smoothed probability of the emotion, 0 to 1. */
  readonly confidence: number;
}

/**
 * Windows over one stretch of speech; their cells lie side by side.
 *
 * @param around the same stretch widened: a short one is one window with what is around it
 */
export function windowsOver({ from, to }: Stretch, around: Stretch): Window[] {
  if (to - from <= SPAN) return [{ ...around, cell: { from, to } }];
  const count = Math.ceil((to - from - SPAN) / HOP) + 1;
  const starts = Array.from({ length: count }, (_, i) => Math.min(from + i * HOP, to - SPAN));
  const border = (i: number) =>
    i === 0 ? from : i === count ? to : (starts[i - 1] + starts[i] + SPAN) / 2;
  return starts.map((start, i) => ({
    ...{ from: start, to: start + SPAN },
    cell: { from: border(i), to: border(i + 1) },
  }));
}

/**
 * Segments of one stretch of speech.
 *
 * @param verdicts one a window; none where it was quiet, which parts segments
 */
export function segmentsOf(
  windows: readonly Window[],
  verdicts: readonly (Verdict | undefined)[],
  labels: readonly string[],
): Segment[] {
  const segments: { start: number; end: number; emotion: string; sum: number }[] = [];
  windows.forEach(({ cell }, i) => {
    const here = verdicts[i];
    if (here === undefined) return;
    const smooth = smoothed(here, verdicts[i - 1], verdicts[i + 1]);
    const best = smooth.indexOf(Math.max(...smooth));
    const sum = smooth[best] * (cell.to - cell.from);
    const before = segments.at(-1);
    if (before && before.emotion === labels[best] && before.end === cell.from) {
      before.end = cell.to;
      before.sum += sum;
    } else {
      segments.push({ start: cell.from, end: cell.to, emotion: labels[best], sum });
    }
  });
  return segments.map(({ start, end, emotion, sum }) => ({
    ...{ start, end, emotion },
    confidence: sum / (end - start),
  }));
}

/** A window counts twice, each neighbour that there is once. */
function smoothed(here: Verdict, ...near: readonly (Verdict | undefined)[]): number[] {
  const sides = near.filter((verdict) => verdict !== undefined);
  return here.probabilities.map((p, k) =>
    (2 * p + sides.reduce((sum, { probabilities }) => sum + probabilities[k], 0)) /
    (2 + sides.length)
  );
}
