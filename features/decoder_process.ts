/**
 * Decodes compressed audio in a child process, for commands that run without WebAssembly bounds checks.
 * The child is started at the first file, ends with this object, and is replaced when it crashes: the
 * crash costs the file that it had in hand. One file at a time.
 */
import { fileURLToPath } from "node:url";
import { UserError } from "../engine/error.ts";
import { DecoderUnavailable } from "./audio.ts";
import type { CompressedFormat } from "./format.ts";
import { encodeRequest, ExactReader, readReply } from "./decode_protocol.ts";
import type { CompressedDecoder } from "./decoder.ts";
import type { Audio } from "./wav.ts";

interface Child {
  process: Deno.ChildProcess;
  input: WritableStreamDefaultWriter<Uint8Array>;
  output: ExactReader;
}

/** All that the child's own Worker must load, as a list for --allow-read. */
const SOURCES = [".", "../engine/error.ts"]
  .map((path) => fileURLToPath(new URL(path, import.meta.url)).replaceAll(",", ",,"))
  .join(",");

export class ProcessDecoder implements CompressedDecoder {
  #child: Child | undefined;
  readonly #script: string;

  /** @param script the child to run, for tests of children that crash */
  constructor({ script = new URL("./decode_child.ts", import.meta.url) }: { script?: URL } = {}) {
    this.#script = script.href;
  }

  async decode(bytes: Uint8Array<ArrayBuffer>, format: CompressedFormat): Promise<Audio> {
    this.#child ??= start(this.#script);
    const { input, output } = this.#child;
    // A dying child breaks the write; the missing reply tells of it.
    const written = input.write(encodeRequest({ bytes, format })).catch(() => {});
    const reply = await readReply(output);
    await written;
    if (!reply) {
      const { code } = await this.#child.process.status;
      this.#child = undefined;
      throw new UserError(
        `broken ${format.toUpperCase()}: the decoding process ended with it (code ${code})`,
      );
    }
    if ("problem" in reply) throw new UserError(reply.problem);
    return reply;
  }

  [Symbol.dispose](): void {
    this.#child?.input.close().catch(() => {});
    this.#child = undefined;
  }
}

function start(script: string): Child {
  try {
    const process = new Deno.Command("deno", {
      args: ["run", "--quiet", "--no-prompt", `--allow-read=${SOURCES}`, script],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    return {
      process,
      input: process.stdin.getWriter(),
      output: new ExactReader(process.stdout),
    };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new DecoderUnavailable(
        'compressed audio is decoded by a second "deno", which is not on the PATH: add it, or use WAV files',
      );
    }
    if (error instanceof Deno.errors.NotCapable) {
      throw new DecoderUnavailable(
        "compressed audio is decoded by a second deno process: allow it with --allow-run=deno, or use WAV files",
      );
    }
    throw error;
  }
}
