/**
 * Features of many files: what the cache knows is read here, the rest is made by Workers on all cores.
 * Every file that cannot be used is named before anything is trained, or counted and left out.
 */
import { UserError } from "../engine/error.ts";
import { FeatureCache, type FileStamp } from "./cache.ts";
import type { ExtractJob, ExtractReply, ExtractSetup } from "./extract_worker.ts";
import type { FeatureKind } from "./feature_engine.ts";

export interface ExtractOptions {
  kind: FeatureKind;
  /** Folder of the cache, made where it is missing; null for none. */
  cache?: string | null;
  /** Go on without files that cannot be used. */
  skipBroken?: boolean;
  /**
   * Where compressed audio is decoded: "process" by default, which needs --allow-run=deno; "worker" only in
   * processes that keep WebAssembly's bounds checks.
   */
  decoding?: "worker" | "process";
  /** Default: all cores. */
  workers?: number;
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

export interface Extracted {
  /** one array a file of `kept`, of FEATURES[kind].shape */
  rows: Float32Array<ArrayBuffer>[];
  /** places in `paths` that `rows` stand for, ascending */
  kept: number[];
  /** what was left out, with `skipBroken` */
  broken: { path: string; problem: string }[];
  /** how many came from the cache without opening the audio */
  warm: number;
  /** one line each for the user, such as a cache that cannot be written */
  notes: string[];
}

export const DEFAULT_CACHE = ".cache/timbre";
const NAMED = 8; // broken files in one error
const AHEAD = 2; // files a Worker has before it, so that it never waits for the next

/**
 * Features of all files, in the order given.
 *
 * @throws UserError one line that names the broken files (without `skipBroken`), or that none is usable
 * @throws the signal's reason when aborted
 */
export async function extract(
  paths: readonly string[],
  options: ExtractOptions,
): Promise<Extracted> {
  const { kind, cache: folder = DEFAULT_CACHE, skipBroken = false, signal } = options;
  signal?.throwIfAborted();
  const results = new Results(paths, options.onProgress);
  const cache = folder === null ? null : new FeatureCache(folder, kind);
  const index = cache ? await cache.readIndex() : new Map<string, FileStamp>();
  const stamps = cache ? await takeKnown(results, { cache, index, signal }) : [];
  const warm = results.done;
  const missing = paths.keys().filter((i) => !results.has(i)).toArray();
  if (missing.length > 0) await runWorkers(missing, results, options);
  if (cache) await saveIndex(cache, { index, stamps, results });
  const { broken } = results;
  if (broken.length > 0 && !skipBroken) throw new UserError(describe(broken, paths.length));
  const kept = paths.keys().filter((i) => results.good(i)).toArray();
  if (kept.length === 0) {
    throw new UserError(
      `none of ${paths.length} audio files can be used${broken[0] ? `: ${broken[0].problem}` : ""}`,
    );
  }
  return {
    rows: kept.map((i) => results.row(i)),
    kept,
    broken,
    warm,
    notes: results.uncached ? [`features are not cached in ${folder}: ${results.uncached}`] : [],
  };
}

/** One row per path as results arrive, with what is wrong where there is none. */
class Results {
  readonly paths: readonly string[];
  readonly hashes = new Map<number, string>();
  uncached: string | undefined;
  done = 0;
  readonly #rows = new Map<number, Float32Array<ArrayBuffer>>();
  readonly #problems = new Map<number, string>();
  readonly #onProgress: ExtractOptions["onProgress"];

  constructor(paths: readonly string[], onProgress: ExtractOptions["onProgress"]) {
    this.paths = paths;
    this.#onProgress = onProgress;
  }

  set(i: number, row: Float32Array<ArrayBuffer>): void {
    this.#rows.set(i, row);
    this.done++;
    this.#onProgress?.(this.done, this.paths.length);
  }

  fail(i: number, problem: string): void {
    this.#problems.set(i, problem);
    this.done++;
    this.#onProgress?.(this.done, this.paths.length);
  }

  has(i: number): boolean {
    return this.good(i) || this.#problems.has(i);
  }

  good(i: number): boolean {
    return this.#rows.has(i);
  }

  get broken(): { path: string; problem: string }[] {
    return [...this.#problems].sort(([a], [b]) => a - b).map(([i, problem]) => ({
      path: this.paths[i],
      problem,
    }));
  }

  /** Of a good file. */
  row(i: number): Float32Array<ArrayBuffer> {
    return this.#rows.get(i)!;
  }
}

/** Fill in every file whose size and time the index knows. Answers each file's size and time. */
async function takeKnown(
  results: Results,
  { cache, index, signal }: {
    cache: FeatureCache;
    index: Map<string, FileStamp>;
    signal?: AbortSignal;
  },
): Promise<(Omit<FileStamp, "hash"> | null)[]> {
  const TOGETHER = 32;
  const stamps: (Omit<FileStamp, "hash"> | null)[] = [];
  for (let first = 0; first < results.paths.length; first += TOGETHER) {
    signal?.throwIfAborted();
    const batch = results.paths.slice(first, first + TOGETHER);
    await Promise.all(batch.map(async (path, offset) => {
      const i = first + offset;
      const stat = await Deno.stat(path).catch(() => null);
      stamps[i] = stat && { size: stat.size, modified: stat.mtime?.getTime() ?? NaN };
      const known = index.get(path);
      if (!known || known.size !== stamps[i]?.size || known.modified !== stamps[i]?.modified) {
        return;
      }
      const values = await cache.read(known.hash);
      if (values) results.set(i, values);
    }));
  }
  return stamps;
}

async function saveIndex(
  cache: FeatureCache,
  { index, stamps, results }: {
    index: Map<string, FileStamp>;
    stamps: (Omit<FileStamp, "hash"> | null)[];
    results: Results;
  },
): Promise<void> {
  for (const [i, hash] of results.hashes) {
    const stamp = stamps[i];
    if (stamp && !Number.isNaN(stamp.modified)) index.set(results.paths[i], { ...stamp, hash });
  }
  // a cache that cannot be written has been noted already
  if (results.hashes.size > 0 && !results.uncached) await cache.writeIndex(index).catch(() => {});
}

async function runWorkers(
  missing: number[],
  results: Results,
  { kind, cache = DEFAULT_CACHE, decoding = "process", signal, ...options }: ExtractOptions,
): Promise<void> {
  const count = Math.min(options.workers ?? navigator.hardwareConcurrency, missing.length);
  const workers: Worker[] = [];
  const queue = missing.values();
  let left = missing.length;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = () => reject(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  const feed = (worker: Worker) => {
    const { value: index } = queue.next();
    if (index === undefined) return;
    worker.postMessage({ index, path: results.paths[index] } satisfies ExtractJob);
  };
  try {
    for (let w = 0; w < count; w++) {
      const worker = new Worker(new URL("./extract_worker.ts", import.meta.url), {
        type: "module",
      });
      workers.push(worker);
      worker.onmessage = ({ data }: MessageEvent<ExtractReply>) => {
        if ("fatal" in data) return reject(new UserError(data.fatal));
        if ("problem" in data) results.fail(data.index, data.problem);
        else {
          results.set(data.index, data.values);
          if (data.hash) results.hashes.set(data.index, data.hash);
          results.uncached ??= data.uncached;
        }
        if (--left === 0) resolve();
        else feed(worker);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`feature worker: ${event.message}`));
      };
      worker.postMessage({ kind, cache, decoding } satisfies ExtractSetup);
      for (let i = 0; i < AHEAD; i++) feed(worker);
    }
    await promise;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    for (const worker of workers) worker.terminate();
  }
}

function describe(broken: { path: string; problem: string }[], total: number): string {
  const named = broken.slice(0, NAMED).map(({ problem }) => problem);
  const more = broken.length - named.length;
  if (more > 0) named.push(`and ${more} more`);
  return `${broken.length} of ${total} audio files cannot be used: ${
    named.join("; ")
  }. Mend or remove them, or go on without them with --skip-broken`;
}
