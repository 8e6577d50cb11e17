/**
 * The inputs of some clips, to be drawn batch by batch. `Rows` are all of one shape: one tensor on
 * the device where that has room for it, so that a step moves nothing but row numbers; else the rows
 * stay on the host and each batch is uploaded.
 */
import { OutOfMemoryError } from "../backend.ts";
import type { Device } from "../device.ts";
import { BYTES_PER_ELEMENT } from "../dtype.ts";
import { gather } from "../ops/gather.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Bytes of inputs the CPU backend takes in; the rest of its 4 GB is for training. */
const CPU_SHARE = 1.5e9;

/** Inputs of some clips, drawn batch by batch; `In` is what a model takes. */
export interface RowSource<In> {
  /** Where batches are made. */
  readonly device: Device;
  /** Number of rows. */
  readonly n: number;
  /** Lengths of rows that are sequences; batches are then made of rows of similar lengths. */
  readonly lengths?: Int32Array;
  /** The batch of some rows, in the current scope. */
  at(rows: Int32Array): In;
  /** Frees what lies on the device. */
  dispose(): void;
}

/** Rows of one shape, on the device where it has room for them. */
export class Rows implements RowSource<Tensor> {
  /** Where batches are made. */
  readonly device: Device;
  /** Number of rows. */
  readonly n: number;
  readonly #rowShape: Shape;
  readonly #host: readonly Float32Array[];
  readonly #tensor: Tensor | null;

  /** `rows`: one array of `rowShape` each. `most`: bytes to put on the device at most. */
  constructor(
    device: Device,
    rows: readonly Float32Array[],
    { rowShape, most = device.kind === "cpu" ? CPU_SHARE : Infinity }: {
      readonly rowShape: Shape;
      readonly most?: number;
    },
  ) {
    this.device = device;
    this.n = rows.length;
    this.#rowShape = rowShape;
    const bytes = rows.length * sizeOf(rowShape) * BYTES_PER_ELEMENT;
    this.#tensor = bytes <= most ? upload(device, rows, rowShape) : null;
    this.#host = this.#tensor ? [] : rows;
  }

  /** Whether the device had room for all. */
  get onDevice(): boolean {
    return this.#tensor !== null;
  }

  /** Rows by number, `[k, …rowShape]`, in the current scope. */
  at(rows: Int32Array): Tensor {
    const tensor = this.#tensor;
    if (tensor) return this.device.scope(() => gather(tensor, this.device.tensor(rows)));
    const chosen = Array.from(rows, (r) => this.#host[r]);
    return this.device.tensor(packed(chosen, this.#rowShape), [rows.length, ...this.#rowShape]);
  }

  /** Frees what lies on the device. */
  dispose(): void {
    this.#tensor?.dispose();
  }

  /** `dispose`, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Rows one after the other. */
function packed(rows: readonly Float32Array[], shape: Shape): Float32Array {
  const size = sizeOf(shape);
  const values = new Float32Array(rows.length * size);
  rows.forEach((row, i) => values.set(row, i * size));
  return values;
}

function upload(
  device: Device,
  rows: readonly Float32Array[],
  shape: Shape,
): Tensor | null {
  try {
    return device.keep(device.tensor(packed(rows, shape), [rows.length, ...shape]));
  } catch (error) {
    if (error instanceof OutOfMemoryError) return null;
    throw error;
  }
}
