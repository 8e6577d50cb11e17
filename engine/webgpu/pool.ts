/**
 * Buffers by size class. A freed buffer may still be named by commands that were recorded but not
 * submitted; reuse inside the same stream is safe, since the queue runs in order, but destruction
 * must wait for the submit. Undestroyed buffers are invisible to the garbage collector, so idle
 * ones are capped, the class unused for longest going first.
 */
import { type Memory, OutOfMemoryError } from "../backend.ts";

/** A buffer of the pool, in use or idle. */
export interface Slot {
  readonly id: number;
  readonly buffer: GPUBuffer;
  /** Bytes of the buffer: a size class. */
  readonly size: number;
  /** Number of the last submit whose commands name the buffer. */
  usedIn: number;
}

export interface GpuMemory extends Memory {
  readonly slot: Slot;
}

/** Idle bytes that are always kept. */
const ALWAYS_KEPT = 64 << 20;

export interface PoolOptions {
  /** Largest allocation in bytes. */
  readonly limit: number;
  /** Creates a buffer of `size` bytes. */
  readonly create: (size: number) => GPUBuffer;
}

export class BufferPool {
  readonly #limit: number;
  readonly #create: (size: number) => GPUBuffer;
  /** Idle slots by size, each list by falling id; the map's order is that of last use. */
  readonly #idle = new Map<number, Slot[]>();
  readonly #doomed: Slot[] = [];
  #nextId = 0;
  #idleBytes = 0;
  liveBytes = 0;
  peakBytes = 0;
  live = 0;

  constructor({ limit, create }: PoolOptions) {
    this.#limit = Math.floor(limit / 4) * 4;
    this.#create = create;
  }

  /** Bytes in buffers that nobody uses, kept for the next who asks. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  alloc(bytes: number): GpuMemory {
    if (bytes > this.#limit) {
      throw new OutOfMemoryError(
        `out of memory: a tensor of ${mb(bytes)} MB passes this adapter's limit of ` +
          `${mb(this.#limit)} MB a buffer; use a smaller batch`,
      );
    }
    const size = Math.min(sizeClass(bytes), this.#limit);
    const slot = this.#take(size) ??
      { id: this.#nextId++, buffer: this.#create(size), size, usedIn: -1 };
    this.liveBytes += size;
    this.live++;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    return { bytes, slot };
  }

  free({ slot }: GpuMemory): void {
    this.liveBytes -= slot.size;
    this.live--;
    this.#idleBytes += slot.size;
    const list = this.#idle.get(slot.size) ?? [];
    this.#idle.delete(slot.size);
    this.#idle.set(slot.size, list);
    list.splice(list.findLastIndex((s) => s.id > slot.id) + 1, 0, slot);
    this.#trim();
  }

  /** Destroys what may go, now that everything recorded has been submitted. */
  afterSubmit(): void {
    for (const { buffer } of this.#doomed) buffer.destroy();
    this.#doomed.length = 0;
  }

  /** Destroys the idle buffers. Those in use go with the device. */
  dispose(): void {
    this.afterSubmit();
    for (const list of this.#idle.values()) for (const { buffer } of list) buffer.destroy();
    this.#idle.clear();
    this.#idleBytes = 0;
  }

  /**
   * The idle slot of lowest id: what a step gets then follows from what it asks for alone, so that
   * every step binds the same buffers in the same places and its bind groups are found again.
   */
  #take(size: number): Slot | undefined {
    const slot = this.#idle.get(size)?.pop();
    if (slot) this.#idleBytes -= size;
    return slot;
  }

  /**
   * WebGPU does not say how much memory a device has. The pool's own past does: idle buffers never
   * hold more than was ever live at once, so that a step finds all of its buffers again and sizes
   * that are no longer asked for go.
   */
  #trim(): void {
    const cap = Math.max(ALWAYS_KEPT, this.peakBytes);
    for (const [size, list] of this.#idle) {
      while (this.#idleBytes > cap && list.length > 0) {
        this.#doomed.push(list.shift()!);
        this.#idleBytes -= size;
      }
      if (list.length === 0) this.#idle.delete(size);
      if (this.#idleBytes <= cap) return;
    }
  }
}

/** Eighths of a power of two: at most an eighth is wasted, and few classes exist. */
export function sizeClass(bytes: number): number {
  const n = Math.max(256, bytes);
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(n)) - 3));
  return Math.ceil(n / step) * step;
}

function mb(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
