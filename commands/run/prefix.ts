/**
 * What the frozen part of a network gives for every clip: run once, without a tape, and kept on disk by
 * the hashes of weights and clip, so that epochs, folds and runs share it. In memory where all of it
 * fits, else read batch by batch.
 */
import { join } from "node:path";
import type { Device } from "../../engine/device.ts";
import { UserError } from "../../engine/error.ts";
import { breathe } from "../../engine/train/evaluate.ts";
import { SequenceRows, type StoredRows } from "../../engine/train/sequence_rows.ts";
import { ArrayStore, contentHash } from "../../features/array_store.ts";
import { DEFAULT_CACHE } from "../../features/extract.ts";
import type { Entry, Wav2Vec2Network } from "../../models/wav2vec2/heads.ts";
import type { Progress } from "../../report/progress.ts";
import { Stopped } from "../words/failure.ts";
import { Interrupt, INTERRUPTED } from "./interrupt.ts";

/** Raised whenever the numbers change, so that no cache serves old ones. */
const VERSION = 1;
/** Clips a step: a GPU wants several, the CPU is busy with one. */
const TOGETHER = { cpu: 1, webgpu: 8 };

export interface PrefixOptions {
  readonly device: Device;
  readonly network: Wav2Vec2Network;
  /** Of the network's weights and configuration. */
  readonly hash: string;
  /** As the network hears them; taken out, since what comes of them is all that is read from then on. */
  readonly clips: Float32Array[];
  readonly progress: Progress;
  /** Folder of the cache. */
  readonly cache?: string;
  /** Bytes that may be held in memory; what comes after is read from disk when a batch takes it. */
  readonly memory: number;
}

export interface Prefix {
  /** Values of a frame. */
  readonly channels: number;
  readonly rows: StoredRows;
}

/** Runs every clip up to the network's entry. */
export async function runPrefix(options: PrefixOptions): Promise<Prefix> {
  const { device, network, clips, progress, hash } = options;
  const { cache = DEFAULT_CACHE, memory } = options;
  const { entry } = network;
  network.train(false);
  const channels = channelsAt(network, entry);
  const store = new ArrayStore(
    join(cache, `wav2vec2-v${VERSION}`, `${hash.slice(0, 32)}-${entry}`),
    (values) => values > 0 && values % channels === 0,
  );
  const names = await Promise.all(clips.map((clip) => contentHash(bytesOf(clip))));
  const sizes: number[] = new Array(clips.length).fill(0);
  const held = new Map<number, Float32Array>();
  let bytes = 0;
  const take = (row: number, values: Float32Array) => {
    sizes[row] = values.length;
    bytes += values.byteLength;
    if (bytes <= memory) held.set(row, values);
  };
  const missing: number[] = [];
  for (const [row, name] of names.entries()) {
    const known = await store.read(name);
    if (known) take(row, known);
    else missing.push(row);
  }
  if (missing.length > 0) {
    using interrupt = new Interrupt(progress);
    progress.start("frozen layers", missing.length);
    // Clips of like lengths together, so that little of a batch is padding.
    missing.sort((a, b) => clips[a].length - clips[b].length);
    const samples = new SequenceRows(device, clips, 1);
    const step = TOGETHER[device.kind];
    let unwritten: string | undefined;
    for (let start = 0; start < missing.length; start += step) {
      if (interrupt.signal.aborted) {
        progress.stop();
        throw new Stopped("stopped; the same command goes on from here", INTERRUPTED);
      }
      const rows = missing.slice(start, start + step);
      const values = await outputsOf(network, samples, rows);
      for (const [i, row] of rows.entries()) {
        take(row, values[i]);
        await store.write(names[row], values[i]).catch((error) => unwritten ??= String(error));
      }
      progress.update(Math.min(start + step, missing.length));
      await breathe();
    }
    progress.stop();
    if (unwritten !== undefined) {
      progress.line(`note: what the frozen layers give is not cached in ${cache}: ${unwritten}`);
      if (held.size < names.length) {
        throw new UserError(
          `${cache}: what the frozen layers give fits neither there nor in memory`,
        );
      }
    }
  }
  clips.length = 0;
  const read = (row: number): Float32Array => {
    const values = held.get(row) ?? store.readSync(names[row]);
    if (values) return values;
    throw new UserError(
      `${cache}: a file of the cache is gone or damaged; the same command makes it anew`,
    );
  };
  return { channels, rows: { sizes, read } };
}

/** Each clip's own frames, as they come to the network's entry. */
async function outputsOf(
  network: Wav2Vec2Network,
  samples: SequenceRows,
  rows: readonly number[],
): Promise<Float32Array[]> {
  const { entry } = network;
  const { device } = samples;
  const { values, lengths } = device.noGrad(() =>
    device.scope(() => {
      const x = samples.at(Int32Array.from(rows));
      if (entry === "pooled") return { values: network.pool(x, "samples"), lengths: null };
      const { values, hostLengths } = network.wav2vec2.run(x, { to: entry });
      return { values, lengths: hostLengths };
    })
  );
  const all = await values.data() as Float32Array;
  const each = all.length / rows.length;
  const channels = values.shape.at(-1)!;
  values.dispose();
  return rows.map((_, i) => {
    const size = lengths ? lengths[i] * channels : each;
    return all.slice(i * each, i * each + size);
  });
}

/** Values of a frame where the network's inputs stand. */
export function channelsAt(network: Wav2Vec2Network, entry: Entry): number {
  const { hiddenSize, frameSize } = network.wav2vec2;
  if (entry === "samples") return 1;
  if (entry === "frames") return frameSize;
  return entry === "pooled" ? network.pooledSize : hiddenSize;
}

function bytesOf(values: Float32Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values.buffer as ArrayBuffer, values.byteOffset, values.byteLength);
}
