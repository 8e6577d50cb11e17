/** A server on this machine that speaks the two routes of Zenodo which `data` asks, and can be told to misbehave. */
import { createHash } from "node:crypto";
import { cutShort, part } from "./hub_server.ts";

const RECORD = 1188976;
const ARCHIVE = "Audio_Speech_Actors_01-24.zip";
const ROUTE = `/api/records/${RECORD}`;

export interface ZenodoFaults {
  /** Ends the archive after so many bytes, as often as told. */
  breakAfter?: number;
  breaks?: number;
  /** Answers given before the archive's own, one for each request. */
  first?: ((request: Request, content: Uint8Array<ArrayBuffer>) => Response)[];
  /** Answers given before the record's own. */
  firstOfRecord?: (() => Response)[];
  /** What is sent in place of the archive. */
  wrongContent?: Uint8Array<ArrayBuffer>;
  /** Changes what the record says of its file. */
  listed?: Record<string, unknown>;
  /** Changes what the record says of itself. */
  record?: Record<string, unknown>;
}

export class ZenodoServer implements AsyncDisposable {
  readonly faults: ZenodoFaults = {};
  /** Ranges asked of the archive. */
  readonly ranges: (string | null)[] = [];
  archive: Uint8Array<ArrayBuffer>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(archive: Uint8Array<ArrayBuffer>) {
    this.archive = archive;
    const onError = () => new Response(null, { status: 500 });
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError },
      (request) => this.#answer(request),
    );
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  get endpoint(): string {
    return `http://${this.host}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  #answer(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (pathname === ROUTE) return this.faults.firstOfRecord?.shift()?.() ?? this.#record();
    if (pathname !== `${ROUTE}/files/${ARCHIVE}/content`) {
      return Response.json({ status: 404 }, { status: 404 });
    }
    this.ranges.push(request.headers.get("range"));
    return this.#hand(request);
  }

  #record(): Response {
    const { archive, endpoint, faults } = this;
    return Response.json({
      id: RECORD,
      files: [{ key: "Audio_Song_Actors_01-24.zip", size: 3, checksum: "md5:0", links: {} }, {
        key: ARCHIVE,
        size: archive.length,
        checksum: `md5:${createHash("md5").update(archive).digest("hex")}`,
        links: { self: `${endpoint}${ROUTE}/files/${ARCHIVE}/content` },
        ...faults.listed,
      }],
      ...faults.record,
    });
  }

  #hand(request: Request): Response {
    const { faults } = this;
    const content = faults.wrongContent ?? this.archive;
    const first = faults.first?.shift();
    if (first !== undefined) return first(request, content);
    const whole = part(content, request);
    if (!faults.breaks) return whole;
    faults.breaks--;
    const from = Number(/\d+/.exec(request.headers.get("range") ?? "")?.[0] ?? 0);
    const body = cutShort(content.slice(from, from + (faults.breakAfter ?? 0)));
    return new Response(body, { status: whole.status, headers: whole.headers });
  }
}
