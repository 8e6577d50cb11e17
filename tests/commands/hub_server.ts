/**
 * Servers on this machine that speak the Hugging Face Hub's routes: the hub lists a repository's files
 * and hands out small ones; large ones lie on another server, to which it sends whoever asks. Each can
 * be told to misbehave.
 */
import { createHash } from "node:crypto";

export interface HubFaults {
  /** Ends the answer after so many bytes, as often as told. */
  breakAfter?: number;
  breaks?: number;
  /** The large files' server sends a file from its start whatever is asked. */
  ignoreRange?: boolean;
  /** What is sent in place of a large file's content. */
  wrongContent?: Uint8Array;
  /** Every answer of the hub. */
  status?: number;
  /** Sends no more after the head of a large file, the first time. */
  stall?: boolean;
  /** Answers so many lists with status 503. */
  busy?: number;
}

export interface Asked {
  readonly path: string;
  readonly range: string | null;
  readonly authorization: string | null;
}

/** Bytes from which a file is a large one. */
const LARGE = 2500;
/** Files a page of the list. */
const PAGE = 2;

export class HubServer implements AsyncDisposable {
  readonly faults: HubFaults = {};
  /** What was asked of the large files' server. */
  readonly asked: Asked[] = [];
  /** What was asked of the hub. */
  readonly hubAsked: Asked[] = [];
  readonly #files: ReadonlyMap<string, Uint8Array>;
  readonly #name: string;
  readonly #hub: Deno.HttpServer<Deno.NetAddr>;
  readonly #store: Deno.HttpServer<Deno.NetAddr>;

  constructor(name: string, files: Readonly<Record<string, Uint8Array>>) {
    this.#name = name;
    this.#files = new Map(Object.entries(files));
    const local = {
      hostname: "127.0.0.1",
      port: 0,
      onListen: () => {},
      onError: () => new Response(null, { status: 500 }),
    };
    this.#hub = Deno.serve(local, (request) => this.#answer(request));
    this.#store = Deno.serve(local, (request) => this.#hand(request));
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#hub.addr.port}`;
  }

  /** Addresses as `--allow-net` takes them. */
  get hosts(): string {
    return [this.#hub, this.#store].map(({ addr }) => `127.0.0.1:${addr.port}`).join(",");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#hub.shutdown(), this.#store.shutdown()]);
  }

  #answer(request: Request): Response {
    const url = new URL(request.url);
    this.hubAsked.push(asked(request));
    const { status } = this.faults;
    if (status !== undefined) return Response.json({ error: "a long story" }, { status });
    const tree = `/api/models/${this.#name}/tree/`;
    if (url.pathname.startsWith(tree)) {
      if (decodeURIComponent(url.pathname.slice(tree.length)) !== "main") {
        const headers = { "X-Error-Code": "RevisionNotFound" };
        return Response.json({ error: "Invalid rev id" }, { status: 404, headers });
      }
      if (this.faults.busy) {
        this.faults.busy--;
        return new Response("busy", { status: 503 });
      }
      return this.#list(url);
    }
    const [, path] = url.pathname.split(`/${this.#name}/resolve/main/`);
    const content = this.#files.get(path);
    if (content === undefined) return Response.json({ error: "Not found" }, { status: 404 });
    if (content.length < LARGE) return part(content, request);
    return Response.redirect(`http://127.0.0.1:${this.#store.addr.port}/${path}?signature=x`, 302);
  }

  /** A page of the files, with a link to the next. */
  #list(url: URL): Response {
    const from = Number(url.searchParams.get("cursor") ?? 0);
    const entries = [...this.#files].slice(from, from + PAGE).map(([path, content]) => ({
      type: "file",
      oid: createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex"),
      size: content.length,
      path,
      ...(content.length >= LARGE && {
        lfs: {
          oid: createHash("sha256").update(content).digest("hex"),
          size: content.length,
          pointerSize: 130,
        },
      }),
    }));
    const headers = new Headers();
    if (from + PAGE < this.#files.size) {
      url.searchParams.set("cursor", String(from + PAGE));
      headers.set("Link", `<${url}>; rel="next"`);
    }
    return Response.json([{ type: "directory", oid: "x", size: 0, path: "eval" }, ...entries], {
      headers,
    });
  }

  #hand(request: Request): Response {
    this.asked.push(asked(request));
    const { faults } = this;
    const content = faults.wrongContent ?? this.#files.get(new URL(request.url).pathname.slice(1))!;
    const whole = part(content, faults.ignoreRange ? new Request(request.url) : request);
    if (faults.stall) {
      faults.stall = false;
      return new Response(new ReadableStream(), whole);
    }
    if (!faults.breaks) return whole;
    faults.breaks--;
    const left = faults.breakAfter ?? 0;
    const start = Number(
      /bytes=(\d+)/.exec(faults.ignoreRange ? "" : request.headers.get("range") ?? "")?.[1] ?? 0,
    );
    const broken = cutShort(content.slice(start, start + left));
    return new Response(broken, { status: whole.status, headers: whole.headers });
  }
}

function asked(request: Request): Asked {
  const { headers, url } = request;
  return {
    path: new URL(url).pathname,
    range: headers.get("range"),
    authorization: headers.get("authorization"),
  };
}

/** A body that breaks off after `bytes`. */
export function cutShort(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    async pull(controller) {
      if (sent) {
        await new Promise((resolve) => setTimeout(resolve, 20)); // what was written must leave first
        return controller.error(new Error("cut"));
      }
      sent = true;
      controller.enqueue(bytes);
    },
  });
}

/** A file, or the part of it that is asked for. */
export function part(content: Uint8Array, request: Request): Response {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
  if (!range) {
    return new Response(content.slice(), { headers: { "Content-Length": String(content.length) } });
  }
  const [from, to] = [Number(range[1]), Math.min(Number(range[2] || Infinity), content.length - 1)];
  return new Response(content.slice(from, to + 1), {
    status: 206,
    headers: { "Content-Range": `bytes ${from}-${to}/${content.length}` },
  });
}
