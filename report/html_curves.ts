/** The page's sections of ROC and precision-recall curves, a panel for each class. */
import { precisionRecallChart, rocChart, showsOthers } from "./curve_charts.ts";
import { syntheticTag } from "./html_parts.ts";
import { type Markup, markup } from "./markup.ts";
import { drawSvg } from "./svg.ts";
import type { PrecisionRecallPoint } from "./metrics.ts";
import type { RunReport } from "./types.ts";
import { fixed } from "./words.ts";

const CURVES = {
  roc: {
    title: "ROC, each class against the rest",
    reads: "Across: the share of other clips wrongly taken for the class. " +
      "Up: the share of the class found. The dotted line is chance.",
  },
  precisionRecall: {
    title: "Precision and recall, each class against the rest",
    reads:
      "Across: recall, the share of the class found. Up: precision, the share of finds that are " +
      "right. The dotted line is chance.",
  },
} as const;

/** One panel a class; nothing where a run has no curves. */
export async function curvesSection(
  run: RunReport,
  kind: "roc" | "precisionRecall",
): Promise<Markup> {
  if (run.curves.length === 0) return markup``;
  const { perClass, n } = run.metrics.test;
  const panels: Markup[] = [];
  for (const [i, { label, [kind]: curve, precisionRecall }] of run.curves.entries()) {
    const of = perClass.find((one) => one.label === label);
    const spec = kind === "roc"
      ? rocChart(run.curves, i)
      : precisionRecallChart(run.curves, i, of === undefined || n === 0 ? 0 : of.support / n);
    const area = kind === "roc"
      ? `AUC ${fixed(of?.auc ?? null)}`
      : `AP ${fixed(averagePrecision(precisionRecall))}`;
    panels.push(
      curve === null
        ? markup`<div class="panel"><h3>${label}</h3><p class="none">${
          whyNone(of?.support, n)
        }</p></div>`
        : markup`<div class="panel"><h3>${label} <span>${area}</span></h3>${await drawSvg(
          spec,
          `${label}: ${area}`,
        )}</div>`,
    );
  }
  const { title, reads } = CURVES[kind];
  const faint = showsOthers(run.curves) ? " Faint lines are the other classes." : "";
  return markup`<section>
<h2>${title}</h2>
<figure><div class="panels">
${panels}
</div>
<figcaption>${syntheticTag(run.config.synthetic)}${reads}${faint}</figcaption></figure>
</section>
`;
}

function whyNone(support: number | undefined, n: number): string {
  return support === n && n > 0
    ? "no clip of another class in the test"
    : "no clip of this class in the test";
}

/** Precision averaged over the gains in recall, as scikit-learn's `average_precision_score`. */
function averagePrecision(points: readonly PrecisionRecallPoint[] | null): number | null {
  return points === null ? null : points.reduce(
    (sum, { recall, precision }, i) => sum + (recall - (points[i - 1]?.recall ?? 0)) * precision,
    0,
  );
}
