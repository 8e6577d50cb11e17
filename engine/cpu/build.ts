/**
 * Compiles `kernels/*.ts` (AssemblyScript) into one WebAssembly module of CPU kernels; given a folder, the
 * kernels of that folder's `kernels.ts` into `.build/NAME.wasm`, NAME being the folder's. Skipped when
 * sources, compiler and flags are those of the last build.
 * A kernel source says `// @inline` for AssemblyScript's decorator, which the formatter would
 * delete from a function; it is put back here.
 */
const OWN = "engine/cpu/kernels/";

const root = new URL("../../", import.meta.url);
const output = new URL(".build/", root);
const [folder] = Deno.args;
const name = folder === undefined ? "kernels" : folder.split("/").at(-1)!;
const folders = folder === undefined ? [OWN] : [OWN, `${folder}/`];
const flags = [
  folder === undefined ? `${OWN}index.ts` : `${folder}/kernels.ts`,
  "--outFile",
  `${name}.wasm`,
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

/** Sources by their path from the root, of folders and the folders in them. */
async function readSources(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const read = async (folder: string) => {
    for await (const entry of Deno.readDir(new URL(folder, root))) {
      const path = folder + entry.name;
      if (entry.isDirectory) await read(`${path}/`);
      else if (path.endsWith(".ts")) {
        const text = await Deno.readTextFile(new URL(path, root));
        files.set(path, text.replace(/^\/\/ @inline$/gm, "@inline"));
      }
    }
  };
  for (const folder of folders) await read(folder);
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
const keyFile = new URL(`${name}.key`, output);
if (await readText(keyFile) !== key) {
  console.error(`compiling the CPU kernels${folder ? ` of ${folder}` : ""} (once)…`);
  // Slower to load than all the rest, and not to be had where built kernels were carried.
  const { default: asc } = await import("assemblyscript/asc");
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(flags, {
    readFile: (path) => files.get(path) ?? null,
    writeFile: (path, contents) => {
      if (path.endsWith(".wasm") && typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) {
    console.error(stderr.toString());
    console.error("the CPU kernels do not compile");
    Deno.exit(1);
  }
  await Deno.mkdir(output, { recursive: true });
  await Deno.writeFile(new URL(`${name}.wasm.new`, output), binary);
  await Deno.rename(new URL(`${name}.wasm.new`, output), new URL(`${name}.wasm`, output));
  await Deno.writeTextFile(keyFile, key);
}
