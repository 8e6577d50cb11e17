/**
 * Who decodes compressed audio for readAudio: a guarded Worker here, or one in a child process.
 * Both answer within a time limit whatever the file holds; a decoder that crashes or hangs costs its own
 * file and is replaced. One file at a time each.
 */
import { UserError } from "../engine/error.ts";
import type { CompressedFormat } from "./format.ts";
import type { DecodeReply, DecodeRequest, PieceRequest } from "./decode_worker.ts";
import type { Audio } from "./wav.ts";

export interface CompressedDecoder extends Disposable {
  /** @throws UserError what is wrong with the file, without its name */
  decode(bytes: Uint8Array<ArrayBuffer>, format: CompressedFormat): Promise<Audio>;
}

const TIME_LIMIT_MS = 30_000;

/** A running decode_worker.ts, whoever started it; disposing of it ends it. */
export interface DecodeWorker extends Disposable {
  /** One request at a time; one of the two is called for it. */
  ask(
    request: DecodeRequest | PieceRequest,
    answer: { reply(reply: DecodeReply): void; crash(why: string): void },
  ): void;
}

/**
 * Decodes in a Worker of this process. Only for processes that keep WebAssembly's bounds checks.
 */
export class WorkerDecoder implements CompressedDecoder {
  #worker: DecodeWorker | undefined;
  readonly #limit: number;
  readonly #start: () => DecodeWorker;

  /** @param start the Worker, when the first file comes and after one that was ended */
  constructor({ timeLimitMs = TIME_LIMIT_MS, start = startHere }: {
    readonly timeLimitMs?: number;
    readonly start?: () => DecodeWorker;
  } = {}) {
    this.#limit = timeLimitMs;
    this.#start = start;
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
    this.#worker ??= this.#start();
    const { promise, resolve, reject } = Promise.withResolvers<Audio>();
    const giveUp = (problem: string) => {
      this[Symbol.dispose]();
      reject(new UserError(problem));
    };
    const timer = setTimeout(
      () => giveUp(`broken ${format.toUpperCase()}: its decoder did not end`),
      this.#limit,
    );
    this.#worker.ask(request, {
      reply: (reply) => {
        if ("problem" in reply) reject(new UserError(reply.problem));
        else resolve(reply);
      },
      crash: (why) => giveUp(`broken ${format.toUpperCase()}: its decoder crashed (${why})`),
    });
    return promise.finally(() => clearTimeout(timer));
  }

  [Symbol.dispose](): void {
    this.#worker?.[Symbol.dispose]();
    this.#worker = undefined;
  }
}

function startHere(): DecodeWorker {
  const worker = new Worker(new URL("./decode_worker.ts", import.meta.url), { type: "module" });
  return {
    ask: (request, { reply, crash }) => {
      worker.onmessage = ({ data }: MessageEvent<DecodeReply>) => reply(data);
      worker.onerror = (event) => {
        event.preventDefault();
        crash(event.message);
      };
      worker.postMessage(request);
    },
    [Symbol.dispose]: () => worker.terminate(),
  };
}
