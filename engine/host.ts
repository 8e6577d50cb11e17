/**
 * The one file of the engine that knows which program hosts it (Deno now, a web page later).
 * Everything else uses what the web and Deno share: WebAssembly, Workers, `navigator`.
 */

interface DenoLike {
  readTextFile(path: URL): Promise<string>;
  readFile(path: URL): Promise<Uint8Array<ArrayBuffer>>;
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

/**
 * Where `bench --tune` leaves the tile shapes it found best on an adapter: in the project, not in the user's
 * home. What opens strangers' files may neither read there nor ask the environment where it is, and another
 * copy of the project may have other kernels.
 */
export function tuningUrl(adapter: string): URL {
  const name = adapter.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");
  return new URL(`../.cache/timbre/tuning/${name || "unnamed"}.json`, import.meta.url);
}

/** What a tuner left for the adapter; null where there is nothing, or nothing may be read. */
export async function readTuning(adapter: string): Promise<string | null> {
  if (!deno) return null;
  try {
    return await deno.readTextFile(tuningUrl(adapter));
  } catch {
    return null;
  }
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
