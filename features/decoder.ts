/**
 * Who decodes compressed audio for readAudio: a guarded Worker here, or one in a child process.
 * Both answer within a time limit whatever the file holds; a decoder that crashes or hangs costs its own
 * file and is replaced. One file at a time each.
 */
import { UserError } from "../engine/error.ts";
import type { CompressedFormat } from "./compressed.ts";
import type { DecodeReply, DecodeRequest, PieceRequest } from "./decode_worker.ts";
import type { Audio } from "./wav.ts";

export interface CompressedDecoder extends Disposable {
  /** @throws UserError what is wrong with the file, without its name */
  decode(bytes: Uint8Array<ArrayBuffer>, format: CompressedFormat): Promise<Audio>;
}

const TIME_LIMIT_MS = 30_000;

/**
 * Decodes in a Worker of this process. Only for processes that keep WebAssembly's bounds checks.
 */
export class WorkerDecoder implements CompressedDecoder {
  #worker: Worker | undefined;
  readonly #limit: number;

  constructor({ timeLimitMs = TIME_LIMIT_MS }: { timeLimitMs?: number } = {}) {
    this.#limit = timeLimitMs;
  }

  decode(bytes: Uint8Array<ArrayBuffer>, format: CompressedFormat): Promise<Audio> {
    return this.#ask({ bytes, format });
  }

  /**
   * A piece of a file's sound, which may be empty: the file's bytes in turn, then none for the last.
   *
   * @throws UserError as `decode`
   */
  decodePiece(request: PieceRequest): Promise<Audio> {
    return this.#ask(request);
  }

  #ask(request: DecodeRequest | PieceRequest): Promise<Audio> {
    const { format } = request;
    this.#worker ??= new Worker(new URL("./decode_worker.ts", import.meta.url), { type: "module" });
    const worker = this.#worker;
    const { promise, resolve, reject } = Promise.withResolvers<Audio>();
    const giveUp = (problem: string) => {
      this[Symbol.dispose]();
      reject(new UserError(problem));
    };
    const timer = setTimeout(
      () => giveUp(`broken ${format.toUpperCase()}: its decoder did not end`),
      this.#limit,
    );
    worker.onmessage = ({ data }: MessageEvent<DecodeReply>) => {
      if ("problem" in data) reject(new UserError(data.problem));
      else resolve(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      giveUp(`broken ${format.toUpperCase()}: its decoder crashed (${event.message})`);
    };
    worker.postMessage(request);
    return promise.finally(() => clearTimeout(timer));
  }

  [Symbol.dispose](): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
