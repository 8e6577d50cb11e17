/** `report.md`: the table of a reproduction for a reader of plain text and of a repository's pages. */
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

const HEAD = [
  "system",
  "paper",
  "ours, random",
  "95 % interval",
  "ours by actor: WA",
  "UA",
  "macro F1",
  "95 % interval",
];

/** The whole file. */
export function reproductionMarkdown(all: Reproduction): string {
  const { rows, corpus, timbre, date, devices } = all;
  const table = [HEAD, HEAD.map(() => "---"), ...rows.map(cells)]
    .map((line) => `| ${line.map(escapeCell).join(" | ")} |`);
  const inputs = Object.entries(all.inputs).map(([kind, version]) => `${kind} ${version}`);
  return [
    `# The paper's tables on ${all.synthetic ? "SYNTHETIC voices" : corpus.name}`,
    "",
    ...warnings(all).flatMap((warning) => [`**${warning}**`, ""]),
    ...table,
    "",
    "## Row by row",
    "",
    ...rows.map(({ title, says }) => `- **${escapeCell(title)}**: ${says}`),
    "",
    "## How to read it",
    "",
    ...READING.map((text) => `- ${text}`),
    "",
    `Made by \`deno task reproduce\`${all.quick ? " with `--quick`" : ""}, Timbre ${timbre} ` +
    `(features: ${inputs.join(", ")}), ${date.slice(0, 10)}, ${corpus.clips} clips, on ` +
    `${devices.length === 0 ? "no device yet" : devices.join("; ")}.`,
    "",
  ].join("\n");
}

/** A row of the table, in the order of the headings. */
function cells({ title, paper, random, actors }: ReproducedRow): string[] {
  const none = "not run";
  return [
    title,
    paper === null
      ? "–"
      : `${percent(paper.accuracy, 2)}${paper.n === null ? "" : ` (n = ${paper.n})`}`,
    random ? `${spreadWords(random.accuracy)} (${seedsWords(random)})` : none,
    random ? intervalWords(random) : "–",
    actors ? `${spreadWords(actors.accuracy)} (${foldsWords(actors)})` : none,
    actors ? spreadWords(actors.uar) : "–",
    actors ? macroF1Words(actors) : "–",
    actors ? intervalWords(actors) : "–",
  ];
}

function escapeCell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
