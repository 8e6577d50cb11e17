/**
 * The programs we are measured beside. Each is installed on demand, from its own registry, into a folder of
 * its own under `.cache/peers`, and is never needed otherwise; its script prints a JSON row a line.
 */
import { UserError } from "../../engine/error.ts";

/** What is computed, by the names of our own rows. */
export interface Work {
  readonly name: string;
  readonly size: string;
  readonly variant: string;
}

/** A row as peers print it. */
export interface PeerRow extends Work {
  readonly device: string;
  readonly seconds: number;
  readonly gflops?: number;
}

export interface Peer {
  readonly name: string;
  /** What it computes on, and ours beside it. */
  readonly device: "cpu" | "gpu";
  /** Groups of works it has. */
  readonly groups: readonly string[];
  /** Makes it ready; throws `UserError` where it is not to be had. `python`: one that may have torch. */
  install(python?: string): Promise<void>;
  /** Runs a group, or those of its `works` that it has, on so many threads. */
  run(group: string, works: readonly Work[], threads: number): Promise<PeerRow[]>;
}

const FOLDER = ".cache/peers";
/** Seconds after which a program is stopped: a group takes a minute or two, a hanging driver for ever. */
const LIMIT = 600;

/** Standard output of a program run to its end, or null where it is missing or fails. */
async function output(
  program: string,
  args: readonly string[],
  { cwd, quiet = false }: { readonly cwd?: string; readonly quiet?: boolean } = {},
): Promise<string | null> {
  const signal = AbortSignal.timeout(LIMIT * 1000);
  try {
    const stderr = quiet ? "null" : "inherit";
    const options: Deno.CommandOptions = { args: [...args], stderr, signal, ...(cwd && { cwd }) };
    const { success, stdout } = await new Deno.Command(program, options).output();
    if (signal.aborted) console.error(`${program}: stopped after ${LIMIT} seconds`);
    return success ? new TextDecoder().decode(stdout) : null;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    if (!quiet) console.error(`${program}: not found`);
    return null;
  }
}

function rowsIn(text: string | null, name: string): PeerRow[] {
  if (text === null) throw new UserError(`${name}: its script failed; it says why above`);
  return text.trim().split("\n").filter((line) => line.startsWith("{")).map((l) => JSON.parse(l));
}

const TORCH = "torch==2.13.0";
const TRANSFORMERS = "transformers==5.23.0";

/** On the CPU, or on a GPU of NVIDIA's or AMD's, which it calls CUDA alike; both share one installation. */
function pytorch(name: string, device: Peer["device"]): Peer {
  const environment = `${FOLDER}/pytorch`;
  let program = `${environment}/bin/python`;
  const runs = async (code: string) =>
    await output(program, ["-c", code], { quiet: true }) !== null;
  async function installed(python?: string): Promise<void> {
    if (python !== undefined) program = python;
    if (await runs(python === undefined ? "import torch, transformers" : "import torch")) return;
    if (python !== undefined) throw new UserError(`${name}: ${python} has no torch`);
    console.log(`installing ${TORCH} into ${environment}…`);
    const made = await output("python3", ["-m", "venv", environment]);
    const pip = ["-m", "pip", "install", "-q", TORCH, TRANSFORMERS, "numpy"];
    if (made === null || await output(program, pip) === null) {
      throw new UserError(`${name}: not to be had here (needs python3 with venv, and PyPI)`);
    }
  }
  return {
    name,
    device,
    groups: ["matmul", "conv2d", "conv1d", "attention", "fft", "steps", "wav2vec2"],
    async install(python) {
      await installed(python);
      if (device === "cpu" || await runs("import torch; assert torch.cuda.is_available()")) return;
      throw new UserError(`${name}: left out, torch.cuda is not available with ${program}`);
    },
    async run(group, _, threads) {
      const where = device === "cpu" ? `${threads}` : "cuda";
      return rowsIn(await output(program, ["bench/peers/pytorch.py", where, group]), name);
    },
  };
}

interface NpmPeer {
  readonly name: string;
  /** Under Node on the CPU, under Deno, which has WebGPU, on a GPU. */
  readonly device: Peer["device"];
  /** Its files; the first one is run. */
  readonly files: readonly string[];
  readonly args?: readonly string[];
  readonly packages: readonly string[];
}

/** A package of npm, installed into a folder of its own, where its script runs. */
function fromNpm({ name, device, files, args = [], packages }: NpmPeer): Peer {
  const cwd = `${FOLDER}/${name}`;
  // Its folder's packages are all it sees: the project's own settings stay aside.
  const sandbox = ["--no-prompt", "--no-config", "--node-modules-dir=manual", "--allow-read=."];
  return {
    name,
    device,
    groups: ["matmul", "conv2d"],
    async install() {
      await Deno.mkdir(cwd, { recursive: true });
      for (const file of [...files, "works.mjs"]) {
        await Deno.copyFile(`bench/peers/${file}`, `${cwd}/${file}`);
      }
      const wanted = JSON.stringify({ private: true, packages });
      const marker = `${cwd}/installed.json`;
      if (await Deno.readTextFile(marker).catch(() => "") === wanted) return;
      console.log(`installing ${packages.join(", ")} into ${cwd}…`);
      await Deno.writeTextFile(`${cwd}/package.json`, wanted);
      // Install scripts only fetch what a CPU does not need.
      const flags = [
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--fetch-retries=0",
      ];
      if (await output("npm", [...flags, ...packages], { cwd }) === null) {
        throw new UserError(`${name}: not to be had here (needs node, npm and its registry)`);
      }
      await Deno.writeTextFile(marker, wanted);
    },
    async run(_, works, threads) {
      const own = works.filter((work) => work.name === "matmul" || work.name === "conv2d");
      const call = [files[0], `${threads}`, JSON.stringify(own), ...args];
      const text = device === "cpu"
        ? await output("node", call, { cwd })
        : await output("deno", ["run", ...sandbox, "--allow-env", ...call], { cwd });
      return rowsIn(text, name);
    },
  };
}

const TFJS = ["@tensorflow/tfjs-core@4.22.0", "@tensorflow/tfjs-backend-cpu@4.22.0"];
const JAX = { files: ["jax.mjs"], packages: ["@jax-js/jax@0.1.25"] };

export const PEERS: readonly Peer[] = [
  pytorch("pytorch", "cpu"),
  fromNpm({
    name: "onnxruntime-node",
    device: "cpu",
    files: ["onnxruntime.mjs"],
    packages: ["onnxruntime-node@1.30.0"],
  }),
  fromNpm({
    name: "tfjs",
    device: "cpu",
    files: ["tfjs.mjs", "tfjs_works.mjs"],
    packages: [...TFJS, "@tensorflow/tfjs-backend-wasm@4.22.0"],
  }),
  fromNpm({
    name: "tfjs-webgpu",
    device: "gpu",
    files: ["tfjs_webgpu.mjs", "tfjs_works.mjs"],
    packages: [...TFJS, "@tensorflow/tfjs-backend-webgpu@4.22.0"],
  }),
  fromNpm({ name: "jax-js", device: "cpu", ...JAX, args: ["wasm"] }),
  pytorch("pytorch-cuda", "gpu"),
  fromNpm({ name: "jax-js-webgpu", device: "gpu", ...JAX, args: ["webgpu"] }),
];
