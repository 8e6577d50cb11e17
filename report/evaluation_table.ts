/** The short table that ends `evaluate`: the figures, which clips they are of, and each class. */
import type { Metrics } from "./types.ts";
import { wrap } from "./terminal.ts";
import { count, fixed, percent, protocolMeaning, SYNTHETIC_MEANING } from "./words.ts";
import type { RunConfig } from "./types.ts";

export interface EvaluationFacts {
  readonly config: RunConfig;
  /** Which clips were judged, in words. */
  readonly clips: string;
  /** The run's own test clips, for which its protocol speaks; else another corpus. */
  readonly own: boolean;
  readonly synthetic: boolean;
}

const WIDTH = 86;

export function evaluationTable(metrics: Metrics, facts: EvaluationFacts): string {
  const { config, clips, own, synthetic } = facts;
  const interval = metrics.ci95
    ? ` (${(100 * metrics.ci95[0]).toFixed(1)} to ${percent(metrics.ci95[1])}, 95 % interval)`
    : "";
  const notes = [
    ...synthetic ? [SYNTHETIC_MEANING] : [],
    own ? protocolMeaning(config.protocol) : "Every clip was judged; none was trained on.",
  ];
  const width = Math.max(...metrics.perClass.map((c) => c.label.length));
  return [
    `${config.system} on ${clips}`,
    ...notes.flatMap((note) => wrap(note, WIDTH, "  ")),
    "",
    `  accuracy   ${percent(metrics.accuracy)}${interval}   n = ${count(metrics.n)}`,
    `  UAR        ${percent(metrics.uar)}`,
    `  macro F1   ${fixed(metrics.macroF1)}`,
    `  AUC        ${fixed(metrics.auc)}`,
    "",
    `  ${"class".padEnd(width)}  precision   recall       F1  support`,
    ...metrics.perClass.map(({ label, precision, recall, f1, support }) =>
      `  ${label.padEnd(width)}  ${percent(precision).padStart(9)}${percent(recall).padStart(9)}` +
      `${fixed(f1).padStart(9)}${count(support).padStart(9)}`
    ),
  ].join("\n");
}
