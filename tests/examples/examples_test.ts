import assert from "node:assert/strict";
import { run as spiral } from "../../examples/spiral.ts";
import { run as xor } from "../../examples/xor.ts";

const silent = () => {};

Deno.test("xor is learned whole", async () => {
  assert.equal(await xor(silent), 4);
});

Deno.test("the spiral is learned: 98 % of points it has not seen", async () => {
  const lines: string[] = [];
  const accuracy = await spiral((line) => lines.push(line));
  assert.ok(accuracy >= 0.98, `${accuracy}`);
  const map = lines.find((line) => line.includes("\n")) ?? "";
  for (const letter of "·ox") assert.ok(map.includes(letter), `no place for arm ${letter}`);
});

Deno.test("examples know the engine by its public surface alone", async () => {
  const folder = new URL("../../examples/", import.meta.url);
  for await (const { name } of Deno.readDir(folder)) {
    const text = await Deno.readTextFile(new URL(name, folder));
    const imports = [...text.matchAll(/from "([^"]+)"/g)].map(([, path]) => path);
    assert.deepEqual(imports, ["../engine/mod.ts"], name);
  }
});
