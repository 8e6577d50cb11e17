/**
 * The programs we are measured beside. Each is installed on demand, from its own registry, into a folder of
 * its own under `.cache/peers`, and is never needed otherwise; its script prints a JSON row a line.
 */
import { UserError } from "../../engine/error.ts";

/** A row as peers print it. */
export interface PeerRow {
  readonly name: string;
  readonly size: string;
  readonly variant: string;
  readonly seconds: number;
}

export interface Peer {
  readonly name: string;
  /** Groups of works it has. */
  readonly groups: readonly string[];
  /** Makes it ready; throws `UserError` where it is not to be had. */
  install(program?: string): Promise<void>;
  /** Runs one group on so many threads. */
  run(group: string, threads: number): Promise<PeerRow[]>;
}

const FOLDER = ".cache/peers";

/** Standard output of a program run to its end, or null where it is missing or fails. */
async function output(
  program: string,
  args: readonly string[],
  cwd?: string,
): Promise<string | null> {
  try {
    const options = { args: [...args], stderr: "inherit" as const, ...(cwd && { cwd }) };
    const { success, stdout } = await new Deno.Command(program, options).output();
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function rowsIn(text: string | null, name: string): PeerRow[] {
  if (text === null) throw new UserError(`${name}: its script failed; it says why above`);
  return text.trim().split("\n").filter((line) => line.startsWith("{")).map((l) => JSON.parse(l));
}

const TORCH = "torch==2.13.0";
const TRANSFORMERS = "transformers==5.23.0";

function pytorch(): Peer {
  const environment = `${FOLDER}/pytorch`;
  let python = `${environment}/bin/python`;
  return {
    name: "pytorch",
    groups: ["matmul", "conv2d", "conv1d", "attention", "fft", "steps", "wav2vec2"],
    async install(program) {
      if (program !== undefined) python = program;
      const needed = program === undefined ? "import torch, transformers" : "import torch";
      if (await output(python, ["-c", needed]) !== null) return;
      if (program !== undefined) throw new UserError(`pytorch: ${program} has no torch`);
      console.log(`installing ${TORCH} into ${environment}…`);
      const made = await output("python3", ["-m", "venv", environment]);
      const pip = ["-m", "pip", "install", "-q", TORCH, TRANSFORMERS, "numpy"];
      if (made === null || await output(python, pip) === null) {
        throw new UserError("pytorch: not to be had here (needs python3 with venv, and PyPI)");
      }
    },
    run: async (group, threads) =>
      rowsIn(await output(python, ["bench/peers/pytorch.py", `${threads}`, group]), "pytorch"),
  };
}

/** A package of npm whose script runs under Node in the folder where it is installed. */
function fromNpm(name: string, script: string, packages: readonly string[]): Peer {
  const folder = `${FOLDER}/${name}`;
  let rows: PeerRow[] | null = null; // its script prints all groups at once
  return {
    name,
    groups: ["matmul", "conv2d"],
    async install() {
      await Deno.mkdir(folder, { recursive: true });
      for (const file of [script, "works.mjs"]) {
        await Deno.copyFile(`bench/peers/${file}`, `${folder}/${file}`);
      }
      const wanted = JSON.stringify({ private: true, packages });
      const marker = `${folder}/installed.json`;
      if (await Deno.readTextFile(marker).catch(() => "") === wanted) return;
      console.log(`installing ${packages.join(", ")} into ${folder}…`);
      await Deno.writeTextFile(`${folder}/package.json`, wanted);
      // Install scripts only fetch what a CPU does not need.
      const flags = ["install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"];
      if (await output("npm", [...flags, ...packages], folder) === null) {
        throw new UserError(`${name}: not to be had here (needs node, npm and its registry)`);
      }
      await Deno.writeTextFile(marker, wanted);
    },
    async run(group, threads) {
      rows ??= rowsIn(await output("node", [script, `${threads}`], folder), name);
      const own = rows.filter((row) => row.name === group);
      if (own.length > 0 && group === "conv2d") rows = null; // the next round measures anew
      return own;
    },
  };
}

export const PEERS: readonly Peer[] = [
  pytorch(),
  fromNpm("onnxruntime-node", "onnxruntime.mjs", ["onnxruntime-node@1.30.0"]),
  fromNpm("tfjs", "tfjs.mjs", [
    "@tensorflow/tfjs-core@4.22.0",
    "@tensorflow/tfjs-backend-wasm@4.22.0",
    "@tensorflow/tfjs-backend-cpu@4.22.0",
  ]),
  fromNpm("jax-js", "jax.mjs", ["@jax-js/jax@0.1.25"]),
];
