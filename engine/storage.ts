/**
 * Reference-counted device memory. Tensors that share elements (reshape, detach) share a storage;
 * the tape holds its own references to what a gradient needs. Users never see this file's words:
 * they see scopes.
 */
import type { Backend, Memory } from "./backend.ts";

export class Storage {
  readonly memory: Memory;
  readonly #backend: Backend;
  #references = 1;

  constructor(backend: Backend, bytes: number) {
    this.#backend = backend;
    this.memory = backend.alloc(bytes);
  }

  get released(): boolean {
    return this.#references === 0;
  }

  retain(): this {
    if (this.released) throw new Error("storage: used after it was freed");
    this.#references++;
    return this;
  }

  release(): void {
    if (this.released) throw new Error("storage: freed twice");
    if (--this.#references === 0) this.#backend.free(this.memory);
  }
}
