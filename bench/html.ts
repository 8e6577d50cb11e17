/** A run of the bench as one page: a roofline for each device, bars of how near each kernel comes, the table. */
import type { TopLevelSpec } from "vega-lite";
import { htmlPage } from "../report/html_page.ts";
import { type Content, type Markup, markup } from "../report/markup.ts";
import { drawSvg } from "../report/svg.ts";
import type { BenchRow, Peaks } from "./row.ts";
import type { BenchResults } from "./results.ts";
import {
  beyondPeakText,
  errorText,
  labelOf,
  peaksLine,
  peakText,
  rateText,
  spreadText,
  streamText,
  timeText,
} from "./table.ts";

const ACCENT = "var(--accent)";
const SECOND = "var(--second)";
const INK = "var(--ink)";

/** The page as text. */
export async function benchPage({ date, runtime, peaks, rows }: BenchResults): Promise<string> {
  const sections: Markup[] = [];
  for (const p of peaks) {
    const own = rows.filter(({ device }) => device === p.device);
    if (own.length > 0) sections.push(await deviceSection(p, own));
  }
  return htmlPage({
    title: "How fast the kernels are",
    over: `Timbre ${date.slice(0, 10)}`,
    under:
      markup`<p>${runtime}. Medians; the spread is half the range of the middle half of the runs. ${"A kernel's share is of what the device's own measured peaks allow at its ratio of operations to bytes."}</p>`,
    main: sections,
    footer: null,
    pictures: false,
  });
}

async function deviceSection(peaks: Peaks, rows: readonly BenchRow[]): Promise<Markup> {
  const points = rows.filter((r) => r.gflops !== undefined && r.gbps !== undefined);
  const shares = rows.filter((r) => r.peak !== undefined);
  const roof = points.length === 0 ? null : markup`<figure>${await drawSvg(
    rooflineChart(peaks, points),
    `Roofline of ${peaks.device}: ${points.length} kernels below the two limits`,
  )}<figcaption>Operations a byte, and operations a second. The slope is memory, the ceiling arithmetic.</figcaption></figure>`;
  const bars = shares.length === 0 ? null : markup`<figure>${await drawSvg(
    shareChart(shares),
    `Share of its roof that each of ${shares.length} kernels reaches on ${peaks.device}`,
  )}<figcaption>Share of the roof.</figcaption></figure>`;
  const beyond = beyondPeakText(rows);
  const note = beyond === null ? null : markup`<p>${beyond}.</p>`;
  return markup`<section><h2>${peaks.device}</h2><p>${peaksLine(peaks)}.</p>${roof}${bars}${note}${
    table(rows)
  }</section>`;
}

interface Point {
  readonly label: string;
  /** Operations a byte. */
  readonly intensity: number;
  /** In 10⁹ operations a second. */
  readonly rate: number;
}

/** Logarithmic both ways: the roof as a line, a point for each kernel. */
export function rooflineChart(
  { gflops, gbps }: Peaks,
  rows: readonly BenchRow[],
): TopLevelSpec {
  const points = rows.map((row): Point => ({
    label: row.name,
    intensity: row.gflops! / row.gbps!,
    rate: row.gflops!,
  }));
  // One label a kernel, at its fastest point, none for gradients nor on another: they would cover each other.
  const fastest = points.filter(({ label, rate }) =>
    !label.includes("-") &&
    points.every((p) => p.label !== label || p.rate <= rate)
  );
  const near = (a: Point, b: Point) =>
    Math.abs(Math.log10(a.intensity / b.intensity)) < 0.3 &&
    Math.abs(Math.log10(a.rate / b.rate)) < 0.1;
  const labelled = fastest.filter((p, i) => !fastest.slice(0, i).some((before) => near(p, before)));
  const intensities = points.map((p) => p.intensity);
  const ridge = gflops / gbps;
  const from = Math.min(ridge, ...intensities) / 2, to = Math.max(ridge, ...intensities) * 2;
  const roof = [from, ridge, to].map((x) => ({ intensity: x, rate: Math.min(gflops, x * gbps) }));
  const x = {
    field: "intensity",
    type: "quantitative" as const,
    scale: { type: "log" as const },
    axis: { title: "operations a byte", tickCount: 6 },
  };
  const y = {
    field: "rate",
    type: "quantitative" as const,
    scale: { type: "log" as const },
    axis: { title: "GFLOP/s", tickCount: 6 },
  };
  return {
    width: 560,
    height: 300,
    layer: [
      {
        data: { values: roof },
        mark: { type: "line", color: SECOND, strokeWidth: 2 },
        encoding: { x, y },
      },
      {
        data: { values: points },
        mark: { type: "point", filled: true, size: 60, color: ACCENT, opacity: 0.9 },
        encoding: { x, y },
      },
      {
        data: { values: labelled },
        mark: { type: "text", dx: 7, align: "left", fontSize: 10, color: INK },
        encoding: { x, y, text: { field: "label" } },
      },
    ],
  };
}

/** A bar for each kernel, in the order they were measured. */
export function shareChart(rows: readonly BenchRow[]): TopLevelSpec {
  const values = rows.map((row) => ({
    what: labelOf(row),
    share: Math.min(row.peak!, 1),
    text: `${peakText(row)}, ${rateText(row)}`,
  }));
  const y = {
    field: "what",
    type: "nominal" as const,
    sort: null,
    title: null,
    axis: { labelColor: INK, labelLimit: 400, labelFontSize: 11 },
  };
  const x = {
    field: "share",
    type: "quantitative" as const,
    axis: { format: ".0%", title: null },
    scale: { domainMin: 0, domainMax: 1 },
  };
  return {
    width: 430,
    height: { step: 17 },
    data: { values },
    encoding: { y, x },
    layer: [
      { mark: { type: "bar", color: ACCENT, height: 11 } },
      {
        mark: { type: "text", align: "left", dx: 4, fontSize: 10, color: INK },
        encoding: { text: { field: "text" } },
      },
    ],
  };
}

function table(rows: readonly BenchRow[]): Markup {
  const cells = (row: BenchRow): Content =>
    markup`<tr><td>${labelOf(row)}${
      row.stream ? markup`<br><small>${streamText(row.stream)}</small>` : null
    }</td><td>${timeText(row.seconds)}</td><td>${spreadText(row)}</td><td>${
      rateText(row)
    }</td><td>${peakText(row)}</td><td>${errorText(row)}</td><td>${row.clock}</td></tr>`;
  return markup`<table><thead><tr><th>kernel</th><th>median</th><th>spread</th><th>rate</th><th>of peak</th><th>error</th><th>clock</th></tr></thead><tbody>${
    rows.map(cells)
  }</tbody></table>`;
}
