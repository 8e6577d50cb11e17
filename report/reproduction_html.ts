/** `report.html` of a reproduction: one drawing of all rows, the table, and a sentence on each. */
import { reproductionChart } from "./charts_reproduction.ts";
import { htmlPage } from "./html_page.ts";
import { figure } from "./html_parts.ts";
import { type Markup, markup } from "./markup.ts";
import { drawSvg } from "./svg.ts";
import {
  foldsWords,
  intervalWords,
  macroF1Words,
  READING,
  type ReproducedRow,
  type Reproduction,
  seedsWords,
  spreadWords,
  warnings,
} from "./reproduction.ts";
import { percent } from "./words.ts";

/** The whole page; all text in it is escaped. */
export async function reproductionHtml(all: Reproduction): Promise<string> {
  const { rows, corpus, timbre, date, devices, synthetic } = all;
  const title = `The paper's tables on ${synthetic ? "synthetic voices" : corpus.name}`;
  const heads = ["system", "paper", "random split", "by actor: WA", "UA", "macro F1"];
  const ran = rows.filter(({ random, actors }) => random ?? actors);
  const drawing = ran.length === 0 ? null : figure(
    await drawSvg(reproductionChart(all), "Accuracy of each system: paper, random split, by actor"),
    {
      caption: "Accuracy: the paper (hollow), ours on its random split, ours by actor (square), " +
        "each with its 95 % interval.",
      synthetic,
    },
  );
  return htmlPage({
    title,
    over: `Timbre ${timbre} · reproduction · ${date.slice(0, 10)}`,
    under: markup`<div class="quiet">${corpus.clips} clips · ${devices.join("; ")}</div>
${warnings(all).map((warning) => markup`<p class="synthetic">${warning}</p>`)}`,
    main: markup`${drawing}
<section>
<h2>All rows</h2>
<div class="scroll"><table>
<thead><tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${rows.map(row)}</tbody>
</table></div>
</section>
<section>
<h2>Row by row</h2>
<dl class="facts">
${rows.map(({ title, says }) => markup`<dt>${title}</dt><dd>${says}</dd>\n`)}</dl>
</section>`,
    footer: markup`<footer>${READING.map((text) => markup`<p>${text}</p>\n`)}</footer>`,
    pictures: false,
  });
}

function row({ title, paper, random, actors }: ReproducedRow): Markup {
  const cell = (figure: string, ...asides: string[]) =>
    markup`<td>${figure}${
      asides.map((aside) => markup`<br><span class="quiet">${aside}</span>`)
    }</td>`;
  const none = cell("not run");
  return markup`<tr><th scope="row">${title}</th>${
    paper ? cell(percent(paper.accuracy, 2), paper.n === null ? "" : `n = ${paper.n}`) : cell("–")
  }${
    random ? cell(spreadWords(random.accuracy), intervalWords(random), seedsWords(random)) : none
  }${
    actors
      ? [
        cell(spreadWords(actors.accuracy), intervalWords(actors), foldsWords(actors)),
        cell(spreadWords(actors.uar)),
        cell(macroF1Words(actors)),
      ]
      : [none, cell("–"), cell("–")]
  }</tr>
`;
}
