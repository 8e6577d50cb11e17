/**
 * Compiles `kernels/*.ts` (AssemblyScript) into one WebAssembly module of CPU kernels.
 * Skipped when sources, compiler and flags are those of the last build.
 * A kernel source says `// @inline` for AssemblyScript's decorator, which the formatter would
 * delete from a function; it is put back here.
 */
import asc from "assemblyscript/asc";

const sources = new URL("./kernels/", import.meta.url);
const output = new URL("../../.build/", import.meta.url);
const flags = [
  "index.ts",
  "--outFile",
  "kernels.wasm",
  "-O3",
  "--converge",
  "--runtime",
  "stub",
  "--enable",
  "simd,relaxed-simd,threads",
  "--importMemory",
  "--sharedMemory",
  "--initialMemory",
  "256",
  "--maximumMemory",
  "65536",
  "--noAssert",
];

async function readSources(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (const entry of Deno.readDir(sources)) {
    if (entry.name.endsWith(".ts")) {
      const text = await Deno.readTextFile(new URL(entry.name, sources));
      files.set(entry.name, text.replace(/^\/\/ @inline$/gm, "@inline"));
    }
  }
  return new Map([...files].sort(([a], [b]) => a < b ? -1 : 1));
}

async function fingerprint(files: Map<string, string>): Promise<string> {
  const config = await Deno.readTextFile(new URL("../../deno.json", import.meta.url));
  const compiler = JSON.parse(config).imports.assemblyscript;
  const text = JSON.stringify([compiler, flags, [...files]]);
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

async function readText(url: URL): Promise<string> {
  try {
    return await Deno.readTextFile(url);
  } catch {
    return "";
  }
}

const files = await readSources();
const key = await fingerprint(files);
const keyFile = new URL("kernels.key", output);
if (await readText(keyFile) !== key) {
  console.error("compiling the CPU kernels (once)…");
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(flags, {
    readFile: (name) => files.get(name) ?? null,
    writeFile: (name, contents) => {
      if (name.endsWith(".wasm") && typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) {
    console.error(stderr.toString());
    console.error("the CPU kernels do not compile");
    Deno.exit(1);
  }
  await Deno.mkdir(output, { recursive: true });
  await Deno.writeFile(new URL("kernels.wasm.new", output), binary);
  await Deno.rename(new URL("kernels.wasm.new", output), new URL("kernels.wasm", output));
  await Deno.writeTextFile(keyFile, key);
}
