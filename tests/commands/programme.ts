/**
 * Runs the program as its tasks do: a child process with a task's own permissions and flags, in a
 * folder of its own. What a test asks for beside that goes through a module loaded first.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeSyntheticCorpus } from "../../features/corpus/synthetic.ts";
import configuration from "../../deno.json" with { type: "json" };

const root = new URL("../../", import.meta.url);
const cli = fileURLToPath(new URL("cli.ts", root));
const places = fileURLToPath(new URL(".build/e2e", root));

export type TaskName =
  | "train"
  | "evaluate"
  | "reproduce"
  | "predict"
  | "embed"
  | "timeline"
  | "subtitle"
  | "braille"
  | "listen"
  | "features"
  | "data"
  | "weights"
  | "devices"
  | "bench"
  | "tour"
  | "example"
  | "gradcheck"
  | "trace";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The last line on stderr, where the program says how it failed. */
  readonly lastLine: string;
}

export interface RunOptions {
  /** Arguments of `deno run` in place of the task's, for the sake of refused permissions. */
  readonly flags?: readonly string[];
  /** A module of tests/commands/hooks that is loaded before the program. */
  readonly hook?: string;
  /** Beside the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder it runs in (default: that of the tests). */
  readonly cwd?: string;
  /** What comes in on standard input; nothing by default. */
  readonly stdin?: Uint8Array<ArrayBuffer>;
  /** Sends Ctrl-C as soon as stderr matches. */
  readonly interruptAt?: RegExp;
}

/** It did what it was asked. */
export function ended({ code, stderr }: Outcome): void {
  assert.equal(code, 0, stderr);
}

/** It said in one line what was wrong, and nothing of how. */
export function refused({ code, stderr, lastLine }: Outcome, line: RegExp): void {
  assert.match(lastLine, /^timbre: /, stderr);
  assert.match(lastLine.slice("timbre: ".length), line);
  assert.equal(code, 2, stderr);
  assert.ok(!/\n\s+at |unexpected/.test(stderr), stderr);
}

/** The flags a task of deno.json gives to `deno run`. */
export function flagsOf(task: TaskName): string[] {
  const words = configuration.tasks[task].command.split(" ");
  return words.slice(words.indexOf("run") + 1, words.indexOf("cli.ts"));
}

/** `--data` of the voices that all tests share: beside every workplace, five speakers of 32 clips. */
export const VOICES = "../voices";

/** A folder for a test's runs, removed in the end. The voices stay for the next test. */
export class Workplace implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async open(): Promise<Workplace> {
    await Deno.mkdir(places, { recursive: true });
    const path = await Deno.makeTempDir({ dir: places, prefix: "run-" });
    await makeSyntheticCorpus(join(path, VOICES), { seed: 1, speakers: 5 });
    return new Workplace(path);
  }

  file(...names: string[]): string {
    return join(this.path, ...names);
  }

  async text(...names: string[]): Promise<string> {
    return await Deno.readTextFile(this.file(...names));
  }

  async names(...folder: string[]): Promise<string[]> {
    const entries = await Array.fromAsync(Deno.readDir(this.file(...folder)));
    return entries.map(({ name }) => name).sort();
  }

  /** Runs a task in this folder; its words may not hold spaces. */
  async run(words: string, options: RunOptions = {}): Promise<Outcome> {
    return await runProgramme(words.split(" "), { cwd: this.path, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

/** Runs a task with its words; `options.cwd` is where. */
export async function runProgramme(
  [task, ...rest]: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  const { flags = flagsOf(task as TaskName), hook, interruptAt, env, cwd, stdin } = options;
  const preload = hook
    ? [`--preload=${fileURLToPath(new URL(`hooks/${hook}.ts`, import.meta.url))}`]
    : [];
  const child = new Deno.Command("deno", {
    args: ["run", "--quiet", "--no-check", ...flags, ...preload, cli, task, ...rest],
    ...(env && { env }),
    ...(cwd !== undefined && { cwd }),
    stdin: stdin ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const written = stdin
    // a child that ends early breaks the pipe, and says why on stderr
    ? new Blob([stdin]).stream().pipeTo(child.stdin).catch(() => {})
    : undefined;
  const [stdout, stderr, { code }] = await Promise.all([
    new Response(child.stdout).text(),
    watch(child, interruptAt),
    child.status,
    written,
  ]);
  return { code, stdout, stderr, lastLine: stderr.trimEnd().split("\n").at(-1) ?? "" };
}

async function watch(child: Deno.ChildProcess, interruptAt?: RegExp): Promise<string> {
  let text = "";
  let sent = false;
  for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (!sent && interruptAt?.test(text)) {
      sent = true;
      child.kill("SIGINT");
    }
  }
  return text;
}
