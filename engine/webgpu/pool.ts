/**
 * Buffers by size class. A freed buffer may still be named by commands that were recorded but not
 * submitted; reuse inside the same stream is safe, since the queue runs in order, but destruction
 * must wait for the submit. Undestroyed buffers are invisible to the garbage collector, so the pool
 * is capped and what does not fit is destroyed.
 */
import { type Memory, OutOfMemoryError } from "../backend.ts";

export interface GpuMemory extends Memory {
  readonly buffer: GPUBuffer;
}

const POOL_CAP = 1 << 30;

export class BufferPool {
  readonly #device: GPUDevice;
  readonly #free = new Map<number, GPUBuffer[]>();
  readonly #doomed: GPUBuffer[] = [];
  #pooledBytes = 0;
  liveBytes = 0;
  peakBytes = 0;
  live = 0;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  alloc(bytes: number): GpuMemory {
    const size = sizeClass(bytes);
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    if (bytes > limit) {
      throw new OutOfMemoryError(
        `out of memory: a tensor of ${mb(bytes)} MB passes this adapter's limit of ${
          mb(limit)
        } MB ` +
          `a buffer; use a smaller batch`,
      );
    }
    let buffer = this.#free.get(size)?.pop();
    if (buffer) this.#pooledBytes -= size;
    else {
      buffer = this.#device.createBuffer({
        size: Math.min(size, Math.floor(limit / 4) * 4),
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
      });
    }
    this.liveBytes += size;
    this.live++;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    return { bytes, buffer };
  }

  free(memory: GpuMemory): void {
    const size = sizeClass(memory.bytes);
    this.liveBytes -= size;
    this.live--;
    if (this.#pooledBytes + size > POOL_CAP) {
      this.#doomed.push(memory.buffer);
      return;
    }
    this.#pooledBytes += size;
    const list = this.#free.get(size);
    if (list) list.push(memory.buffer);
    else this.#free.set(size, [memory.buffer]);
  }

  /** Destroys what may go, now that everything recorded has been submitted. */
  afterSubmit(): void {
    for (const b of this.#doomed) b.destroy();
    this.#doomed.length = 0;
  }

  dispose(): void {
    this.afterSubmit();
    for (const list of this.#free.values()) for (const b of list) b.destroy();
    this.#free.clear();
  }
}

/** Eighths of a power of two: at most an eighth is wasted, and few classes exist. */
function sizeClass(bytes: number): number {
  const n = Math.max(256, bytes);
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(n)) - 3));
  return Math.ceil(n / step) * step;
}

function mb(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
