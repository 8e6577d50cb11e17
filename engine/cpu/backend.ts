/**
 * The CPU backend: kernels compiled from `kernels/` to WebAssembly SIMD, run by all cores over one
 * shared memory. Launches run at once and in order; `read` is asynchronous only by its type.
 */
import {
  type BackendStats,
  type CpuBackendInterface,
  type CpuLaunch,
  encodeParams,
  type LaunchObserver,
  type Memory,
} from "../backend.ts";
import { coreCount, mayShareMemory, readKernels } from "../host.ts";
import { requireKernels, wasmFeatures } from "./features.ts";
import { type Block, Heap } from "./heap.ts";
import { CONTROL, CONTROL_BYTES, type Kernel, kernelTable, STOP, waitWhile, work } from "./team.ts";
import type { WorkerSetup } from "./worker.ts";

const PARAM_BYTES = 1024;
/** Operations below which a chunk is not worth handing to another thread (a fork takes about 10 µs). */
const LEAST_WORK = 32_768;
const INITIAL_PAGES = 256;
const MAXIMUM_PAGES = 65_536;

export interface CpuOptions {
  /** Threads including the caller's; default: all cores. */
  readonly threads?: number;
  /** In place of the engine's kernels. */
  readonly kernels?: Uint8Array<ArrayBuffer>;
}

/**
 * Opens the CPU backend, with one thread where the runtime allows no more (`wasmFeatures` says why).
 * Throws where the kernels are not built, or WebAssembly lacks what they need (`UserError`).
 */
export async function openCpu(options: CpuOptions = {}): Promise<CpuBackend> {
  requireKernels(wasmFeatures());
  const module = await WebAssembly.compile(options.kernels ?? await readKernels());
  const memory = new WebAssembly.Memory({
    initial: INITIAL_PAGES,
    maximum: MAXIMUM_PAGES,
    shared: true,
  });
  const backend = new CpuBackend(module, memory);
  const threads = mayShareMemory() ? options.threads ?? coreCount() : 1;
  await backend.startWorkers(Math.max(1, threads));
  return backend;
}

export class CpuBackend implements CpuBackendInterface {
  readonly kind = "cpu";
  readonly halfBytes = 4;
  observer: LaunchObserver | null = null;
  readonly #module: WebAssembly.Module;
  readonly #heap: Heap;
  readonly #kernels: Kernel[];
  readonly #kernelIds = new Map<string, number>();
  readonly #workers: Worker[] = [];
  readonly #control: Int32Array;
  readonly #controlAddress: number;
  readonly #paramsAddress: number;
  #view: DataView;
  #bytes: Uint8Array;
  #launches = 0;

  constructor(module: WebAssembly.Module, memory: WebAssembly.Memory) {
    this.#module = module;
    const abort = () => {
      throw new Error("a CPU kernel aborted");
    };
    const instance = new WebAssembly.Instance(module, { env: { memory, abort } });
    const { names, kernels } = kernelTable(instance.exports);
    this.#kernels = kernels;
    names.forEach((name, id) => this.#kernelIds.set(name, id));
    this.#heap = new Heap(memory, (instance.exports.heapBase as WebAssembly.Global).value);
    this.#controlAddress = this.#heap.alloc(CONTROL_BYTES).address;
    this.#paramsAddress = this.#heap.alloc(PARAM_BYTES).address;
    this.#control = new Int32Array(memory.buffer, this.#controlAddress, CONTROL_BYTES / 4);
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
  }

  get threads(): number {
    return this.#workers.length + 1;
  }

  get caps(): { threads: number } {
    return { threads: this.threads };
  }

  get name(): string {
    return `CPU, ${this.threads} ${this.threads === 1 ? "thread" : "threads"}`;
  }

  /** Starts the other threads and waits until they stand ready. */
  async startWorkers(threads: number): Promise<void> {
    const ready: Promise<void>[] = [];
    for (let thread = 1; thread < threads; thread++) {
      const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
      ready.push(
        new Promise((resolve, reject) => {
          worker.onmessage = () => resolve();
          worker.onerror = (event) => reject(new Error(`CPU worker: ${event.message}`));
        }),
      );
      const setup: WorkerSetup = {
        module: this.#module,
        memory: this.#heap.memory,
        control: this.#controlAddress,
        thread,
      };
      worker.postMessage(setup);
      this.#workers.push(worker);
    }
    try {
      await Promise.all(ready);
    } catch (error) {
      for (const worker of this.#workers.splice(0)) worker.terminate();
      throw error;
    }
  }

  alloc(bytes: number): Block {
    return this.#heap.alloc(bytes);
  }

  free(memory: Memory): void {
    this.#heap.free(memory as Block);
  }

  write(memory: Memory, data: ArrayBufferView, byteOffset = 0): void {
    checkRange("write", memory, byteOffset, data.byteLength);
    const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#refresh();
    this.#bytes.set(source, (memory as Block).address + byteOffset);
  }

  read(memory: Memory, byteOffset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    return Promise.resolve(this.readNow(memory, byteOffset, bytes));
  }

  /** `read` without the promise: nothing is ever in flight here. */
  readNow(memory: Memory, byteOffset: number, bytes: number): Uint8Array<ArrayBuffer> {
    checkRange("read", memory, byteOffset, bytes);
    this.#refresh();
    const start = (memory as Block).address + byteOffset;
    const out = new Uint8Array(bytes);
    out.set(this.#bytes.subarray(start, start + bytes));
    return out;
  }

  run(launch: CpuLaunch): void {
    if (this.observer === null) return this.#run(launch);
    const began = performance.now();
    this.#run(launch);
    this.observer.launched(launch, (performance.now() - began) / 1000);
  }

  #run(launch: CpuLaunch): void {
    const { buffers, params, items } = launch;
    if (items <= 0) return;
    const id = this.#kernelIds.get(launch.kernel);
    if (id === undefined) throw new Error(`CPU backend: no kernel ${launch.kernel}`);
    this.#refresh();
    this.#launches++;
    const base = this.#paramsAddress;
    buffers.forEach((b, i) => this.#view.setUint32(base + i * 4, (b as Block).address, true));
    encodeParams(params, this.#view, base + buffers.length * 4);
    const grain = launch.grain ?? this.#defaultGrain(items, launch.work ?? 1);
    if (this.#workers.length === 0 || items <= grain) {
      // The same chunks as with threads, so that results do not depend on their number.
      try {
        for (let start = 0; start < items; start += grain) {
          this.#kernels[id](base, start, Math.min(start + grain, items));
        }
      } catch (cause) {
        throw trapped(launch.kernel, cause);
      }
      return;
    }
    const control = this.#control;
    control[CONTROL.kernel] = id;
    control[CONTROL.params] = base;
    control[CONTROL.items] = items;
    control[CONTROL.grain] = grain;
    control[CONTROL.failed] = 0;
    Atomics.store(control, CONTROL.next, 0);
    Atomics.store(control, CONTROL.pending, this.#workers.length);
    Atomics.add(control, CONTROL.generation, 1);
    Atomics.notify(control, CONTROL.generation);
    let cause: unknown;
    try {
      work(control, this.#kernels);
    } catch (error) {
      // The others still work on this job: only after them may the next one be written.
      cause = error;
      Atomics.store(control, CONTROL.failed, 1);
    }
    for (let left = this.#pending(); left > 0; left = this.#pending()) {
      waitWhile(control, CONTROL.pending, left);
    }
    if (Atomics.load(control, CONTROL.failed) === 1) throw trapped(launch.kernel, cause);
  }

  flush(): void {}

  finish(): Promise<void> {
    return Promise.resolve();
  }

  stats(): BackendStats {
    const { liveBytes, peakBytes, liveBlocks } = this.#heap;
    return { liveBytes, peakBytes, liveMemories: liveBlocks, launches: this.#launches };
  }

  dispose(): void {
    this.#control[CONTROL.kernel] = STOP;
    Atomics.add(this.#control, CONTROL.generation, 1);
    Atomics.notify(this.#control, CONTROL.generation);
    this.#workers.length = 0;
  }

  #defaultGrain(items: number, work: number): number {
    return Math.max(1, Math.ceil(items / (this.threads * 4)), Math.ceil(LEAST_WORK / work));
  }

  #pending(): number {
    return Atomics.load(this.#control, CONTROL.pending);
  }

  /** Views go stale when the memory grows. */
  #refresh(): void {
    const { buffer } = this.#heap.memory;
    if (this.#bytes.buffer === buffer) return;
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }
}

function trapped(kernel: string, cause: unknown): Error {
  return new Error(`CPU kernel ${kernel} trapped`, { cause });
}

function checkRange(what: string, memory: Memory, offset: number, bytes: number): void {
  if (offset < 0 || offset + bytes > memory.bytes) {
    throw new Error(`${what}: bytes ${offset}…${offset + bytes} of a memory of ${memory.bytes}`);
  }
}
