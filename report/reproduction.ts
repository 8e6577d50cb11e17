/**
 * What came out of the paper's tables: runs to rows of figures, and one sentence on each that says
 * how it stands to the paper. Pure: nothing is read or written here.
 *
 * Spreads are sample deviations (n - 1). The interval of the random split is Wilson's at the mean
 * accuracy over one test set, since the seeds' test sets overlap; by actor every clip is tested
 * once, and the interval is that of all folds' clips together.
 */
import { wilson95 } from "./metrics.ts";
import type { PaperFigure, RunMetrics } from "./types.ts";
import { counted, fixed, percent } from "./words.ts";

/** Of the form of `reproduction.json`; a folder of another is not mixed in. */
export const REPRODUCTION_VERSION = 1;

export interface Spread {
  readonly mean: number;
  /** Null where there is but one. */
  readonly sd: number | null;
}

/** One run's figures, by the name of its folder. */
export interface RunFigures {
  readonly run: string;
  readonly seed: number;
  readonly fold: number | null;
  readonly n: number;
  readonly accuracy: number;
  readonly uar: number;
  readonly macroF1: number;
  readonly epochs: number;
  readonly seconds: number;
  readonly device: string;
}

/** A row on one protocol, over its seeds or its folds. */
export interface ProtocolFigures {
  readonly runs: readonly RunFigures[];
  /** How many runs the protocol has. */
  readonly of: number;
  /** Test clips behind the interval. */
  readonly n: number;
  /** Weighted accuracy (WA). */
  readonly accuracy: Spread;
  /** Unweighted recall (UA). */
  readonly uar: Spread;
  readonly macroF1: Spread;
  readonly ci95: readonly [number, number] | null;
}

export interface ReproducedRow {
  readonly name: string;
  readonly title: string;
  readonly paper: PaperFigure | null;
  /** Null: not run. */
  readonly random: ProtocolFigures | null;
  readonly actors: ProtocolFigures | null;
  /** How the row stands to the paper, in a sentence or two. */
  readonly says: string;
}

/** `reproduction.json`. */
export interface Reproduction {
  readonly version: typeof REPRODUCTION_VERSION;
  /** Of the program, and of the features that systems take. */
  readonly timbre: string;
  readonly inputs: Readonly<Record<string, number>>;
  readonly quick: boolean;
  readonly synthetic: boolean;
  readonly corpus: { readonly name: string; readonly clips: number };
  readonly devices: readonly string[];
  /** ISO 8601 time of the latest figures. */
  readonly date: string;
  readonly rows: readonly ReproducedRow[];
}

/** What a row is before it has figures. */
export interface RowFacts {
  readonly name: string;
  readonly title: string;
  readonly paper: PaperFigure | null;
  /** What the paper does not say and a figure depends on; null where the row is not of this release. */
  readonly open: string | null;
  /** Runs whose loss became infinite. */
  readonly failed: readonly string[];
}

export function figuresOf(run: string, { test, ...metrics }: RunMetrics): RunFigures {
  const { seed, fold, epochs, seconds, device } = metrics;
  const figures = { accuracy: test.accuracy ?? 0, uar: test.uar ?? 0, macroF1: test.macroF1 ?? 0 };
  return { run, seed, fold, n: test.n, ...figures, epochs, seconds, device };
}

/** `of`: how many runs there would be. Null where there is none. */
export function protocolFigures(
  runs: readonly RunFigures[],
  { protocol, of }: { readonly protocol: "random" | "actors"; readonly of: number },
): ProtocolFigures | null {
  if (runs.length === 0) return null;
  const accuracy = spreadOf(runs.map((run) => run.accuracy));
  const clips = runs.reduce((sum, { n }) => sum + n, 0);
  const hits = runs.reduce((sum, { n, accuracy }) => sum + n * accuracy, 0);
  const n = protocol === "actors" ? clips : Math.round(clips / runs.length);
  return {
    runs,
    of,
    n,
    accuracy,
    uar: spreadOf(runs.map((run) => run.uar)),
    macroF1: spreadOf(runs.map((run) => run.macroF1)),
    ci95: wilson95(Math.round(protocol === "actors" ? hits : n * accuracy.mean), n),
  };
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)) };
}

/** A row with its figures and its sentence. */
export function reproducedRow(
  { name, title, paper, open, failed }: RowFacts,
  { random, actors, comparable, plain = null }: {
    readonly random: ProtocolFigures | null;
    readonly actors: ProtocolFigures | null;
    /** By actor, the same network without what this row adds to its training. */
    readonly plain?: { readonly title: string; readonly actors: ProtocolFigures } | null;
    /** False for synthetic voices and quick runs: the paper's figure says nothing there. */
    readonly comparable: boolean;
  },
): ReproducedRow {
  const sentences = open === null ? [NEEDS_CHECKPOINT] : [
    comparable ? standing({ random, paper, open }) : random || actors ? "Not compared." : "",
    comparable && random && actors ? speakers(random, actors) : "",
    comparable && actors && plain ? effect(actors, plain) : "",
    failed.length > 0 ? `The loss became infinite in ${failed.join(", ")}.` : "",
    random || actors ? "" : "Not run.",
  ];
  return { name, title, paper, random, actors, says: sentences.filter((s) => s !== "").join(" ") };
}

/** Whether the paper's figure and ours differ by more than chance in drawing the clips (95 %). */
function standing(
  { random, paper, open }: {
    readonly random: ProtocolFigures | null;
    readonly paper: PaperFigure | null;
    readonly open: string;
  },
): string {
  if (paper === null) return "The paper has no such row.";
  if (random === null || paper.n === null) return "";
  const ours = random.accuracy.mean;
  const difference = ours - paper.accuracy;
  const chance = 1.96 * Math.sqrt(variance(ours, random.n) + variance(paper.accuracy, paper.n));
  const points = `${Math.abs(100 * difference).toFixed(1)} points ${
    difference < 0 ? "below" : "above"
  } the paper`;
  return Math.abs(difference) <= chance
    ? `Agrees: ${points}, where chance in drawing the test clips allows ${
      (100 * chance).toFixed(1)
    }.`
    : `Differs: ${points}, more than the ${
      (100 * chance).toFixed(1)
    } that chance in drawing the test clips allows; the paper leaves open ${open}.`;
}

function variance(rate: number, n: number): number {
  return rate * (1 - rate) / n;
}

function speakers(random: ProtocolFigures, actors: ProtocolFigures): string {
  const lost = 100 * (random.accuracy.mean - actors.accuracy.mean);
  return `For speakers who were not trained on it is ${percent(actors.accuracy.mean)}, ${
    Math.abs(lost).toFixed(1)
  } points ${lost < 0 ? "more" : "less"}.`;
}

/** What an addition to a network's training does on the folds that were run with it and without. */
function effect(
  { runs }: ProtocolFigures,
  plain: { readonly title: string; readonly actors: ProtocolFigures },
): string {
  const changes = runs.flatMap(({ fold, accuracy }) => {
    const without = plain.actors.runs.find((run) => run.fold === fold);
    return without ? [accuracy - without.accuracy] : [];
  });
  if (changes.length === 0) return "";
  const { mean, sd } = spreadOf(changes);
  const spread = sd === null ? "" : ` ± ${(100 * sd).toFixed(1)}`;
  const points = `${Math.abs(100 * mean).toFixed(1)}${spread} points`;
  const better = changes.filter((change) => change > 0).length;
  return `By actor ${points} ${mean < 0 ? "below" : "above"} ${plain.title} without it, ` +
    `fold by fold (better in ${better} of ${changes.length}).`;
}

/** `76.4 ± 1.9 %`, or `76.4 %` of one run. */
export function spreadWords({ mean, sd }: Spread): string {
  return sd === null ? percent(mean) : `${(100 * mean).toFixed(1)} ± ${percent(sd)}`;
}

/** `51.2 to 60.3 %`. */
export function intervalWords({ ci95 }: ProtocolFigures): string {
  return ci95 === null ? "–" : `${(100 * ci95[0]).toFixed(1)} to ${percent(ci95[1])}`;
}

/** `0.512 ± 0.031`, the spread where there are several. */
export function macroF1Words({ macroF1: { mean, sd } }: ProtocolFigures): string {
  return sd === null ? fixed(mean) : `${fixed(mean)} ± ${fixed(sd)}`;
}

/** `3 seeds: 42, 43, 44; n = 216`, with what is missing. */
export function seedsWords({ runs, of, n }: ProtocolFigures): string {
  const missing = runs.length < of ? ` of ${of}` : "";
  return `${runs.length}${missing} ${of === 1 ? "seed" : "seeds"}: ${
    runs.map(({ seed }) => seed).join(", ")
  }; n = ${n}`;
}

/** `5 folds; n = 1440`, with what is missing. */
export function foldsWords({ runs, of, n }: ProtocolFigures): string {
  return runs.length < of
    ? `only fold ${runs.map(({ fold }) => fold).join(", ")} of ${of}; n = ${n}`
    : `${counted(of, "fold")}; n = ${n}`;
}

/** What is to be known before any figure is read; nothing for a whole run on real voices. */
export function warnings({ quick, synthetic }: Reproduction): string[] {
  return [
    ...(quick
      ? [
        "QUICK: one seed, one fold, few systems and few epochs, to see that all works. No figure " +
        "here is a result.",
      ]
      : []),
    ...(synthetic
      ? [
        "SYNTHETIC: trained and tested on voices made by this program, not on people. The paper's " +
        "figures are of RAVDESS and cannot be compared.",
      ]
      : []),
  ];
}

/** Said of a row that was not run for want of the weights it begins from. */
export const NEEDS_CHECKPOINT =
  "Not run: it begins from a checkpoint, which --weights-base or --weights-large names.";

/** How the table is to be read. */
export const READING: readonly string[] = [
  "Random: the paper's own protocol, clips drawn at random by class, 70/15/15 (the forest 70/30, " +
  "Wav2Vec2 80/10/10), " +
  "seeded as scikit-learn is. The same speakers, sentences and takes stand on both sides, so these " +
  "figures say little about a new speaker. Mean ± sample deviation over seeds; the interval is " +
  "Wilson's, 95 %, at the mean for the clips of one test set.",
  "By actor: five folds, nobody is heard on two sides, so these figures speak for new speakers. " +
  "WA is accuracy, UA the mean recall of the classes; mean ± sample deviation over folds; the " +
  "interval is that of all test clips together.",
  "The test clips of a run were looked at once, after training; the kept epoch, and the forest's " +
  "settings, were chosen without them.",
];
