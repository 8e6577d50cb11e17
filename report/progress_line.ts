/**
 * The text of one state of progress, as a bar or as a plain line. Pure: time comes in with the state.
 */
import { count, duration } from "./words.ts";

export interface ProgressState {
  readonly label: string;
  readonly total: number;
  /** May be a part of a unit. */
  readonly done: number;
  readonly info: string;
  /** What was done before the clock started. */
  readonly startedWith: number;
  readonly seconds: number;
}

const WIDEST_BAR = 28;
const NARROWEST_BAR = 8;

/** `Training ━━━━━━━━────────  7/50  loss 1.23  left 3 min 10 s`, no longer than `columns` allow. */
export function barLine(state: ProgressState, columns: number): string {
  const { label, total, done } = state;
  const words = [counter(state), ...tail(state)].join("  ");
  const room = columns - 1 - label.length - 2 - words.length - 1;
  const share = total > 0 ? Math.min(1, Math.max(0, done / total)) : 1;
  const width = Math.min(WIDEST_BAR, room);
  if (width < NARROWEST_BAR) return `${label}  ${words}`.slice(0, Math.max(0, columns - 1));
  const full = Math.floor(share * width);
  return `${label} ${"━".repeat(full)}${"─".repeat(width - full)}  ${words}`;
}

/** `Training 7/50  loss 1.23  left 3 min 10 s`. */
export function plainLine(state: ProgressState): string {
  return [`${state.label} ${counter(state)}`, ...tail(state)].join("  ");
}

function counter({ total, done }: ProgressState): string {
  const whole = count(total);
  return `${count(Math.floor(done)).padStart(whole.length)}/${whole}`;
}

/** What was said, and how long it takes still or took. */
function tail(state: ProgressState): string[] {
  const { total, done, info, seconds, startedWith } = state;
  const words = info === "" ? [] : [info];
  if (done >= total) return [...words, `took ${duration(seconds)}`];
  const worked = done - startedWith;
  if (worked <= 0 || seconds < 1) return words; // too early for a guess
  return [...words, `left ${duration(seconds * (total - done) / worked)}`];
}
