/**
 * What the figures of a report show, as vega-lite specifications. Nothing is drawn here.
 * Two colours carry meaning, `--accent` and `--second`, and lines of the two differ in dashes too,
 * so that no figure depends on telling colours apart.
 */
import type { TopLevelSpec } from "vega-lite";
import type { Metrics } from "./metrics.ts";
import type { Epoch, RunConfig } from "./types.ts";
import { count, percent } from "./words.ts";

const ACCENT = "var(--accent)";
const SECOND = "var(--second)";
const INK = "var(--ink)";
const MUTED = "var(--muted)";
const PAGE = "var(--page)";

/**
 * The accuracy with its interval, beside the paper's and what always naming the commonest class
 * would reach. On the synthetic corpus the paper's is left out: it says nothing there.
 */
export function comparisonChart(test: Metrics, config: RunConfig): TopLevelSpec {
  const { system, protocol, synthetic } = config;
  const paper = synthetic ? null : config.paper;
  const largest = Math.max(0, ...test.perClass.map(({ support }) => support));
  const rows = [
    { who: `this run (${system})`, value: test.accuracy, ci95: test.ci95, colour: ACCENT },
    {
      who: protocol === "random" ? "the paper" : "the paper, random split",
      value: paper?.accuracy ?? null,
      ci95: paper?.ci95 ?? null,
      colour: SECOND,
    },
    {
      who: "commonest class",
      value: test.n === 0 ? null : largest / test.n,
      ci95: null,
      colour: MUTED,
    },
  ].flatMap(({ value, ci95, ...row }) =>
    value === null ? [] : [{
      ...row,
      value,
      low: ci95?.[0] ?? value,
      high: ci95?.[1] ?? value,
      text: percent(value),
    }]
  );
  const y = {
    field: "who",
    type: "nominal" as const,
    sort: null,
    title: null,
    axis: {
      labelFontSize: 13,
      labelColor: INK,
      labelLimit: 400,
      labelPadding: 10,
      maxExtent: extent(rows.map(({ who }) => who), 13),
      grid: false,
    },
  };
  const scale = { domain: [0, 1] };
  const axis = { format: ".0%", values: [0, 0.25, 0.5, 0.75, 1], title: null };
  const color = { field: "colour", type: "nominal" as const, scale: null };
  return {
    width: 430,
    height: { step: 36 },
    data: { values: rows },
    encoding: { y },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 5, opacity: 0.35, strokeCap: "round" },
        encoding: {
          x: { field: "low", type: "quantitative", scale, axis },
          x2: { field: "high" },
          color,
        },
      },
      {
        mark: { type: "point", filled: true, size: 90, opacity: 1 },
        encoding: { x: { field: "value", type: "quantitative" }, color },
      },
      {
        mark: { type: "text", align: "left", dx: 10, fontSize: 13, color: INK },
        encoding: {
          x: { field: "high", type: "quantitative" },
          text: { field: "text", type: "nominal" },
        },
      },
    ],
  };
}

/** Loss or accuracy over the epochs, training and validation, the kept epoch marked. */
export function historyChart(
  history: readonly Epoch[],
  { measure, bestEpoch }: { measure: "loss" | "accuracy"; bestEpoch: number | null },
): TopLevelSpec {
  const values = history.flatMap((epoch) => [
    {
      epoch: epoch.epoch,
      series: "training",
      value: measure === "loss" ? epoch.trainLoss : epoch.trainAccuracy,
    },
    {
      epoch: epoch.epoch,
      series: "validation",
      value: measure === "loss" ? epoch.validationLoss : epoch.validationAccuracy,
    },
  ]).filter(({ value }) => value !== null);
  const last = Math.max(1, ...history.map(({ epoch }) => epoch));
  const x = {
    field: "epoch",
    type: "quantitative" as const,
    scale: { domain: [Math.min(1, last - 1), last], nice: false },
    axis: { title: "epoch", tickMinStep: 1, tickCount: 8, format: "d", grid: false },
  };
  const isLoss = measure === "loss";
  const best = bestEpoch === null ? [] : [{ epoch: bestEpoch, text: `epoch ${bestEpoch} kept` }];
  const toTheLeft = bestEpoch !== null && bestEpoch > 0.6 * last;
  return {
    width: 420,
    height: 230,
    layer: [
      {
        data: { values: best },
        mark: { type: "rule", color: MUTED, strokeDash: [2, 3] },
        encoding: { x },
      },
      {
        data: { values: best },
        mark: {
          type: "text",
          align: toTheLeft ? "right" : "left",
          dx: toTheLeft ? -6 : 6,
          y: 2,
          baseline: "top",
          fontSize: 11,
          color: MUTED,
        },
        encoding: { x, text: { field: "text", type: "nominal" } },
      },
      {
        data: { values },
        mark: { type: "line", strokeWidth: 2, strokeJoin: "round", point: history.length <= 12 },
        encoding: {
          x,
          y: {
            field: "value",
            type: "quantitative",
            scale: isLoss ? { zero: true, nice: true } : { domain: [0, 1] },
            axis: { title: measure, tickCount: 5, format: isLoss ? "~g" : ".0%" },
          },
          color: {
            field: "series",
            type: "nominal",
            legend: null,
            scale: { domain: ["training", "validation"], range: [SECOND, ACCENT] },
          },
          strokeDash: {
            field: "series",
            type: "nominal",
            legend: null,
            scale: { domain: ["training", "validation"], range: [[5, 3], [1, 0]] },
          },
        },
      },
    ],
  };
}

/** Counts by actual and predicted class, shaded by the share of the actual class. */
export function confusionChart({ perClass, confusion }: Metrics): TopLevelSpec {
  const labels = perClass.map(({ label }) => label);
  const values = confusion.flatMap((row, r) => {
    const total = row.reduce((sum, n) => sum + n, 0);
    return row.map((n, c) => {
      const share = total === 0 ? 0 : n / total;
      return {
        actual: labels[r],
        predicted: labels[c],
        share,
        count: n === 0 ? "·" : count(n),
        percent: n === 0 ? "" : percent(share, 0),
        colour: share > 0.7 ? PAGE : n === 0 ? MUTED : INK,
      };
    });
  });
  const many = labels.length > 12;
  const scale = { domain: labels };
  const axis = (orient: "top" | "left", title: string) => ({
    orient,
    title,
    titleFontSize: 12,
    labelFontSize: 12,
    labelColor: INK,
    labelLimit: 130,
    ...(orient === "left" && { maxExtent: extent(labels, 12) }),
    labelAngle: orient === "top" ? -40 : 0,
    grid: false,
  });
  const text = (field: "count" | "percent", dy: number, fontSize: number) => ({
    mark: { type: "text" as const, dy, fontSize },
    encoding: {
      text: { field, type: "nominal" as const },
      color: { field: "colour", type: "nominal" as const, scale: null },
    },
  });
  return {
    width: { step: many ? 34 : 54 },
    height: { step: many ? 34 : 46 },
    data: { values },
    encoding: {
      // Labels go in as data, never as an expression: they may be anybody's folder names.
      x: { field: "predicted", type: "ordinal", scale, axis: axis("top", "predicted") },
      y: { field: "actual", type: "ordinal", scale, axis: axis("left", "actual") },
    },
    layer: [
      {
        mark: { type: "rect", cornerRadius: 4, stroke: PAGE, strokeWidth: 2, color: "var(--heat)" },
        encoding: {
          fillOpacity: {
            field: "share",
            type: "quantitative",
            legend: null,
            scale: { domain: [0, 1], range: [0.05, 1] },
          },
        },
      },
      ...(many ? [text("count", 0, 11)] : [text("count", -7, 14), text("percent", 10, 10)]),
    ],
  };
}

/** Room for labels in pixels: Vega, which cannot measure letters here, would leave far too much. */
function extent(labels: readonly string[], fontSize: number): number {
  return 0.56 * fontSize * Math.min(22, Math.max(...labels.map(({ length }) => length))) + 12;
}

/** The features a forest relies on, the most important on top. */
export function importanceChart(
  features: readonly { readonly name: string; readonly share: number }[],
): TopLevelSpec {
  return {
    width: 430,
    height: { step: 18 },
    data: { values: features.map(({ name, share }) => ({ name, share })) },
    mark: { type: "bar", color: ACCENT, height: 10, cornerRadiusEnd: 2 },
    encoding: {
      y: {
        field: "name",
        type: "nominal",
        sort: null,
        title: null,
        axis: {
          labelColor: INK,
          labelLimit: 300,
          maxExtent: extent(features.map(({ name }) => name), 11),
          grid: false,
        },
      },
      x: { field: "share", type: "quantitative", axis: { format: ".1%", title: null } },
    },
  };
}
