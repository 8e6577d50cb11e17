/**
 * Draws vega-lite charts as SVG text, without a browser and without any permission.
 * Colours are the page's own CSS variables, so that one drawing serves light, dark and paper.
 * Vega takes a third of a second to load, so it is loaded with the first drawing and not before.
 */
import type { TopLevelSpec } from "vega-lite";
import { escape, type Markup, printable, trusted } from "./markup.ts";

const CONFIG: TopLevelSpec["config"] = {
  aria: false, // a drawing has one description, given below
  font: "inherit",
  background: "transparent",
  padding: 2,
  view: { stroke: null },
  axis: {
    domain: false,
    ticks: false,
    gridColor: "var(--rule)",
    labelColor: "var(--muted)",
    labelFontSize: 11,
    labelPadding: 6,
    titleColor: "var(--muted)",
    titleFontSize: 11,
    titleFontWeight: "normal",
    titlePadding: 8,
  },
};

/** The chart as an `<svg>` as wide as its place, at most as wide as drawn; `says` describes it. */
export async function drawSvg(spec: TopLevelSpec, says: string): Promise<Markup> {
  const [vega, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
  const { spec: compiled } = compile({ ...spec, config: { ...CONFIG, ...spec.config } });
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  const svg = await view.toSVG();
  view.finalize();
  return trusted(withDescription(printable(svg), says));
}

function withDescription(svg: string, says: string): string {
  const width = /^<svg[^>]* width="([\d.]+)"/.exec(svg)?.[1] ?? "400";
  return svg.replace(
    /^<svg[^>]* viewBox="([^"]+)"[^>]*>/,
    (_, box) =>
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" role="img" aria-label="${
        escape(says)
      }" ` +
      `style="max-width:${width}px">`,
  );
}
