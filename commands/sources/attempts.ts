/**
 * Asking a server that may be busy, fall silent or break off: which faults pass, how long to wait
 * before the next attempt, when to give up, and all of that in one line.
 */
import { UserError } from "../../engine/error.ts";
import { duration } from "../../report/words.ts";

export interface Patience {
  /** Milliseconds between attempts, doubled each time (default: 1000). */
  readonly pause?: number;
  /** Milliseconds without a byte that end an attempt (default: 60,000). */
  readonly patience?: number;
  /** Told why nothing happens for longer than a person would expect. */
  say?(line: string): void;
}

/** Attempts in a row that brought nothing before giving up. */
const ATTEMPTS = 4;
/** Seconds that are waited because a server asks for it, and those from which it is said. */
const LONGEST_WAIT = 300;
const SAID_FROM = 5;

/** A fault that may pass: the network's, or the server's own. */
export class Hiccup extends Error {
  /** Seconds the server asks to wait. */
  readonly after: number | undefined;

  constructor(message: string, after?: number) {
    super(message);
    this.after = after;
  }
}

/** The server does not send the rest of a file where it was asked for. */
export class FromTheStart extends Error {}

export interface AttemptOptions extends Patience {
  /** The first byte that is asked for (default: 0). */
  readonly start?: number;
  /** What an answer that is no success means. */
  refusal(response: Response): Error;
  /** What to say where Deno may not reach a host. */
  notAllowed(error: Error): Error;
}

/**
 * `fetch` for one attempt: it ends when nothing comes any more, and remembers what went wrong, since
 * a stream hands on no more than a text.
 */
export class Attempt {
  fault: unknown;
  readonly #options: AttemptOptions;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const { start = 0, refusal, notAllowed } = this.#options;
    this.alive();
    try {
      const response = await fetch(input, { ...init, signal: this.#controller.signal });
      const fault = start > 0 && !continues(response, start)
        ? new FromTheStart("the server cannot go on amid a file")
        : response.ok
        ? undefined
        : refusal(response);
      if (fault === undefined) return response;
      await response.body?.cancel();
      throw fault;
    } catch (error) {
      this.fault ??= error instanceof Deno.errors.NotCapable ? notAllowed(error) : error;
      throw this.fault;
    }
  };

  /** Something came: the clock begins anew. */
  alive(): void {
    clearTimeout(this.#timer);
    const { patience = 60_000 } = this.#options;
    this.#timer = setTimeout(() => {
      this.fault = new Hiccup(`nothing came for ${patience / 1000} s`);
      this.#controller.abort();
    }, patience);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** False where a success, or 416, says that what comes is not the rest of the file. */
function continues({ ok, status, headers }: Response, start: number): boolean {
  if (!ok) return status !== 416;
  return status === 206 && !!headers.get("content-range")?.startsWith(`bytes ${start}-`);
}

/** What a status means of which nothing more is known; `name` is what was asked for. */
export function refusalByStatus({ status, headers }: Response, name: string): Error {
  const message = `the server answers with status ${status}`;
  const passing = status === 429 || status === 408 || status >= 500;
  return passing
    ? new Hiccup(message, readRetryAfter(headers.get("retry-after")))
    : new UserError(`${name}: ${message}`);
}

/** Seconds from now: the header holds those, or a date. */
export function readRetryAfter(text: string | null, now = Date.now()): number | undefined {
  if (text === null) return undefined;
  const seconds = /^\d+$/.test(text.trim()) ? Number(text) : (Date.parse(text) - now) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/**
 * Tries again what may pass, until `progressed` was false for several attempts in a row.
 * Throws one line that begins with `name`.
 */
export async function patiently<T>(
  work: () => Promise<T>,
  { name, pause = 1000, say, progressed = () => false }: Patience & {
    readonly name: string;
    progressed?(): boolean;
  },
): Promise<T> {
  for (let idle = 0;;) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      idle = progressed() ? 0 : idle + 1;
      const asked = error instanceof Hiccup ? error.after ?? 0 : 0;
      if (idle === ATTEMPTS || asked > LONGEST_WAIT) {
        const when = asked > LONGEST_WAIT ? ` and asks to wait ${duration(asked)}` : "";
        throw new UserError(
          `${name}: ${reasonOf(error)}${when}; the same command goes on where this one stopped`,
        );
      }
      const wait = Math.max(asked, pause / 1000 * 2 ** idle);
      if (wait >= SAID_FROM) say?.(`${reasonOf(error)}; trying again in ${duration(wait)}`);
      await new Promise((resolve) => setTimeout(resolve, 1000 * wait));
    }
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof Hiccup || error instanceof FromTheStart || error instanceof TypeError || // of fetch
    error instanceof DOMException || typeof error === "string";
}

function reasonOf(error: unknown): string {
  const { cause, message } = error instanceof Error ? error : new Error(String(error));
  const text = cause instanceof Error ? cause.message : message;
  return text.replace(/ for url \([^)]*\)/, "").slice(0, 200); // a signed address fills three lines
}
