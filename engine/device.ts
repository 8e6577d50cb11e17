/**
 * A device: one backend, the scopes that own its tensors, and the tape that records its ops.
 * Nothing here is global: two devices live side by side, and tests open one of each kind.
 */
import type { Backend } from "./backend.ts";
import { bytesOf, type DType, type Precision, type TypedData } from "./dtype.ts";
import { checkShape, formatShape, type Shape, sizeOf } from "./shape.ts";
import { Storage } from "./storage.ts";
import { Tape } from "./tape.ts";
import { Tensor } from "./tensor.ts";

/** One backend, the scopes that own its tensors, and the tape of its ops; `openDevice` opens one. */
export class Device {
  /** Memory and launches. */
  readonly backend: Backend;
  /** What operands of products are rounded to, and kept in for their gradients. */
  readonly precision: Precision;
  /** What ran since the last `backward`. */
  readonly tape: Tape = new Tape();
  readonly #scopes: Set<Tensor>[] = [];
  readonly #constants = new Map<string, Tensor>();
  #nextId = 1;
  #live = 0;

  /** A device on a backend, which it owns from now on. */
  constructor(backend: Backend, { precision = "f32" }: { readonly precision?: Precision } = {}) {
    this.backend = backend;
    this.precision = precision;
  }

  /** Which backend. */
  get kind(): "cpu" | "webgpu" {
    return this.backend.kind;
  }

  /** The adapter's name, or the CPU with its threads. */
  get name(): string {
    return this.backend.name;
  }

  /** Tensors alive on this device, in or out of scopes. A training step leaves it as it was. */
  get liveTensors(): number {
    return this.#live;
  }

  /** Uninitialised tensor. */
  empty(shape: Shape, dtype: DType = "f32"): Tensor {
    checkShape("empty", shape);
    const bytes = bytesOf(Math.max(sizeOf(shape), 1), dtype, this.backend.halfBytes);
    const storage = new Storage(this.backend, bytes);
    return new Tensor(this, storage, [...shape], dtype);
  }

  /** Tensor of given values: f32 from a Float32Array or numbers, i32 from an Int32Array. */
  tensor(data: TypedData | readonly number[], shape?: Shape): Tensor {
    const values = data instanceof Float32Array || data instanceof Int32Array
      ? data
      : Float32Array.from(data);
    const dims = shape ?? [values.length];
    if (sizeOf(dims) !== values.length) {
      throw new Error(
        `tensor: ${formatShape(dims)} needs ${sizeOf(dims)} values, got ${values.length}`,
      );
    }
    const t = this.empty(dims, values instanceof Int32Array ? "i32" : "f32");
    if (values.length > 0) this.backend.write(t.storage.memory, values);
    return t;
  }

  /**
   * Runs `body` and frees every tensor made in it, but those it returns (alone, in an array, or as
   * values of an object) and those handed to `keep`. On a throw all are freed. A scope is
   * synchronous: returning a promise is an error, for nothing could say when to free.
   */
  scope<T>(body: () => T): T {
    const scope = new Set<Tensor>();
    const depth = this.#scopes.push(scope);
    let result: T | undefined;
    let returned = false;
    try {
      result = body();
      if (result instanceof Promise) {
        throw new Error("scope: the body returned a promise; read values after the scope ends");
      }
      returned = true;
    } finally {
      this.#scopes.length = depth - 1;
      if (returned) { for (const t of tensorsIn(result)) this.#moveOut(t, scope); }
      for (const t of scope) t.dispose();
    }
    return result as T;
  }

  /** Takes a tensor out of every open scope: it lives until its own `dispose`. */
  keep<T extends Tensor>(tensor: T): T {
    for (const scope of this.#scopes) scope.delete(tensor);
    return tensor;
  }

  /**
   * A table that ops read and nobody writes (twiddle factors, windows), made once a device. `key`
   * names its contents; `make` gives them in f32. It lives as long as the device, is no one's to
   * dispose, and does not count as a live tensor.
   */
  constant(key: string, make: () => Float32Array): Tensor {
    const known = this.#constants.get(key);
    if (known) return known;
    const made = this.keep(this.tensor(make()));
    this.#live--;
    this.#constants.set(key, made);
    return made;
  }

  /** Runs `body` without recording: no gradients, nothing saved. */
  noGrad<T>(body: () => T): T {
    return this.tape.paused(body);
  }

  /** Called by every new tensor. @internal */
  adopt(tensor: Tensor): number {
    this.#scopes.at(-1)?.add(tensor);
    this.#live++;
    return this.#nextId++;
  }

  /** Called by every freed tensor. @internal */
  forget(tensor: Tensor): void {
    for (const scope of this.#scopes) scope.delete(tensor);
    this.#live--;
  }

  #moveOut(tensor: Tensor, from: Set<Tensor>): void {
    if (from.delete(tensor)) this.#scopes.at(-1)?.add(tensor);
  }

  /** Forgets the tape and closes the backend. */
  dispose(): void {
    this.tape.clear();
    this.backend.dispose();
  }

  /** `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (
    value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype
  ) {
    return Object.values(value).flatMap(tensorsIn);
  }
  return [];
}
