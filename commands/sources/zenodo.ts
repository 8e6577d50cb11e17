/**
 * A record of Zenodo: which files it says it has, and any of them fetched to disk. What it says is checked
 * before it is believed: a mirror, a proxy or a network's login page may stand in its place.
 */
import { UserError } from "../../engine/error.ts";
import { Attempt, type Patience, patiently, refusalByStatus } from "./attempts.ts";
import { download } from "./download.ts";
import type { WantedFile } from "./partial_file.ts";

export const ZENODO = "https://zenodo.org";

export interface ZenodoRecord extends Patience {
  /** `https://zenodo.org`, or a mirror. */
  readonly endpoint: string;
  readonly id: number;
}

export interface ZenodoFile extends WantedFile {
  readonly url: string;
}

export class Zenodo {
  readonly #record: ZenodoRecord;

  constructor(record: ZenodoRecord) {
    this.#record = record;
  }

  /** Size, checksum and address of a file. Throws one line where they cannot be had, and why. */
  async file(name: string): Promise<ZenodoFile> {
    const { endpoint, id } = this.#record;
    const url = `${endpoint}/api/records/${id}`;
    const text = await patiently(async () => {
      const attempt = this.#attempt();
      try {
        const headers = { Accept: "application/json" };
        return await (await attempt.fetch(url, { headers })).text();
      } catch (error) {
        throw attempt.fault ?? error;
      } finally {
        attempt.end();
      }
    }, { ...this.#record, name: this.#name });
    return this.#checked(parse(text, url), name);
  }

  /**
   * Fetches a file to `path` and says true, or false where it is there already and sound.
   * Throws one line where that fails for good; what came by then is kept for the next time.
   */
  async download(
    file: ZenodoFile,
    path: string,
    report: (bytes: number) => void,
  ): Promise<boolean> {
    return await download(file, path, {
      ...this.#record,
      name: file.path,
      report,
      attempt: (start) => this.#attempt(start),
      open: async ({ fetch }, start) => {
        const response = await fetch(file.url, {
          headers: {
            "Accept-Encoding": "identity", // lengths and ranges of the file itself
            ...(start > 0 && { Range: `bytes=${start}-` }),
          },
        });
        try {
          requireSameFile(response, file);
        } catch (error) {
          await response.body?.cancel();
          throw error;
        }
        return response.body ?? new ReadableStream({ start: (empty) => empty.close() });
      },
    });
  }

  get #name(): string {
    return `Zenodo's record ${this.#record.id}`;
  }

  #attempt(start = 0): Attempt {
    const { endpoint, id } = this.#record;
    return new Attempt({
      ...this.#record,
      start,
      refusal: (response) =>
        response.status === 404
          ? new UserError(
            `${this.#name}: ${response.url} does not exist (${endpoint}); try ${page(id)}`,
          )
          : refusalByStatus(response, this.#name),
      notAllowed,
    });
  }

  #checked(record: unknown, name: string): ZenodoFile {
    const { endpoint, id } = this.#record;
    const wrong = (what: string) =>
      new UserError(`${this.#name}: ${what}; the data can be had by hand from ${page(id)}`);
    if (!isObject(record) || record.id !== id) throw wrong(`${endpoint} sent another record`);
    const files: unknown[] = Array.isArray(record.files) ? record.files : [];
    const entry = files.find((file) => isObject(file) && file.key === name);
    if (!isObject(entry)) throw wrong(`it lists no ${name}`);
    const { size, checksum, links } = entry;
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size <= 0) {
      throw wrong(`it lists ${name} without a size`);
    }
    const [, hex] = /^md5:([0-9a-f]{32})$/.exec(String(checksum)) ?? [];
    if (hex === undefined) throw wrong(`it lists ${name} without an MD5 checksum`);
    const url = isObject(links) ? String(links.self) : "";
    const hosts = [endpoint, ZENODO].map((known) => new URL(known).origin);
    if (!URL.canParse(url) || !hosts.includes(new URL(url).origin)) {
      throw wrong(`it lists ${name} at an address outside ${endpoint}`);
    }
    return { path: name, size, checksum: { kind: "md5", hex }, lister: "the record", url };
  }
}

function parse(text: string, url: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UserError(
      `${url} does not answer as Zenodo does, with JSON, but "${text.trim().slice(0, 20)}…"; is ` +
        "this the login page of a network, or TIMBRE_ZENODO another address?",
    );
  }
}

/** Throws where an answer cannot be the file, or its rest, whatever its status. */
function requireSameFile({ status, headers }: Response, { path, size }: ZenodoFile): void {
  if (headers.get("content-type")?.startsWith("text/html")) {
    throw new UserError(`${path}: a web page came in its place; try again on another network`);
  }
  const said = status === 206
    ? /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1]
    : headers.get("content-length");
  if (said != null && Number(said) !== size) {
    throw new UserError(
      `${path}: the server has ${said} bytes of it, the record lists ${size}; try again later`,
    );
  }
}

function notAllowed({ message }: Error): UserError {
  const host = /"([^"]+)"/.exec(message)?.[1] ?? "a host";
  return new UserError(
    `this task may reach zenodo.org alone, and not ${host}; for a mirror run deno run ` +
      `--allow-read --allow-write --allow-env=TIMBRE_ZENODO --allow-net=${host} cli.ts data`,
  );
}

function page(id: number): string {
  return `${ZENODO}/records/${id}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
