/**
 * A table of features out of a CSV file, as `deno task features` writes it: one row a clip, the class
 * in `emotion`, who speaks in `actor`, which sentence in `statement`, and all of VECTOR_NAMES by
 * name, in any order, among whatever other columns.
 */
import { basename } from "node:path";
import { UserError } from "../engine/error.ts";
import { byCodeUnit, type Clip, type Corpus } from "./corpus/clip.ts";
import { RAVDESS_EMOTIONS } from "./corpus/ravdess.ts";
import { VECTOR_NAMES } from "./vector.ts";

/** A corpus whose clips are rows, with their features. */
export interface TableCorpus extends Corpus {
  readonly vectors: readonly Float32Array[];
}

/** Whether a path given for a corpus names a table. */
export function isFeatureTable(path: string): boolean {
  return path.toLowerCase().endsWith(".csv");
}

/**
 * @param file what messages call it
 * @throws UserError naming a column that is missing, or the line and column of a cell that is wrong
 */
export function parseFeatureTable(text: string, file: string): TableCorpus {
  const [heading = [], ...rows] = cellsOf(text.replace(/^\ufeff/, ""));
  const column = (name: string) => {
    const at = heading.indexOf(name);
    if (at >= 0) return at;
    throw new UserError(
      `${file}: there is no column '${name}' among ${heading.length}; expected emotion and the ` +
        `${VECTOR_NAMES.length} features, as deno task features writes them`,
    );
  };
  const emotion = column("emotion");
  const columns = VECTOR_NAMES.map(column);
  const [actor, statement] = ["actor", "statement"].map((name) => heading.indexOf(name));
  if (rows.length === 0) throw new UserError(`${file}: there is no line below the names`);
  const vectors = rows.map(() => new Float32Array(columns.length));
  const words: string[] = [];
  for (const [r, row] of rows.entries()) {
    const where = `${file}: row ${r + 1}`;
    if (row.length !== heading.length) {
      throw new UserError(
        `${where} has ${row.length} cells, and ${heading.length} names stand above`,
      );
    }
    if (row[emotion] === "") throw new UserError(`${where}: the emotion is missing`);
    words.push(row[emotion]);
    for (const [i, at] of columns.entries()) {
      const value = row[at].trim() === "" ? NaN : Math.fround(Number(row[at]));
      if (!Number.isFinite(value)) {
        throw new UserError(
          `${where}: ${VECTOR_NAMES[i]} is '${
            row[at]
          }', expected a finite number; mend the cell or ` +
            "leave the row out",
        );
      }
      vectors[r][i] = value;
    }
  }
  const known = RAVDESS_EMOTIONS.filter((word) => words.includes(word));
  const labels = known.length === new Set(words).size
    ? RAVDESS_EMOTIONS
    : [...new Set(words)].sort(byCodeUnit);
  const clips = rows.map((row, r): Clip => ({
    id: String(r + 1),
    path: `${file}:${r + 1}`,
    label: labels.indexOf(words[r]),
    actor: actorOf(row[actor]),
    statement: row[statement] ? Number(row[statement]) : undefined,
  }));
  const kind = labels === RAVDESS_EMOTIONS ? "ravdess" : "folders";
  const notes = [`features taken from ${basename(file)}`];
  const made = heading.indexOf("synthetic");
  const synthetic = rows.some((row) => row[made] === "yes");
  return { name: basename(file), kind, labels, clips, synthetic, notes, vectors };
}

/** RAVDESS numbers its actors. */
function actorOf(cell: string | undefined): string | number | undefined {
  return cell === undefined || cell === "" ? undefined : /^\d+$/.test(cell) ? Number(cell) : cell;
}

/** Rows of cells (RFC 4180): quoted ones may hold commas, line breaks and doubled quotes. */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (
    const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)
  ) {
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ",") continue;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}
