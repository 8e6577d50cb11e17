/**
 * What a backend is: memory and kernel launches, nothing of shapes or gradients.
 * Ops describe their work as plain data (`CpuLaunch`, `GpuLaunch`); a backend only carries it out.
 * Both kinds of launch pass parameters alike: 32-bit words in the order given, integers as they
 * are, floats wrapped by `f32()`.
 */

import type { Tiles } from "./tiles.ts";

/** A stretch of device memory. Opaque; only the backend that made it can use it. */
export interface Memory {
  readonly bytes: number;
}

/** A kernel parameter: an integer word, or a float made by `f32()`. */
export type Param = number | { readonly f32: number };

/** Marks a parameter as a 32-bit float; plain numbers travel as 32-bit integers. */
export function f32(value: number): Param {
  return { f32: value };
}

/** Writes parameters as 32-bit words, starting at word `offset`. */
export function encodeParams(params: readonly Param[], view: DataView, offset: number): void {
  for (let i = 0; i < params.length; i++) {
    const p = params[i];
    if (typeof p === "number") view.setInt32(offset + i * 4, p, true);
    else view.setFloat32(offset + i * 4, p.f32, true);
  }
}

/**
 * One call of a WebAssembly kernel `kernel(p, start, end)`. `p` points at words: the addresses of
 * `buffers`, then `params`. The range `[0, items)` is cut into chunks of `grain` items that threads
 * take in any order: a kernel's result must not depend on who ran which chunk.
 */
export interface CpuLaunch {
  readonly kernel: string;
  readonly buffers: readonly Memory[];
  readonly params: readonly Param[];
  readonly items: number;
  /**
   * Items per chunk; default: about four chunks a thread, none so small that sharing it out costs
   * more than it saves. Fix it where a chunk's bounds shape the result.
   */
  readonly grain?: number;
  /** Elementary operations an item takes, roughly, for the default grain; default 1. */
  readonly work?: number;
}

/**
 * One dispatch of a shader from `shaders/`. `buffers` follow `@group(0)` bindings 0, 1, …;
 * `params` fill the struct at `@group(1) @binding(0)`; `constants` specialise `override`s.
 */
export interface GpuLaunch {
  readonly shader: string;
  readonly entry?: string;
  readonly constants?: Readonly<Record<string, number>>;
  readonly buffers: readonly Memory[];
  readonly params: readonly Param[];
  /** Workgroups along x, y, z; x alone may pass 65,535 (it is folded into y by `linearGrid`). */
  readonly grid: readonly [number, number, number];
}

/** What an op may want to know of the CPU backend when it plans a launch. */
export interface CpuCaps {
  readonly threads: number;
}

/** What an op may want to know of an adapter when it chooses a kernel. */
export interface GpuCaps {
  /** A software rasteriser: shared memory and barriers only cost there. */
  readonly software: boolean;
  readonly subgroups: boolean;
  readonly f16: boolean;
  /** wgpu's matrix products of 16-bit floats across a subgroup: tensor cores. */
  readonly cooperativeMatrix: boolean;
  /** Tile shapes of the shaders that go through workgroup memory. */
  readonly tiles: Tiles;
  readonly maxWorkgroupsPerDimension: number;
  readonly maxWorkgroupStorage: number;
  readonly maxInvocations: number;
  /** Largest storage-buffer binding in bytes. */
  readonly maxBinding: number;
}

export interface BackendStats {
  /** Bytes in live memories, and the most there ever were. */
  readonly liveBytes: number;
  readonly peakBytes: number;
  readonly liveMemories: number;
  readonly launches: number;
}

interface BackendBase {
  /** Human name: the adapter, or cores and SIMD. */
  readonly name: string;
  /** Uninitialised memory. Throws `OutOfMemoryError` where there is none. */
  alloc(bytes: number): Memory;
  free(memory: Memory): void;
  /** Copies host data into memory, in order with the launches around it. */
  write(memory: Memory, data: ArrayBufferView, byteOffset?: number): void;
  /** Waits for all earlier work, then copies `bytes` bytes out. */
  read(memory: Memory, byteOffset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Hands recorded work to the device. */
  flush(): void;
  /** Resolves when all work so far is done. Rejects if the device reported an error. */
  finish(): Promise<void>;
  stats(): BackendStats;
  dispose(): void;
}

export interface CpuBackendInterface extends BackendBase {
  readonly kind: "cpu";
  readonly caps: CpuCaps;
  run(launch: CpuLaunch): void;
}

/** One launch as a profile shows it. */
export interface LaunchTime {
  readonly shader: string;
  readonly seconds: number;
}

export interface GpuBackendInterface extends BackendBase {
  readonly kind: "webgpu";
  readonly caps: GpuCaps;
  run(launch: GpuLaunch): void;
  /** Times every launch from now on, each in a pass of its own; false where the GPU cannot. */
  startProfile(): boolean;
  /** Waits for all work; the launches since `startProfile`, in order. */
  stopProfile(): Promise<LaunchTime[]>;
}

export type Backend = CpuBackendInterface | GpuBackendInterface;

/** The device has no room for another allocation. */
export class OutOfMemoryError extends Error {
  override readonly name = "OutOfMemoryError";
}

/** The device went away (driver reset, laptop lid, `destroy`). */
export class DeviceLostError extends Error {
  override readonly name = "DeviceLostError";
}

/**
 * Grid for `items` one-dimensional invocations in workgroups of `size`, folded past the limit of
 * 65,535 workgroups a dimension. Shaders recover the index as `flatIndex` of the prelude does.
 */
export function linearGrid(items: number, size = 64): [number, number, number] {
  const groups = Math.ceil(items / size);
  if (groups <= 65_535) return [Math.max(groups, 1), 1, 1];
  const y = Math.ceil(groups / 65_535);
  return [Math.ceil(groups / y), y, 1];
}
