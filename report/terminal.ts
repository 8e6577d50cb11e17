/**
 * The short table that ends a training in the terminal: what was reached, on which clips, what the
 * protocol means, and where the rest is to be read.
 */
import type { RunReport } from "./types.ts";
import { count, counted, duration, fixed, percent } from "./words.ts";
import { protocolMeaning, protocolTitle, SYNTHETIC_MEANING } from "./words.ts";

const WIDTH = 88;
const LABEL = 11;

/** The table as text of several lines, none ending in a space; `folder` is the run's own. */
export function resultTable({ config, metrics }: RunReport, folder: string): string {
  const { test } = metrics;
  const corpus = config.synthetic ? "SYNTHETIC corpus" : config.corpus.name;
  const heading = `${config.system} on ${corpus}: ${protocolTitle(config)}, seed ${config.seed}`;
  const rows: [label: string, text: string][] = [
    [
      "accuracy",
      [percent(test.accuracy), interval(test.ci95), `n = ${count(test.n)} test clips`]
        .filter((words) => words !== "").join("   "),
    ],
    ["UAR", percent(test.uar)],
    ["macro F1", fixed(test.macroF1)],
    ["AUC", fixed(test.auc)],
  ];
  if (config.paper !== null) {
    const { accuracy, n } = config.paper;
    const clips = n === null ? "" : `n = ${count(n)}, `;
    rows.push([
      "paper",
      `${percent(accuracy, 2)}  ${clips}random split by clip, RAVDESS${
        config.synthetic ? " (other voices: no comparison)" : ""
      }`,
    ]);
  }
  rows.push(
    [
      "time",
      `${duration(metrics.seconds)} for ${counted(metrics.epochs, "epoch")}${memory(metrics)}`,
    ],
    ["device", metrics.device],
    ["run", folder],
  );
  const table = rows.map(([label, text]) => `  ${label.padEnd(LABEL)}${text}`);
  const notes = [protocolMeaning(config.protocol)];
  if (config.synthetic) notes.unshift(SYNTHETIC_MEANING);
  return [heading, ...notes.flatMap((note) => wrap(note, WIDTH - 2, "  ")), "", ...table].join(
    "\n",
  );
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
