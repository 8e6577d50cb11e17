/** What `bench/gpu.sh` runs where there is no package: nothing of it may lean on npm. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { EpochResults } from "../../bench/epoch.ts";
import type { BenchResults } from "../../bench/results.ts";

async function run(words: string) {
  const flags = ["--no-npm", "--no-prompt", "--allow-read", "--allow-write"];
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["run", ...flags, "commands/gpu.ts", ...words.split(" ")],
    env: { NO_COLOR: "1" },
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr).trim() };
}

Deno.test("the GPU script's program times epochs without any package, and writes them", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "epochs.json");
  const { code, stderr } = await run(
    `epochs mlp --device cpu --epochs 2 --precision f16 --json ${file}`,
  );
  assert.equal(code, 0, stderr);
  const found: EpochResults = JSON.parse(await Deno.readTextFile(file));
  assert.deepEqual([found.system, found.precision], ["mlp", "f16"]);
  assert.equal(found.seconds.length, 2);
  assert.ok(found.seconds.every((seconds) => seconds > 0));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("it benches in the precision it is told", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "bench.json");
  const { code, stderr } = await run(`bench reduce --device cpu --precision f16 --json ${file}`);
  assert.equal(code, 0, stderr);
  const { rows }: BenchResults = JSON.parse(await Deno.readTextFile(file));
  assert.ok(rows.length > 0 && rows.every(({ precision }) => precision === "f16"));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("it says in one line what it does not know", async () => {
  const halves = "epochs mlp --precision zebra";
  for (const words of ["ladder zebra", "bench zebra", "epochs zebra", halves, "zebra"]) {
    const { code, stderr } = await run(words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^timbre: .*zebra.*$/);
  }
});
