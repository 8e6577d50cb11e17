import assert from "node:assert/strict";
import { resultsTable, tableIn } from "../docs/results_table.ts";

const text = (path: string) => Deno.readTextFile(new URL(`../${path}`, import.meta.url));

/** Cells without the blanks that align them. */
function cells(table: string): string[][] {
  return table.split("\n").map((line) =>
    line.split("|").map((cell) => cell.trim().replace(/^-+$/, "---"))
  );
}

Deno.test("the README's table of results is what was measured", async () => {
  const measured = resultsTable(JSON.parse(await text("results/reproduction.json")));
  assert.deepEqual(cells(tableIn(await text("README.md"))), cells(measured));
});
