/**
 * One of the Workers behind extract(): files in, arrays out, one after the other.
 * Each has its own single-thread engine and, when it meets compressed audio, its own decoder.
 */
import { UserError } from "../engine/error.ts";
import { decodeAudio, DecoderUnavailable, ioReason, readBytes } from "./audio.ts";
import { contentHash } from "./array_store.ts";
import { FeatureCache } from "./cache.ts";
import { type CompressedDecoder, WorkerDecoder } from "./decoder.ts";
import { ProcessDecoder } from "./decoder_process.ts";
import { FeatureEngine, type FeatureKind } from "./feature_engine.ts";

export interface ExtractSetup {
  kind: FeatureKind;
  /** the cache's folder */
  cache: string | null;
  decoding: "worker" | "process";
}

export interface ExtractJob {
  index: number;
  path: string;
}

export interface ExtractedClip {
  index: number;
  values: Float32Array<ArrayBuffer>;
  /** of the file's content, where there is a cache */
  hash?: string;
  /** why the cache could not be written */
  uncached?: string;
}

export type ExtractReply = ExtractedClip | { index: number; problem: string } | { fatal: string };

interface Tools {
  kind: FeatureKind;
  engine: FeatureEngine;
  decoder: CompressedDecoder;
  cache: FeatureCache | null;
}

const scope = self as unknown as {
  onmessage: ((event: MessageEvent<ExtractSetup | ExtractJob>) => void) | null;
  postMessage(reply: ExtractReply, transfer?: Transferable[]): void;
};

let queue: Promise<Tools>;

scope.onmessage = ({ data }) => {
  queue = "kind" in data ? open(data) : queue.then((tools) => answer(tools, data));
};

async function open({ kind, cache, decoding }: ExtractSetup): Promise<Tools> {
  return {
    kind,
    engine: await FeatureEngine.open(),
    decoder: decoding === "process" ? new ProcessDecoder() : new WorkerDecoder(),
    cache: cache === null ? null : new FeatureCache(cache, kind),
  };
}

async function answer(tools: Tools, { index, path }: ExtractJob): Promise<Tools> {
  try {
    const clip = await featuresOf(tools, path);
    scope.postMessage({ index, ...clip }, [clip.values.buffer]);
  } catch (error) {
    if (error instanceof DecoderUnavailable) scope.postMessage({ fatal: error.message });
    else if (error instanceof UserError) scope.postMessage({ index, problem: error.message });
    else throw error;
  }
  return tools;
}

async function featuresOf(
  { kind, engine, decoder, cache }: Tools,
  path: string,
): Promise<Omit<ExtractedClip, "index">> {
  const bytes = readBytes(path);
  if (!cache) {
    return { values: await engine.compute(kind, await decodeAudio(bytes, path, decoder)) };
  }
  const hash = await contentHash(bytes);
  const known = await cache.read(hash);
  if (known) return { values: known, hash };
  const values = await engine.compute(kind, await decodeAudio(bytes, path, decoder));
  const uncached = await cache.write(hash, values).then(() => undefined, ioReason);
  return { values, hash, uncached };
}
