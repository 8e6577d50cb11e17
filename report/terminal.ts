/**
 * The short tables that end a training or an evaluation in the terminal: what was reached, on which
 * clips, what the protocol means, and where the rest is to be read.
 */
import type { Metrics } from "./metrics.ts";
import type { Robustness, RunConfig, RunReport } from "./types.ts";
import { bestSettings, count, counted, duration, fixed, percent } from "./words.ts";
import {
  confidenceRows,
  measuredWords,
  precisionRows,
  protocolMeaning,
  protocolTitle,
  SYNTHETIC_MEANING,
  systemTitle,
} from "./words.ts";

const WIDTH = 88;

type Row = readonly [label: string, text: string];

/** The table as text of several lines, none ending in a space; `folder` is the run's own. */
export function resultTable({ config, metrics, forest }: RunReport, folder: string): string {
  const rows = figureRows(metrics.test);
  if (config.paper !== null) {
    const { accuracy, n } = config.paper;
    const clips = n === null ? "" : `n = ${count(n)}, `;
    const differs = config.synthetic ? " (other voices: no comparison)" : "";
    rows.push([
      "paper",
      `${percent(accuracy, 2)}  ${clips}random split by clip, RAVDESS${differs}`,
    ]);
  }
  rows.push(...otherProtocol(config));
  rows.push(...confidenceRows(metrics));
  const epochs = metrics.epochs === 0 ? "" : ` for ${counted(metrics.epochs, "epoch")}`;
  rows.push(
    ...(forest ? [["settings", bestSettings(forest)] as const] : []),
    ["time", `${duration(metrics.seconds)}${epochs}${memory(metrics)}`],
    ["device", metrics.device],
    ...precisionRows(metrics),
    ["run", folder],
  );
  const corpus = config.synthetic ? "SYNTHETIC corpus" : config.corpus.name;
  return table(
    `${systemTitle(config)} on ${corpus}: ${protocolTitle(config)}, seed ${config.seed}`,
    {
      notes: [
        ...(config.synthetic ? [SYNTHETIC_MEANING] : []),
        ...cautions(config),
        protocolMeaning(config.protocol),
      ],
      rows,
    },
  );
}

/** The system's figure on the protocol that this run does not speak for. */
function otherProtocol({ measured, protocol, synthetic }: RunConfig): Row[] {
  if (!measured || synthetic) return [];
  const other = protocol === "random" ? "actors" : "random";
  const figure = measured[other];
  const label = other === "actors" ? "new speakers" : "random split";
  return [[label, figure ? `${measuredWords(other, figure)}, RAVDESS` : "not measured yet"]];
}

/** A trained model as the tables that judge it call it. */
export interface Evaluated {
  readonly title: string;
  /** What the figures hide, where they do. */
  readonly cautions: readonly string[];
  /** Whether it, or the clips, are of no people. */
  readonly synthetic: boolean;
}

/** The model of a run. */
export function evaluatedRun(config: RunConfig, synthetic: boolean): Evaluated {
  return { title: systemTitle(config), cautions: cautions(config), synthetic };
}

/** What a trained model reaches on `clips`, told in words. */
export function evaluationTable(
  test: Metrics,
  { title, cautions, synthetic }: Evaluated,
  clips: string,
): string {
  const rows = figureRows(test);
  const classes = test.perClass.map(({ label, recall, support }): Row => [
    label,
    `${percent(recall).padStart(7)} of ${counted(support, "clip")}`,
  ]);
  return table(`${title}${synthetic ? ", SYNTHETIC" : ""}: ${clips}`, {
    notes: [...(synthetic ? [EVALUATED_SYNTHETIC] : []), ...cautions],
    rows: [...rows, ["recall", "class by class:"], ...classes],
  });
}

/** Accuracy on clips as they are and made worse, the first row being the former. */
export function robustnessTable(
  found: readonly Robustness[],
  { title, synthetic }: Pick<Evaluated, "title" | "synthetic">,
): string {
  const [clean] = found;
  const rows = found.map(({ name, accuracy, uar }): Row => {
    const lost = (accuracy ?? 0) - (clean.accuracy ?? 0);
    const change = name === clean.name ? "" : `${(100 * lost).toFixed(1).padStart(6)} points`;
    return [name, `${percent(accuracy).padStart(7)}   UAR ${percent(uar).padStart(7)}${change}`];
  });
  return table(`${title} on clips made worse: n = ${counted(clean.n, "clip")} each`, {
    notes: synthetic ? [EVALUATED_SYNTHETIC] : [],
    rows,
  });
}

/** What the figures hide, where they do. */
function cautions({ fineTuning }: RunConfig): string[] {
  return fineTuning?.caution ? [fineTuning.caution] : [];
}

const EVALUATED_SYNTHETIC = "Synthetic voices made by this program were trained on or tried: the " +
  "figures show that the system works, not how it fares on real speech.";

function figureRows({ n, accuracy, ci95, uar, macroF1, auc }: Metrics): Row[] {
  const clips = `n = ${counted(n, "test clip")}`;
  return [
    ["accuracy", [percent(accuracy), interval(ci95), clips].filter((w) => w !== "").join("   ")],
    ["UAR", percent(uar)],
    ["macro F1", fixed(macroF1)],
    ["AUC", fixed(auc)],
  ];
}

function table(
  heading: string,
  { notes, rows }: { readonly notes: readonly string[]; readonly rows: readonly Row[] },
): string {
  const width = 3 + Math.max(...rows.map(([label]) => label.length));
  return [
    ...wrap(heading, WIDTH),
    ...notes.flatMap((note) => wrap(note, WIDTH - 2, "  ")),
    "",
    ...rows.map(([label, text]) => `  ${label.padEnd(width)}${text}`),
  ].join("\n");
}

function interval(ci95: readonly [number, number] | null): string {
  if (ci95 === null) return "";
  const [low, high] = ci95;
  return `(${(100 * low).toFixed(1)} to ${percent(high)}, 95 % interval)`;
}

function memory({ peakMemoryMB }: RunReport["metrics"]): string {
  return peakMemoryMB === null ? "" : `, at most ${count(Math.round(peakMemoryMB))} MB`;
}

/** Lines of at most `width` characters, broken between words, each after `indent`. */
export function wrap(text: string, width: number, indent = ""): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines.map((line) => indent + line);
}
