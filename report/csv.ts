/**
 * Tables as CSV (RFC 4180), for spreadsheets and pandas alike. Whatever a name holds, each cell stays
 * one cell, and none is a formula: a text that a spreadsheet would take for one gets a quote before it.
 */

/** Null is an empty cell. */
export type Cell = string | number | null;

/** Lines of comma-separated cells, each with its end. */
export function csvOf(rows: readonly (readonly Cell[])[]): string {
  return rows.map((cells) => `${cells.map(written).join(",")}\r\n`).join("");
}

function written(value: Cell): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
