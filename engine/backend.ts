/**
 * What a backend is: memory and kernel launches, nothing of shapes or gradients.
 * Ops describe their work as plain data (`CpuLaunch`, `GpuLaunch`); a backend only carries it out.
 * Both kinds of launch pass parameters alike: 32-bit words in the order given, integers as they
 * are, floats wrapped by `f32()`.
 */

import type { TilesByPrecision } from "./tiles.ts";

/** A stretch of device memory. Opaque; only the backend that made it can use it. */
export interface Memory {
  /** Size. */
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
  /** Which exported function. */
  readonly kernel: string;
  /** Memories it reads and writes, in the kernel's order. */
  readonly buffers: readonly Memory[];
  /** Words behind the addresses. */
  readonly params: readonly Param[];
  /** Size of the range. */
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
  /** Its file's name. */
  readonly shader: string;
  /** The entry point; default `main`. */
  readonly entry?: string;
  /** Values of its `override`s. */
  readonly constants?: Readonly<Record<string, number>>;
  /** Memories it reads and writes, by binding. */
  readonly buffers: readonly Memory[];
  /** The uniform struct, word by word. */
  readonly params: readonly Param[];
  /** Workgroups along x, y, z; x alone may pass 65,535 (it is folded into y by `linearGrid`). */
  readonly grid: readonly [number, number, number];
}

/** What an op may want to know of the CPU backend when it plans a launch. */
export interface CpuCaps {
  /** Threads that take chunks. */
  readonly threads: number;
}

/** What an op may want to know of an adapter when it chooses a kernel. */
export interface GpuCaps {
  /** A software rasteriser: shared memory and barriers only cost there. */
  readonly software: boolean;
  /** Subgroup operations may be used. */
  readonly subgroups: boolean;
  /** 16-bit floats may be used. */
  readonly f16: boolean;
  /** wgpu's matrix products of 16-bit floats across a subgroup: tensor cores. Found right on the adapter. */
  readonly cooperativeMatrix: boolean;
  /** Why there are none, in words; null where there are. */
  readonly cooperativeLack: string | null;
  /** Tile shapes of the shaders that go through workgroup memory. */
  readonly tiles: TilesByPrecision;
  /** Workgroups along one axis of a grid. */
  readonly maxWorkgroupsPerDimension: number;
  /** Bytes of workgroup memory. */
  readonly maxWorkgroupStorage: number;
  /** Threads of a workgroup. */
  readonly maxInvocations: number;
  /** Largest storage-buffer binding in bytes. */
  readonly maxBinding: number;
}

/** What a backend holds and has done. */
export interface BackendStats {
  /** Bytes in live memories, and the most there ever were. */
  readonly liveBytes: number;
  /** The most there ever was of `liveBytes`. */
  readonly peakBytes: number;
  /** Memories handed out and not freed. */
  readonly liveMemories: number;
  /** Kernel calls or dispatches so far. */
  readonly launches: number;
  /** Times that recorded work was handed to a GPU. */
  readonly submits?: number;
  /** Seconds the host spent inside those calls. */
  readonly submitSeconds?: number;
}

/**
 * Told of ops and launches as they are made (`bench/trace.ts` draws a timeline from it). Where a
 * backend has none, a launch costs one comparison more.
 */
export interface LaunchObserver {
  /** The launches that follow are this op's, until `opEnded`. */
  opBegan(op: string, inputs: readonly ObservedTensor[], outputs: readonly ObservedTensor[]): void;
  /** The op has made all its launches. */
  opEnded(): void;
  /** A launch was made. The CPU's is done by now and took `seconds`; a GPU's is recorded: null. */
  launched(launch: CpuLaunch | GpuLaunch, seconds: number | null): void;
}

/** A tensor as an observer sees it. */
export interface ObservedTensor {
  /** Sizes of its axes. */
  readonly shape: readonly number[];
  /** `f32`, `i32` or `f16`. */
  readonly dtype: string;
}

/** What both backends can do. */
export interface BackendBase {
  /** Who is told of what runs; null, the default: nobody. */
  observer: LaunchObserver | null;
  /** Human name: the adapter, or cores and SIMD. */
  readonly name: string;
  /** Bytes of an f16 element: 4 where halves are f32 values that were rounded. */
  readonly halfBytes: 2 | 4;
  /** Uninitialised memory. Throws `OutOfMemoryError` where there is none. */
  alloc(bytes: number): Memory;
  /** Takes a memory back; what is under way may still use it. */
  free(memory: Memory): void;
  /** Copies host data into memory, in order with the launches around it. */
  write(memory: Memory, data: ArrayBufferView, byteOffset?: number): void;
  /** Waits for all earlier work, then copies `bytes` bytes out. */
  read(memory: Memory, byteOffset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Hands recorded work to the device. */
  flush(): void;
  /** Resolves when all work so far is done. Rejects if the device reported an error. */
  finish(): Promise<void>;
  /** What it holds and has done. */
  stats(): BackendStats;
  /** Ends threads or the GPU device; nothing of it may be used afterwards. */
  dispose(): void;
}

/** A backend whose launches are calls into WebAssembly. */
export interface CpuBackendInterface extends BackendBase {
  /** Tells it from the other. */
  readonly kind: "cpu";
  /** What ops may plan by. */
  readonly caps: CpuCaps;
  /** Carries out a launch before it returns. */
  run(launch: CpuLaunch): void;
}

/** One launch as a profile shows it. */
export interface LaunchTime {
  /** Which shader. */
  readonly shader: string;
  /** When it began, in seconds of `performance.now`: by the GPU's clock from the first submit on. */
  readonly began: number;
  /** How long it took. */
  readonly seconds: number;
}

/** A backend whose launches are dispatches, recorded now and run later. */
export interface GpuBackendInterface extends BackendBase {
  /** Tells it from the other. */
  readonly kind: "webgpu";
  /** What ops may plan by. */
  readonly caps: GpuCaps;
  /** Records a launch. */
  run(launch: GpuLaunch): void;
  /** Times every launch from now on, each in a pass of its own; false where the GPU cannot. */
  startProfile(): boolean;
  /** Waits for all work; the launches since `startProfile`, in order. */
  stopProfile(): Promise<LaunchTime[]>;
}

/** Either of the two. */
export type Backend = CpuBackendInterface | GpuBackendInterface;

/** The device has no room for another allocation. */
export class OutOfMemoryError extends Error {
  /** Told apart by name. */
  override readonly name = "OutOfMemoryError";
}

/** The device went away (driver reset, laptop lid, `destroy`). */
export class DeviceLostError extends Error {
  /** Told apart by name. */
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
