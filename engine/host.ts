/**
 * The one file of the engine that knows which program hosts it (Deno now, a web page later).
 * Everything else uses what the web and Deno share: WebAssembly, Workers, `navigator`.
 */

interface DenoLike {
  readTextFile(path: URL): Promise<string>;
  readFile(path: URL): Promise<Uint8Array<ArrayBuffer>>;
  readonly env: { get(name: string): string | undefined };
  readonly permissions: {
    querySync(what: { name: "env"; variable: string }): { readonly state: string };
  };
}

const deno = (globalThis as { Deno?: DenoLike }).Deno;

/** Where the kernels task leaves the compiled CPU kernels. */
export const KERNELS_URL: URL = new URL("../.build/kernels.wasm", import.meta.url);

/** The compiled CPU kernels. Throws one clear line where they have not been built. */
export async function readKernels(): Promise<Uint8Array<ArrayBuffer>> {
  try {
    if (deno) return await deno.readFile(KERNELS_URL);
    const response = await fetch(KERNELS_URL);
    if (!response.ok) throw new Error(`${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new Error("the CPU kernels are not built: run `deno task kernels`", { cause });
  }
}

/** A variable of the environment; undefined where it is not set, or may not be asked for. */
type Ask = (name: string) => string | undefined;

const environment: Ask = (variable) => {
  const { state } = deno?.permissions.querySync({ name: "env", variable }) ?? {};
  return state === "granted" ? deno?.env.get(variable) : undefined; // asking without would prompt
};

/**
 * Where `bench --tune` leaves the tile shapes it found best on an adapter; the first that is there counts.
 * First this copy of the project, for commands that open strangers' files may neither ask the environment
 * where a home is nor read there; then the user's cache, which all copies share (none on Windows).
 */
export function tuningUrls(adapter: string, ask: Ask = environment): URL[] {
  const name = adapter.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  const file = `timbre/tuning/${name || "unnamed"}.json`;
  const own = new URL(`../.cache/${file}`, import.meta.url);
  const cache = userCache(ask);
  return cache === undefined ? [own] : [own, new URL(file, cache)];
}

/** The folder for caches of the XDG Base Directory Specification, which wants absolute paths. */
function userCache(ask: Ask): URL | undefined {
  const absolute = (path: string | undefined) => path?.startsWith("/") ? path : undefined;
  const home = absolute(ask("HOME"));
  const path = absolute(ask("XDG_CACHE_HOME")) ?? (home && `${home}/.cache`);
  return path === undefined
    ? undefined
    : new URL(`file://${path.split("/").map(encodeURIComponent).join("/")}/`);
}

/** What a tuner left for the adapter; null where there is nothing, or nothing may be read. */
export async function readTuning(adapter: string, ask: Ask = environment): Promise<string | null> {
  if (!deno) return null;
  for (const url of tuningUrls(adapter, ask)) {
    try {
      return await deno.readTextFile(url);
    } catch {
      // Not there: the next.
    }
  }
  return null;
}

/** Logical cores, at least 1. */
export function coreCount(): number {
  return Math.max(1, navigator.hardwareConcurrency ?? 1);
}

/** Whether Workers exist and may see the same memory: a page must be cross-origin isolated. */
export function mayShareMemory(): boolean {
  const scope = globalThis as { crossOriginIsolated?: boolean; Worker?: unknown };
  return scope.Worker !== undefined && scope.crossOriginIsolated !== false;
}
