/**
 * Memory for tensors inside one WebAssembly memory: best fit over a list of free blocks kept in
 * address order, neighbours merged on free. A network makes and frees the same few dozen sizes
 * every step, so the list stays short and the memory stops growing after the first.
 */
import { type Memory, OutOfMemoryError } from "../backend.ts";

const PAGE = 65_536;
const ALIGN = 64; // a cache line, and two AVX registers

/** A block of the WebAssembly memory; `address` is a byte offset. */
export interface Block extends Memory {
  readonly address: number;
  readonly reserved: number;
}

export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly #free: { address: number; bytes: number }[] = [];
  #end: number;
  liveBytes = 0;
  peakBytes = 0;
  liveBlocks = 0;

  /** Hands out everything above byte `start` of `memory`. */
  constructor(memory: WebAssembly.Memory, start: number) {
    this.memory = memory;
    this.#end = memory.buffer.byteLength;
    const address = roundUp(start, ALIGN);
    this.#free.push({ address, bytes: this.#end - address });
  }

  alloc(bytes: number): Block {
    // 32 bytes of slack let vector kernels read past the last element without harm.
    const reserved = roundUp(bytes + 32, ALIGN);
    let best = this.#bestFit(reserved);
    if (best < 0) {
      this.#grow(reserved);
      best = this.#bestFit(reserved);
    }
    const hole = this.#free[best];
    const block: Block = { bytes, reserved, address: hole.address };
    if (hole.bytes === reserved) this.#free.splice(best, 1);
    else {
      hole.address += reserved;
      hole.bytes -= reserved;
    }
    this.liveBytes += reserved;
    this.liveBlocks++;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    return block;
  }

  free(block: Block): void {
    const { address, reserved } = block;
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#free[middle].address < address) low = middle + 1;
      else high = middle;
    }
    this.#free.splice(low, 0, { address, bytes: reserved });
    this.#mergeWithNext(low);
    if (low > 0) this.#mergeWithNext(low - 1);
    this.liveBytes -= reserved;
    this.liveBlocks--;
  }

  #bestFit(bytes: number): number {
    let best = -1;
    for (let i = 0; i < this.#free.length; i++) {
      const size = this.#free[i].bytes;
      if (size >= bytes && (best < 0 || size < this.#free[best].bytes)) best = i;
      if (size === bytes) break;
    }
    return best;
  }

  #mergeWithNext(i: number): void {
    const a = this.#free[i];
    const b = this.#free[i + 1];
    if (b && a.address + a.bytes === b.address) {
      a.bytes += b.bytes;
      this.#free.splice(i + 1, 1);
    }
  }

  #grow(bytes: number): void {
    const last = this.#free.at(-1);
    const tail = last && last.address + last.bytes === this.#end ? last.bytes : 0;
    const pages = Math.ceil((bytes - tail) / PAGE);
    try {
      this.memory.grow(pages);
    } catch {
      const mb = (n: number) => Math.round(n / 1e6);
      throw new OutOfMemoryError(
        `out of memory: the CPU backend holds ${mb(this.liveBytes)} MB and needs ${
          mb(bytes)
        } MB more, ` +
          `but WebAssembly memory ends at 4 GB; use a smaller batch`,
      );
    }
    const start = this.#end;
    this.#end = this.memory.buffer.byteLength;
    if (tail > 0) last!.bytes += this.#end - start;
    else this.#free.push({ address: start, bytes: this.#end - start });
  }
}

function roundUp(n: number, multiple: number): number {
  return Math.ceil(n / multiple) * multiple;
}
