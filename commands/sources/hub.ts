/**
 * A repository of the Hugging Face Hub: what files it holds, and any of them fetched to disk. A download that
 * broke off goes on where it stopped, in this run or a later one, and only what has the checksum that
 * the hub lists gets its name. `@huggingface/hub` speaks the routes; what can go wrong is told here.
 */
import { downloadFile, listFiles } from "@huggingface/hub";
import { UserError } from "../../engine/error.ts";
import { Attempt, type Patience, patiently, refusalByStatus } from "./attempts.ts";
import { download } from "./download.ts";
import type { WantedFile } from "./partial_file.ts";

export interface HubRepository extends Patience {
  /** `https://huggingface.co`, or a mirror. */
  readonly endpoint: string;
  /** `facebook/wav2vec2-base`. */
  readonly name: string;
  readonly revision: string;
  readonly token?: string;
}

export class Hub {
  readonly #repository: HubRepository;

  constructor(repository: HubRepository) {
    this.#repository = repository;
  }

  /** The files at the repository's top. Throws one line where it cannot be read, and why. */
  async files(): Promise<Map<string, WantedFile>> {
    return await patiently(async () => {
      const files = new Map<string, WantedFile>();
      const request = this.#attempt();
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
    }, this.#repository);
  }

  /**
   * Fetches a file to `path`, unless it is there already. `report` is told how many bytes are there.
   * Throws one line where that fails for good; what came by then is kept for the next time.
   */
  async download(file: WantedFile, path: string, report: (bytes: number) => void): Promise<void> {
    const { endpoint, name, revision } = this.#repository;
    await download(file, path, {
      ...this.#repository,
      report,
      attempt: (start) => this.#attempt(start),
      open: async ({ fetch }, start) => {
        const blob = await downloadFile({
          ...this.#where(),
          path: file.path,
          fetch,
          xet: false,
          downloadInfo: {
            size: file.size,
            etag: file.checksum.hex,
            url: `${endpoint}/${name}/resolve/${encodeURIComponent(revision)}/${file.path}`,
          },
        });
        return blob!.slice(start, file.size).stream();
      },
    });
  }

  #attempt(start = 0): Attempt {
    const refusal = (response: Response) => refusalOf(response, this.#repository);
    return new Attempt({ ...this.#repository, start, refusal, notAllowed });
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
  }): WantedFile {
    const [kind, hex, length] = lfs ? ["sha256", lfs.oid, 64] as const : ["git", oid, 40] as const;
    if (!Number.isSafeInteger(size) || size < 0 || typeof hex !== "string") {
      throw new UserError(`${this.#repository.name}: the hub lists ${path} without a checksum`);
    }
    if (hex.length !== length || !/^[0-9a-f]+$/.test(hex)) {
      throw new UserError(`${this.#repository.name}: the hub lists ${path} with no sound checksum`);
    }
    return { path, size, checksum: { kind, hex }, lister: "the hub" };
  }
}

/** What a status means to whoever asked for a model. */
function refusalOf(response: Response, repository: HubRepository): Error {
  const { status, headers } = response;
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
    default:
      return refusalByStatus(response, name);
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
