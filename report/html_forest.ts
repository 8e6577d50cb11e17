/** The page's section of a forest: its settings, what it relies on, and every setting that was tried. */
import { importanceChart } from "./charts.ts";
import { figure } from "./html_parts.ts";
import { type Markup, markup } from "./markup.ts";
import { drawSvg } from "./svg.ts";
import type { GridPoint, RunReport } from "./types.ts";
import { bestSettings, percent, settingWords, spaced } from "./words.ts";

/** Features in the chart; their shares fall off slowly, the file holds them all. */
const SHOWN = 20;

/** Nothing for a network. */
export async function forestSection({ forest, config }: RunReport): Promise<Markup> {
  if (forest === undefined) return markup``;
  const { points, folds, outOfBagScore } = forest;
  const important = forest.importances.toSorted((a, b) => b.share - a.share).slice(0, SHOWN);
  const drawing = await drawSvg(
    importanceChart(important),
    `The ${important.length} most important features`,
  );
  const settings = Object.keys(points[0].settings);
  const row = ({ settings: of, rank, mean, std }: GridPoint) =>
    markup`<tr><th scope="row">${rank}</th><td>${percent(mean)}</td><td>${percent(std)}</td>${
      settings.map((name) => markup`<td>${settingWords(of[name])}</td>`)
    }</tr>
`;
  const heads = ["rank", "mean", "deviation", ...settings.map(spaced)];
  const aside = outOfBagScore === null
    ? ""
    : ` Out of bag, ${percent(outOfBagScore)} of its training clips are recognised by trees that ` +
      "did not learn from them.";
  return markup`<section>
<h2>What the forest relies on</h2>
<p>${`${bestSettings(forest)}.${aside}`}</p>
${
    figure(drawing, {
      caption: "Share of the impurity that splits on a feature removed in training.",
      synthetic: config.synthetic,
    })
  }
<h2>Settings that were tried</h2>
<p class="quiet">${`Accuracy over ${folds} stratified folds of the training clips: mean and deviation.`}</p>
<div class="scroll"><table>
<thead><tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${points.toSorted((a, b) => a.rank - b.rank).map(row)}</tbody>
</table></div>
</section>
`;
}
