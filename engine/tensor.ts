/**
 * Tensor: a shape, an element type, a storage, and whether gradients flow to it. It has no
 * operations of its own (those are functions in `ops/`) and belongs to exactly one device.
 * A tensor made inside a scope dies with that scope unless it is returned or kept.
 */
import { bytesOf, type DType, type TypedData, viewAs } from "./dtype.ts";
import { formatShape, type Shape, sizeOf } from "./shape.ts";
import type { Device } from "./device.ts";
import type { Storage } from "./storage.ts";

/** Elements of one type in a shape, on one device; `Device.tensor` and the ops make them. */
export class Tensor {
  /** Where it lives. */
  readonly device: Device;
  /** Sizes of its axes. */
  readonly shape: Shape;
  /** Type of its elements. */
  readonly dtype: DType;
  /** Its number on its device, never given twice: what the tape knows it by. */
  readonly id: number;
  readonly #storage: Storage;
  #disposed = false;

  /** A leaf to be trained: `backward` leaves its gradient in `grad`. */
  requiresGrad = false;
  /** Gradient of the last `backward`, of this tensor's shape; accumulates until cleared. */
  grad: Tensor | null = null;
  /** Set by the tape: some input requires a gradient, so this tensor's gradient is wanted. */
  tracked = false;

  /** For the engine's own use; see `Device.tensor` and its siblings. */
  constructor(device: Device, storage: Storage, shape: Shape, dtype: DType) {
    this.device = device;
    this.#storage = storage;
    this.shape = shape;
    this.dtype = dtype;
    this.id = device.adopt(this);
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Whether it was freed. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** Whether a gradient flows to it or through it. */
  get needsGrad(): boolean {
    return this.requiresGrad || this.tracked;
  }

  /** The storage; throws if this tensor was already freed. */
  get storage(): Storage {
    if (this.#disposed) {
      throw new Error(`tensor ${formatShape(this.shape)}: used after its scope ended`);
    }
    return this.#storage;
  }

  /** Copies the elements to the host. The only way values leave a device, and asynchronous. */
  async data(): Promise<TypedData> {
    const { dtype, size, device: { backend } } = this;
    const { halfBytes } = backend;
    const bytes = await backend.read(this.storage.memory, 0, bytesOf(size, dtype, halfBytes));
    return viewAs(dtype, bytes, { size, halfBytes });
  }

  /** The value of a one-element tensor. */
  async item(): Promise<number> {
    if (this.size !== 1) throw new Error(`item: needs one element, got ${formatShape(this.shape)}`);
    return (await this.data())[0];
  }

  /** Overwrites the elements from the host. An f16 tensor is made by `cast` alone. */
  write(data: TypedData): void {
    if (this.dtype === "f16") {
      throw new Error("write: an f16 tensor is not written; cast an f32 one");
    }
    if (data.length !== this.size) {
      throw new Error(
        `write: ${formatShape(this.shape)} needs ${this.size} values, got ${data.length}`,
      );
    }
    this.device.backend.write(this.storage.memory, data);
  }

  /** Overwrites the elements from number `from` on. */
  writePart(data: TypedData, from: number): void {
    if (this.dtype === "f16") {
      throw new Error("writePart: an f16 tensor is not written; cast an f32 one");
    }
    if (from + data.length > this.size) {
      throw new Error(
        `writePart: ${formatShape(this.shape)} has ${this.size} values, ` +
          `got ${data.length} from ${from} on`,
      );
    }
    this.device.backend.write(this.storage.memory, data, from * data.BYTES_PER_ELEMENT);
  }

  /** Frees the tensor now instead of at its scope's end. Harmless when repeated. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.device.forget(this);
    this.#storage.release();
    this.grad?.dispose();
    this.grad = null;
  }

  /** `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
