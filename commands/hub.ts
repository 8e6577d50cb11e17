/**
 * A repository of the Hugging Face Hub: what files it holds, and any of them fetched to disk. A download that
 * broke off goes on where it stopped, in this run or a later one, and only what has the checksum that
 * the hub lists gets its name. `@huggingface/hub` speaks the routes; what can go wrong is told here.
 */
import { downloadFile, listFiles } from "@huggingface/hub";
import { UserError } from "../engine/error.ts";
import { type HubFile, PartialFile } from "./partial_file.ts";

export interface HubRepository {
  /** `https://huggingface.co`, or a mirror. */
  readonly endpoint: string;
  /** `facebook/wav2vec2-base`. */
  readonly name: string;
  readonly revision: string;
  readonly token?: string;
  /** Milliseconds between attempts, doubled each time (default: 1000). */
  readonly pause?: number;
  /** Milliseconds without a byte that end an attempt (default: 60,000). */
  readonly patience?: number;
}

/** Attempts in a row that brought nothing before giving up. */
const ATTEMPTS = 4;

/** A fault that may pass: the network's, or the server's own. */
class Hiccup extends Error {}

/** The server sent the file from its start, though it was asked for the rest. */
class FromTheStart extends Error {}

export class Hub {
  readonly #repository: HubRepository;

  constructor(repository: HubRepository) {
    this.#repository = repository;
  }

  /** The files at the repository's top. Throws one line where it cannot be read, and why. */
  async files(): Promise<Map<string, HubFile>> {
    return await this.#patiently(async () => {
      const files = new Map<string, HubFile>();
      const request = new Attempt(this.#repository);
      try {
        for await (const entry of listFiles({ ...this.#where(), fetch: request.fetch })) {
          if (entry.type === "file") files.set(entry.path, this.#checked(entry));
        }
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw request.fault ?? error;
        throw new UserError(`${this.#repository.endpoint} does not answer as the hub does`);
      } finally {
        request.end();
      }
      return files;
    });
  }

  /**
   * Fetches a file to `path`, unless it is there already. `report` is told how many bytes are there.
   * Throws one line where that fails for good; what came by then is kept for the next time.
   */
  async download(file: HubFile, path: string, report: (bytes: number) => void): Promise<void> {
    if (await PartialFile.isWhole(path, file)) return report(file.size);
    using partial = await PartialFile.open(path, file);
    let best = partial.length;
    await this.#patiently(async () => {
      report(partial.length);
      while (partial.length < file.size) await this.#receive(file, partial, report);
    }, () => {
      const progressed = partial.length > best;
      best = Math.max(best, partial.length);
      return progressed;
    });
    await partial.finish();
  }

  /** One request for all that is still missing. */
  async #receive(
    file: HubFile,
    partial: PartialFile,
    report: (bytes: number) => void,
  ): Promise<void> {
    const { endpoint, name, revision } = this.#repository;
    const request = new Attempt(this.#repository, partial.length);
    try {
      const blob = await downloadFile({
        ...this.#where(),
        path: file.path,
        fetch: request.fetch,
        xet: false,
        downloadInfo: {
          size: file.size,
          etag: file.checksum.hex,
          url: `${endpoint}/${name}/resolve/${encodeURIComponent(revision)}/${file.path}`,
        },
      });
      for await (const bytes of blob!.slice(partial.length, file.size).stream()) {
        request.alive();
        partial.append(bytes);
        report(partial.length);
      }
    } catch (error) {
      const fault = request.fault ?? error;
      if (fault instanceof FromTheStart) partial.restart();
      throw fault;
    } finally {
      request.end();
    }
    if (partial.length < file.size) throw new Hiccup("the connection was closed");
  }

  /** Tries again what may pass, until `progressed` was false for several attempts in a row. */
  async #patiently<T>(work: () => Promise<T>, progressed = () => false): Promise<T> {
    const { pause = 1000, name } = this.#repository;
    for (let idle = 0;;) {
      try {
        return await work();
      } catch (error) {
        if (!isPassing(error)) throw error;
        idle = progressed() ? 0 : idle + 1;
        if (idle === ATTEMPTS) {
          throw new UserError(
            `${name}: ${reasonOf(error)}; the same command goes on where this one stopped`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, pause * 2 ** idle));
      }
    }
  }

  #where() {
    const { endpoint, name, revision, token } = this.#repository;
    return {
      repo: { type: "model" as const, name },
      revision: encodeURIComponent(revision), // refs/pr/1
      hubUrl: endpoint,
      ...(token !== undefined && { accessToken: token }),
    };
  }

  #checked({ path, size, oid, lfs }: {
    path: string;
    size: number;
    oid?: string;
    lfs?: { oid: string };
  }): HubFile {
    const [kind, hex, length] = lfs ? ["sha256", lfs.oid, 64] as const : ["git", oid, 40] as const;
    if (!Number.isSafeInteger(size) || size < 0 || typeof hex !== "string") {
      throw new UserError(`${this.#repository.name}: the hub lists ${path} without a checksum`);
    }
    if (hex.length !== length || !/^[0-9a-f]+$/.test(hex)) {
      throw new UserError(`${this.#repository.name}: the hub lists ${path} with no sound checksum`);
    }
    return { path, size, checksum: { kind, hex } };
  }
}

/**
 * `fetch` for one attempt: it ends when nothing comes any more, and remembers what went wrong, since
 * a stream hands on no more than a text.
 */
class Attempt {
  fault: unknown;
  readonly #repository: HubRepository;
  readonly #start: number;
  readonly #controller = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(repository: HubRepository, start = 0) {
    this.#repository = repository;
    this.#start = start;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    this.alive();
    try {
      const response = await fetch(input, { ...init, signal: this.#controller.signal });
      if (!response.ok) {
        await response.body?.cancel();
        throw refusal(response, this.#repository);
      }
      if (this.#start > 0 && response.status !== 206) {
        await response.body?.cancel();
        throw new FromTheStart("the server cannot go on amid a file");
      }
      return response;
    } catch (error) {
      this.fault ??= error instanceof Deno.errors.NotCapable ? notAllowed(error) : error;
      throw this.fault;
    }
  };

  /** Something came: the clock begins anew. */
  alive(): void {
    clearTimeout(this.#timer);
    const { patience = 60_000 } = this.#repository;
    this.#timer = setTimeout(() => {
      this.fault = new Hiccup(`nothing came for ${patience / 1000} s`);
      this.#controller.abort();
    }, patience);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

/** What a status means to whoever asked for a model. */
function refusal({ status, headers }: Response, repository: HubRepository): Error {
  const { endpoint, name, revision, token } = repository;
  const page = `${endpoint}/${name}`;
  switch (status) {
    case 401:
      return new UserError(
        token === undefined
          ? `${name}: there is no such model, or it is private or gated; check the name, or set ` +
            "HF_TOKEN to a token that may read it"
          : `${name}: the hub does not accept the token in HF_TOKEN; make one with read access`,
      );
    case 403:
      return new UserError(
        `${name}: the ${
          token === undefined ? "hub wants a token; set HF_TOKEN" : "token in HF_TOKEN may not"
        } read it; accept the model's terms at ${page} first`,
      );
    case 404: {
      const what = headers.get("x-error-code") === "RevisionNotFound"
        ? `revision ${revision}`
        : "such model, revision or file";
      return new UserError(`${name}: there is no ${what} at ${page} (revision ${revision})`);
    }
    default: {
      const passing = status === 429 || status === 408 || status >= 500;
      const message = `the server answers with status ${status}`;
      return passing ? new Hiccup(message) : new UserError(`${name}: ${message}`);
    }
  }
}

function notAllowed({ message }: Error): UserError {
  const host = /"([^"]+)"/.exec(message)?.[1] ?? "a host";
  return new UserError(
    `this task may reach huggingface.co and hf.co alone, and not ${host}; for another endpoint run ` +
      `deno run --allow-read --allow-write --allow-env=HF_TOKEN,HF_ENDPOINT --allow-net=${host} ` +
      "cli.ts weights NAME",
  );
}

function isPassing(error: unknown): error is Error {
  return error instanceof Hiccup || error instanceof FromTheStart || error instanceof TypeError || // of fetch
    error instanceof DOMException || typeof error === "string";
}

function reasonOf(error: unknown): string {
  const { cause, message } = error instanceof Error ? error : new Error(String(error));
  const text = cause instanceof Error ? cause.message : message;
  return text.replace(/ for url \([^)]*\)/, "").slice(0, 200); // a signed address fills three lines
}
