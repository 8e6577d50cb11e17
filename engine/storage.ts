/**
 * Reference-counted device memory. Tensors that share elements (reshape, detach) share a storage;
 * the tape holds its own references to what a gradient needs. Users never see this file's words:
 * they see scopes.
 */
import type { Backend, Memory } from "./backend.ts";

/** A backend's memory and a count of those who use it. */
export class Storage {
  /** What is counted. */
  readonly memory: Memory;
  readonly #backend: Backend;
  #references = 1;

  /** Takes `bytes` from a backend, with one reference. */
  constructor(backend: Backend, bytes: number) {
    this.#backend = backend;
    this.memory = backend.alloc(bytes);
  }

  /** Whether the memory went back. */
  get released(): boolean {
    return this.#references === 0;
  }

  /** One more reference. */
  retain(): this {
    if (this.released) throw new Error("storage: used after it was freed");
    this.#references++;
    return this;
  }

  /** One reference less; the last gives the memory back. */
  release(): void {
    if (this.released) throw new Error("storage: freed twice");
    if (--this.#references === 0) this.#backend.free(this.memory);
  }
}
