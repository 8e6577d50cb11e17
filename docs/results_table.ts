/**
 * The README's table of results, written from `results/reproduction.json` so that no figure in it is
 * typed by hand. It stands between two comments; a test holds it to the file.
 */
import {
  type ProtocolFigures,
  type ReproducedRow,
  type Reproduction,
  spreadWords,
} from "../report/reproduction.ts";

const BEGIN = "<!-- results: written by deno task docs:results -->";
const END = "<!-- end of results -->";

/** The table as Markdown, a row for each system. */
export function resultsTable({ rows }: Reproduction): string {
  const cells = [
    ["system", "paper, random", "ours, random", "new speakers, WA", "new speakers, UA"],
    Array(5).fill("---"),
    ...rows.map(cellsOf),
  ];
  return cells.map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function cellsOf({ title, paper, random, actors }: ReproducedRow): string[] {
  return [
    title,
    paper ? `${(100 * paper.accuracy).toFixed(2)} % (n = ${paper.n})` : "–",
    random ? `${spreadWords(random.accuracy)} (${randomWords(random)})` : "not run",
    actors ? `${spreadWords(actors.accuracy)}${foldWords(actors)}` : "not run",
    actors ? spreadWords(actors.uar) : "not run",
  ];
}

function randomWords({ runs, n, ci95 }: ProtocolFigures): string {
  const seeds = runs.map(({ seed }) => seed).join(", ");
  const interval = ci95 ? `; ${ci95.map((x) => (100 * x).toFixed(1)).join(" to ")}` : "";
  return `seed${runs.length > 1 ? "s" : ""} ${seeds}; n = ${n}${
    runs.length > 1 ? " each" : ""
  }${interval}`;
}

function foldWords({ runs, of }: ProtocolFigures): string {
  return runs.length < of ? ` (${runs.length} of ${of} folds)` : "";
}

/** What stands between the comments. Throws where one is missing. */
export function tableIn(readme: string): string {
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (from < 0 || to < from) throw new Error("README.md: the comments about results are missing");
  return readme.slice(from + BEGIN.length, to).trim();
}

if (import.meta.main) {
  const path = new URL("../README.md", import.meta.url);
  const all = JSON.parse(
    await Deno.readTextFile(new URL("../results/reproduction.json", import.meta.url)),
  ) as Reproduction;
  const readme = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, readme.replace(tableIn(readme), resultsTable(all)));
  console.log("README.md: its table of results is written; deno fmt aligns it");
}
