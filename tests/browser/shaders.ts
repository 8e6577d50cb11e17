/**
 * Every shader through a second compiler, a browser's (Tint, in Chromium), which holds to the standard where
 * Deno's is lax: uniform control flow at barriers, parentheses.
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { BENCH_SHADERS } from "../../bench/shaders.ts";
import { parseShader, shaderSource } from "../../engine/webgpu/shaders.ts";
import { visit } from "./browser.ts";

/** Seconds it may take. */
const PATIENCE = 90;

/** What the page runs: it compiles what it is given, and posts what the compiler says. */
const PAGE = `<script type="module">
const told = { fatal: null, features: [], errors: [] };
try {
  const adapter = await navigator.gpu?.requestAdapter();
  if (!adapter) throw new Error("no WebGPU adapter");
  told.features = [...adapter.features];
  const requiredFeatures = ["shader-f16", "subgroups"].filter((f) => adapter.features.has(f));
  const device = await adapter.requestDevice({ requiredFeatures });
  for (const { name, code } of await (await fetch("/shaders")).json()) {
    const { messages } = await device.createShaderModule({ code }).getCompilationInfo();
    const error = messages.find(({ type }) => type === "error");
    if (error) told.errors.push({ name, message: error.message, line: code.split("\\n")[error.lineNum - 1] });
  }
} catch (error) {
  told.fatal = String(error);
}
await fetch("/told", { method: "POST", body: JSON.stringify(told) });
</script>`;

interface Told {
  readonly fatal: string | null;
  readonly features: readonly string[];
  readonly errors: readonly { name: string; message: string; line: string }[];
}

interface Shader {
  readonly name: string;
  readonly code: string;
}

/** The engine's shaders, those for devices with subgroups apart, and the ladders'. */
function allShaders(): Shader[] {
  const folder = fileURLToPath(new URL("../../shaders", import.meta.url));
  const own = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile)
    .map(({ name }) => name.replace(/\.wgsl$/, "")).filter((name) => name !== "prelude");
  return [
    ...own.map((name) => ({ name, code: shaderSource(name).code })),
    ...own.map((name) => ({
      name: `${name}, subgroups`,
      code: `enable subgroups;\n${shaderSource(name, true).code}`,
    })),
    ...Object.entries(BENCH_SHADERS).map(([name, text]) => {
      const { code } = parseShader(name, text);
      return { name, code: /\bsubgroup[A-Z]/.test(code) ? `enable subgroups;\n${code}` : code };
    }),
  ];
}

async function askBrowser(shaders: readonly Shader[]): Promise<Told> {
  const files = { "/shaders": () => Response.json(shaders) };
  return await visit<Told>({ html: PAGE, files, patience: PATIENCE });
}

Deno.test("every shader compiles in a browser, but those that need what its adapter has not", async () => {
  const shaders = allShaders();
  const { fatal, features, errors } = await askBrowser(shaders);
  assert.equal(fatal, null);
  const lacks = (code: string) =>
    code.includes("enable wgpu_cooperative_matrix;") ||
    code.includes("enable f16;") && !features.includes("shader-f16") ||
    code.includes("enable subgroups;") && !features.includes("subgroups");
  const refused = new Set(shaders.filter(({ code }) => lacks(code)).map(({ name }) => name));
  assert.deepEqual(errors.filter(({ name }) => !refused.has(name)), []);
  console.log(
    `${shaders.length - refused.size} compiled, ${refused.size} ask for more than there is`,
  );
});
