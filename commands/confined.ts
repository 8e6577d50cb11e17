/**
 * Commands that open strangers' files work inside a Worker that may read the files named on the command
 * line, the model and the program's own parts, and may write, start, fetch and ask for nothing. What
 * they make comes back here, to be written where `--out` and the like say; nothing of a named file is
 * opened on this side, and a file that is written over is touched in one step at the very end.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fileError, replaceFile, tryWriting } from "../report/files.ts";
import { UserError } from "../engine/error.ts";
import { type DecoderWanted, startDecoder } from "./confined_decoder.ts";
import type { Answer, Confined, Reply } from "./confined_answer.ts";
import { Told } from "./words/failure.ts";

/** What Workers of the program load, its kernels, what a tuner left, and the shipped model. */
const OWN = ["engine/", "features/", ".build/", ".cache/timbre/tuning/", "models/pretrained/"]
  .map((path) => fileURLToPath(new URL(`../${path}`, import.meta.url)));

/** Where a model is looked for that nobody named. */
const RUNS = "runs";

/**
 * Does what was asked, and writes or prints what comes of it. The Worker is left for the end of the
 * process, which must be called for: one that is torn down while its process ends can crash a driver.
 */
export async function runConfined(invocation: Confined): Promise<void> {
  const target = await targetOf(invocation);
  if (target !== undefined) await tryWriting(target, keptBy(invocation));
  const script = new URL("./confined_worker.ts", import.meta.url);
  const inside = new Confinement(script, { read: namedBy(invocation) });
  const { content, said, problem } = answerOf(await inside.ask(invocation) as Reply);
  if (content !== undefined) {
    if (target === undefined) await print(content);
    else await replaceFile(target, content);
  }
  if (said) console.error(said);
  if (problem !== undefined) throw new UserError(problem);
}

/**
 * A Worker that may read some files and folders, the program's own parts, and nothing else. One that
 * decodes compressed audio stands beside it when it asks for that.
 */
export class Confinement implements Disposable {
  readonly #worker: Worker;
  readonly #decoders: Worker[] = [];

  /** @param script the module that it is; `commands/confined_worker.ts` but for tests */
  constructor(script: URL, { read }: { readonly read: readonly string[] }) {
    this.#worker = new Worker(script, {
      type: "module",
      deno: { permissions: mayRead([...OWN, ...read]) },
    });
  }

  /** The reply to a message, one at a time; rejects where the Worker breaks. */
  ask(message: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#worker.onmessage = ({ data, ports }: MessageEvent<unknown>) => {
        if (ports.length === 0) return resolve(data);
        this.#decoders.push(startDecoder(data as DecoderWanted, mayRead(OWN)));
      };
      this.#worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(event.message));
      };
      this.#worker.postMessage(message);
    });
  }

  [Symbol.dispose](): void {
    for (const worker of [this.#worker, ...this.#decoders]) worker.terminate();
  }
}

function mayRead(read: string[]): Deno.PermissionOptionsObject {
  const nothing = { env: false, ffi: false, import: false, net: false, run: false, sys: false };
  return { ...nothing, write: false, read };
}

/** Files and folders that the words name, or stand for where they name none. */
export function namedBy({ command, options }: Confined): string[] {
  switch (command) {
    case "predict":
      return [...options.files, ...modelOf(options.run)];
    case "timeline":
      return [options.file, ...modelOf(options.run)];
    case "subtitle":
      return [options.audio, options.subtitles, ...modelOf(options.run)];
    case "listen":
      return modelOf(options.run);
    case "braille":
      return [options.file];
    case "embed":
      return [options.weights, ...options.files];
  }
}

/** What the answer must not be written over: what was named, but for subtitles with `--in-place`. */
function keptBy(invocation: Confined): string[] {
  const { command, options } = invocation;
  if (command === "subtitle" && options.inPlace) return [options.audio];
  // the folder of all runs is a place to write to
  return namedBy(invocation).filter((path) => path !== RUNS);
}

function modelOf(run: string | undefined): string[] {
  if (run === undefined) return [RUNS];
  // a fine-tuned Wav2Vec2 lies beside the file that tells of it
  return run.endsWith(".safetensors") ? [run, join(dirname(run), "huggingface")] : [run];
}

/** The file to write, if one was asked for. */
async function targetOf({ command, options }: Confined): Promise<string | undefined> {
  switch (command) {
    case "timeline":
      return options.html;
    case "subtitle":
      if (!options.inPlace) return options.out;
      // over what a link points at, not over the link
      return await Deno.realPath(options.subtitles).catch((error) => {
        throw fileError(error, "read", options.subtitles);
      });
    case "braille":
    case "embed":
      return options.out;
    default:
      return undefined;
  }
}

function answerOf(reply: Reply): Answer {
  if ("answer" in reply) return reply.answer;
  if ("gone" in reply) throw new Deno.errors.BrokenPipe();
  throw new Told(reply.failure, reply.stack);
}

async function print(content: string | Uint8Array): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  for (let done = 0; done < bytes.length;) done += await Deno.stdout.write(bytes.subarray(done));
}
