/**
 * A Python of our own with pinned PyTorch and transformers from PyPI, made on demand under `.cache` and
 * found again there. Nothing but `deno task test:transformers` needs it.
 */
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../../.cache/transformers", import.meta.url));
const PACKAGES = { torch: "2.13.0", transformers: "5.23.0" } as const;
const PYTHON = `${FOLDER}/bin/python`;

/** Whether there is a Python to make the environment with. */
export async function hasPython(): Promise<boolean> {
  return await ran("python3", ["--version"]) !== null;
}

/** The environment's interpreter; installs what is missing, and says so. Throws where it cannot be had. */
export async function python(): Promise<string> {
  if (await ran(PYTHON, ["-c", HELD])) return PYTHON;
  const began = performance.now();
  const wanted = Object.entries(PACKAGES).map(([name, version]) => `${name}==${version}`);
  console.log(`installing ${wanted.join(" and ")} into ${FOLDER}…`);
  await must("python3", ["-m", "venv", "--clear", FOLDER]);
  // Without byte-compiling: of what is installed little is imported.
  const options = ["--quiet", "--no-compile", "--disable-pip-version-check"];
  await must(PYTHON, ["-m", "pip", "install", ...options, ...wanted]);
  console.log(`installed in ${Math.round((performance.now() - began) / 1000)} s`);
  return PYTHON;
}

/** Looks at the versions alone: to import both takes seconds. A local build's `+cpu` is the same version. */
const HELD = `
from importlib.metadata import version
for name, wanted in ${JSON.stringify(PACKAGES)}.items():
    assert version(name).split("+")[0] == wanted
print("held")
`;

/** Standard output of a program; null where it is missing or fails. */
async function ran(program: string, args: readonly string[]): Promise<string | null> {
  try {
    const { success, stdout } = await new Deno.Command(program, { args: [...args], stderr: "null" })
      .output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function must(program: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(program, {
    ...{ args: [...args], stdout: "inherit", stderr: "inherit" },
  }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")} failed; it says why above`);
}
