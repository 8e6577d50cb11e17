/** The drawing of a reproduction as a vega-lite specification: every row's figures on one scale. */
import type { TopLevelSpec } from "vega-lite";
import type { Reproduction } from "./reproduction.ts";

const SERIES = [
  { of: "paper", colour: "var(--second)", shape: "circle", filled: false, dy: -8 },
  { of: "random", colour: "var(--accent)", shape: "circle", filled: true, dy: 0 },
  { of: "actors", colour: "var(--ink)", shape: "square", filled: true, dy: 8 },
] as const;

/** Rows without a figure are left out; so is the paper where it cannot be compared. */
export function reproductionChart({ rows, synthetic, quick }: Reproduction): TopLevelSpec {
  const shown = rows.filter(({ random, actors }) => random ?? actors);
  const figures = (of: typeof SERIES[number]["of"]) =>
    shown.flatMap(({ title, paper, random, actors }) => {
      const ours = of === "random" ? random : of === "actors" ? actors : null;
      const theirs = of === "paper" && !synthetic && !quick ? paper : null;
      const value = ours?.accuracy.mean ?? theirs?.accuracy;
      if (value === undefined) return [];
      const [low, high] = (ours ?? theirs)?.ci95 ?? [value, value];
      return [{ title, value, low, high }];
    });
  const y = {
    field: "title",
    type: "nominal" as const,
    sort: null,
    title: null,
    scale: { domain: shown.map(({ title }) => title) },
    axis: { labelFontSize: 12, labelColor: "var(--ink)", labelLimit: 300, grid: false },
  };
  const scale = { domain: [0, 1] };
  const axis = { format: ".0%", values: [0, 0.25, 0.5, 0.75, 1], title: null };
  return {
    width: 520,
    height: { step: 40 },
    layer: SERIES.flatMap(({ of, colour, shape, filled, dy }) => [
      {
        data: { values: figures(of) },
        mark: { type: "rule" as const, color: colour, strokeWidth: 4, opacity: 0.35, yOffset: dy },
        encoding: {
          y,
          x: { field: "low", type: "quantitative" as const, scale, axis },
          x2: { field: "high" },
        },
      },
      {
        data: { values: figures(of) },
        mark: {
          type: "point" as const,
          color: colour,
          shape,
          filled,
          size: 60,
          yOffset: dy,
          opacity: 1,
        },
        encoding: { y, x: { field: "value", type: "quantitative" as const, scale, axis } },
      },
    ]),
  };
}
