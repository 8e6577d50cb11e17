/**
 * The model card of the shipped model: a fixed text with the figures of `timbre.json` put into it, so
 * that none is ever typed by hand.
 */
import template from "./model_card.md" with { type: "text" };
import { wilson95 } from "./metrics.ts";
import type { CalibrationMetrics, Robustness, Setting } from "./types.ts";
import { count, duration, percent, settingWords } from "./words.ts";

/** A run on one fold of actors, none of whom it had heard. */
export interface FoldFigures {
  readonly seed: number;
  readonly fold: number;
  readonly n: number;
  readonly hits: number;
  readonly uar: number;
}

/** All that the card says; `timbre.json`. */
export interface CardFacts {
  readonly labels: readonly string[];
  readonly licence: string;
  /** Of the corpus. */
  readonly clips: number;
  readonly folds: readonly FoldFigures[];
  /** What the shipped model holds. */
  readonly calibration: Pick<CalibrationMetrics, "temperature" | "unsureBelow">;
  /** Of each fold's model with its own. */
  readonly calibrated: readonly Pick<CalibrationMetrics, "error" | "sure">[];
  /** Of each fold's model; empty where it was not tried. */
  readonly robustness: readonly (readonly Robustness[])[];
  readonly command: string;
  readonly device: string;
  readonly version: string;
  readonly seconds: number;
  readonly parameters: number;
  readonly bytes: number;
  readonly settings: Readonly<Record<string, Setting>>;
  /** Probabilities of its answers to sounds made by formula, held against by a test. */
  readonly examples: readonly (readonly number[])[];
  /** Of its answers to some clips of RAVDESS, by name, for whoever has them. */
  readonly recordings: Readonly<Record<string, readonly number[]>>;
}

export function modelCard(facts: CardFacts): string {
  const { folds, calibrated, calibration } = facts;
  const seeds = [...new Set(folds.map(({ seed }) => seed))];
  const all = seeds.map((seed) => folds.filter((f) => f.seed === seed));
  // A seed that has not run on every fold yet would be held against easier or harder speakers.
  const most = Math.max(...all.map((own) => own.length));
  const whole = all.filter((own) => own.length === most);
  const accuracies = whole.map(pooled);
  const recalls = whole.map((own) => mean(own.map(({ uar }) => uar)));
  const tested = whole[0].reduce((sum, { n }) => sum + n, 0);
  const values: Record<string, string> = {
    labels: facts.labels.join(", "),
    licence: facts.licence,
    clips: count(facts.clips),
    folds: foldTable(folds, seeds),
    accuracy: spread(accuracies),
    interval: intervalOf(mean(accuracies), tested),
    tested: count(tested),
    uar: spread(recalls),
    temperature: calibration.temperature.toFixed(2),
    unsureBelow: percent(calibration.unsureBelow),
    errorBefore: percent(mean(calibrated.map(({ error }) => error.before))),
    errorAfter: percent(mean(calibrated.map(({ error }) => error.after))),
    sureShare: percent(mean(calibrated.map(({ sure }) => sure.share))),
    sureAccuracy: percent(mean(calibrated.map(({ sure }) => sure.accuracy))),
    robustness: robustnessTable(facts.robustness),
    command: facts.command,
    device: facts.device,
    version: facts.version,
    duration: duration(facts.seconds),
    parameters: count(facts.parameters),
    bytes: count(facts.bytes),
    settings: table(
      ["setting", "value"],
      Object.entries(facts.settings).map(([name, value]) => [name, settingWords(value)]),
    ),
  };
  return template.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`model card: nothing is known of ${name}`);
    return value;
  });
}

function foldTable(folds: readonly FoldFigures[], seeds: readonly number[]): string {
  const numbers = [...new Set(folds.map(({ fold }) => fold))].sort((a, b) => a - b);
  const rows = seeds.map((seed) => {
    const own = folds.filter((f) => f.seed === seed);
    const cells = numbers.map((fold) => own.find((f) => f.fold === fold))
      .map((f) => f ? `${percent(f.hits / f.n)}; ${percent(f.uar)}` : "not run");
    const all = `${spread(own.map((f) => f.hits / f.n))}; ${spread(own.map((f) => f.uar))}`;
    return [`seed ${seed}`, ...cells, all];
  });
  return table(
    ["accuracy; unweighted recall", ...numbers.map((k) => `fold ${k}`), "mean ± sd"],
    rows,
  );
}

function robustnessTable(tried: CardFacts["robustness"]): string {
  if (tried.length === 0) return "Not measured.";
  const rows = tried[0].map(({ name }, i) => [
    name,
    spread(tried.map((one) => one[i].accuracy ?? 0)),
    spread(tried.map((one) => one[i].uar ?? 0)),
  ]);
  const over = tried.length === 1 ? "of one fold" : `mean ± sd over ${tried.length} folds`;
  return `Test clips made worse before anything else was done to them, each in one way; ${over}.\n\n` +
    table(["recording", "accuracy", "unweighted recall"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function pooled(folds: readonly FoldFigures[]): number {
  const sum = (of: (f: FoldFigures) => number) => folds.reduce((total, f) => total + of(f), 0);
  return sum(({ hits }) => hits) / sum(({ n }) => n);
}

function mean(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** `71.1 ± 1.2 %`, or the value alone. */
function spread(values: readonly number[]): string {
  const middle = mean(values);
  if (values.length < 2) return percent(middle);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const sd = Math.sqrt(squares / (values.length - 1));
  return `${(100 * middle).toFixed(1)} ± ${percent(sd)}`;
}

function intervalOf(rate: number, n: number): string {
  const [low, high] = wilson95(Math.round(rate * n), n)!;
  return `${(100 * low).toFixed(1)} to ${percent(high)}`;
}
