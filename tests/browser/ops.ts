/**
 * Every op case on a second implementation of WebGPU, a browser's (Dawn and Tint, in Chromium, on SwiftShader):
 * forward and backward against the float64 reference, with the kernels for real GPUs, as `real_gpu_test.ts` has
 * them on Deno's. SwiftShader has neither f16 nor subgroups, and what wants them is not run here. Two browsers
 * share the families, since each compiles on one core: it is compiling that takes the time.
 */
import assert from "node:assert/strict";
import { loadFamilies } from "../engine/ops/families.ts";
import { visit } from "./browser.ts";
import type { Told } from "./ops_page.ts";

const BROWSERS = 2;
/** Seconds they may take. */
const PATIENCE = 300;

/** A minute alone: 65,537 products of 1×2 by 2×3, each in a tile of 64×64. */
const TOO_LONG = ["matmul: matmul of [65537,1,2] and [65537,2,3], forwardOnly"];

/** It posts what a program says that fails while it loads, too: what asks for Deno, say. */
const PAGE = `<script>
onerror = (what) => {
  fetch("/told", { method: "POST", body: JSON.stringify({ fatal: what, ran: [], errors: {} }) });
};
</script>
<script type="module" src="/program.js"></script>`;

/** The page's program as one file: every family, and what checks them. */
async function bundle(families: readonly string[]): Promise<string> {
  const here = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  const lines = [
    ...families.map((f) => `import { cases as ${f} } from ${here(`../engine/ops/${f}_cases.ts`)};`),
    `import { checkFamilies } from ${here("ops_page.ts")};`,
    `await checkFamilies({ ${families.join(", ")} }, ${JSON.stringify(TOO_LONG)});`,
  ];
  try {
    await Deno.writeTextFile(entry, lines.join("\n"));
    const { success, stdout, stderr } = await new Deno.Command("deno", {
      args: ["bundle", "--quiet", "--platform=browser", "--no-config", "--no-lock", entry],
    }).output();
    const text = new TextDecoder();
    if (!success) throw new Error(`deno bundle: ${text.decode(stderr)}`);
    return text.decode(stdout);
  } finally {
    await Deno.remove(entry);
  }
}

Deno.test("every op is right in a browser", async () => {
  const families = await loadFamilies();
  const names = families.map(([family]) => family);
  const program = await bundle(names);
  const queue = [...names];
  const page = {
    html: PAGE,
    files: {
      "/program.js": () =>
        new Response(program, { headers: { "content-type": "text/javascript" } }),
      "/next": () => new Response(queue.shift() ?? ""),
    },
    patience: PATIENCE,
  };
  const told = await Promise.all(Array.from({ length: BROWSERS }, () => visit<Told>(page)));
  assert.deepEqual(told.map(({ fatal }) => fatal), told.map(() => null));
  assert.deepEqual(Object.assign({}, ...told.map(({ errors }) => errors)), {});
  const ran = new Set(told.flatMap((one) => one.ran));
  const all = families.flatMap(([family, cases]) => cases.map((c) => `${family}: ${c.name}`));
  assert.deepEqual(all.filter((name) => !ran.has(name)), TOO_LONG);
  console.log(`${ran.size} cases ran`);
});
