/**
 * ROC and precision-recall curves as vega-lite specifications: one small panel a class, so that
 * classes are told apart by place and not by colour.
 */
import type { TopLevelSpec } from "vega-lite";
import type { ClassCurves, PrecisionRecallPoint, RocPoint } from "./metrics.ts";

const ACCENT = "var(--accent)";
const MUTED = "var(--muted)";

/** With more classes than this, the others' curves behind one would be a smear. */
const MOST_BEHIND = 12;

/** Whether the other classes' curves stand faintly behind a panel's own. */
export function showsOthers(curves: readonly unknown[]): boolean {
  return curves.length > 1 && curves.length <= MOST_BEHIND;
}

type Point = { readonly x: number; readonly y: number };

/** The ROC curve of class `shown`, the other classes' faint behind it, the diagonal of chance. */
export function rocChart(curves: readonly ClassCurves[], shown: number): TopLevelSpec {
  const points = (curve: readonly RocPoint[] | null) =>
    curve && curve.map(({ fpr, tpr }) => ({ x: fpr, y: tpr }));
  return panel(curves.map(({ roc }) => points(roc)), shown, {
    chance: [{ x: 0, y: 0 }, { x: 1, y: 1 }],
    interpolate: "linear",
  });
}

/** Precision over recall of class `shown`; chance is the class's share of the test clips. */
export function precisionRecallChart(
  curves: readonly ClassCurves[],
  shown: number,
  share: number,
): TopLevelSpec {
  const points = (curve: readonly PrecisionRecallPoint[] | null) =>
    curve && curve.map(({ recall, precision }) => ({ x: recall, y: precision }));
  return panel(curves.map(({ precisionRecall }) => points(precisionRecall)), shown, {
    chance: [{ x: 0, y: share }, { x: 1, y: share }],
    interpolate: "step-before", // between two thresholds only the upper one's precision is reached
  });
}

function panel(
  curves: readonly (readonly Point[] | null)[],
  shown: number,
  { chance, interpolate }: { chance: readonly Point[]; interpolate: "linear" | "step-before" },
): TopLevelSpec {
  const others = !showsOthers(curves)
    ? []
    : curves.flatMap((curve, index) =>
      index === shown ? [] : thin(curve ?? [], 0.02).map((point) => ({ ...point, index }))
    );
  const scale = { domain: [0, 1], nice: false };
  const axis = { title: null, values: [0, 0.5, 1], format: "~g" };
  const encoding = {
    x: { field: "x", type: "quantitative" as const, scale, axis },
    y: { field: "y", type: "quantitative" as const, scale, axis },
  };
  return {
    width: 168,
    height: 168,
    layer: [
      {
        data: { values: [...chance] },
        mark: { type: "line", color: MUTED, strokeWidth: 1, strokeDash: [2, 3] },
        encoding,
      },
      {
        data: { values: others },
        mark: { type: "line", color: MUTED, strokeWidth: 1, opacity: 0.22, interpolate },
        encoding: {
          ...encoding,
          order: { field: "place", type: "quantitative" },
          detail: { field: "index", type: "nominal" },
        },
      },
      {
        data: { values: thin(curves[shown] ?? [], 0.004) },
        mark: { type: "line", color: ACCENT, strokeWidth: 2, strokeJoin: "round", interpolate },
        encoding: { ...encoding, order: { field: "place", type: "quantitative" } },
      },
    ],
  };
}

/** Leaves out points nearer than `step` to the last one kept; the ends stay. */
function thin(points: readonly Point[], step: number): (Point & { readonly place: number })[] {
  const kept: Point[] = [];
  points.forEach((point, i) => {
    const last = kept.at(-1);
    const far = last === undefined ||
      Math.abs(point.x - last.x) + Math.abs(point.y - last.y) > step;
    if (far || i === points.length - 1) kept.push(point);
  });
  return kept.map((point, place) => ({ ...point, place }));
}
