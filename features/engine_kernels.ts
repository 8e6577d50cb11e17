/**
 * The kernels of features on the engine: one device, constants uploaded once, each call one scope.
 */
import type { Device } from "../engine/device.ts";
import { openDevice } from "../engine/open.ts";
import { mul } from "../engine/ops/elementwise.ts";
import { irfft, rfft } from "../engine/ops/fft.ts";
import { matmul } from "../engine/ops/matmul.ts";
import { runningMedian } from "../engine/ops/median.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Matrix, SpectralKernels } from "./spectral.ts";

const KEPT_CONSTANTS = 16;

/** Kernels on one thread of the CPU backend: cores are kept busy by Workers with one each. */
export async function openEngineKernels(): Promise<SpectralKernels> {
  return new EngineKernels(await openDevice("cpu", { threads: 1 }));
}

export class EngineKernels implements SpectralKernels {
  readonly #device: Device;
  #input = new Float32Array(0);
  /** by the array they were made from, longest unused first */
  readonly #constants = new Map<Float32Array, Tensor>();

  /** @param device taken over, and disposed of at the end */
  constructor(device: Device) {
    this.#device = device;
  }

  input(length: number): Float32Array {
    // one buffer for all calls: fresh megabytes would cost more than filling them
    if (this.#input.length < length) this.#input = new Float32Array(Math.ceil(length * 1.25));
    return this.#input.subarray(0, length);
  }

  async rfft(rows: Float32Array, window: Float32Array<ArrayBuffer>): Promise<Float32Array> {
    const n = window.length;
    return await this.#read(() => {
      const weights = this.#constant(window, [n]);
      return rfft(mul(this.#device.tensor(rows, [rows.length / n, n]), weights));
    });
  }

  async irfft(rows: Float32Array, n: number): Promise<Float32Array> {
    const bins = n / 2 + 1;
    return await this.#read(() =>
      irfft(this.#device.tensor(rows, [rows.length / (2 * bins), bins, 2]))
    );
  }

  async matmul(rows: Float32Array, matrix: Matrix): Promise<Float32Array> {
    const { values, rows: inner, columns } = matrix;
    return await this.#read(() => {
      const right = this.#constant(values, [inner, columns]);
      return matmul(this.#device.tensor(rows, [rows.length / inner, inner]), right);
    });
  }

  async median(
    rows: Float32Array,
    { columns, width, axis }: { columns: number; width: number; axis: 0 | 1 },
  ): Promise<Float32Array> {
    return await this.#read(() => {
      const x = this.#device.tensor(rows, [rows.length / columns, columns]);
      return runningMedian(x, { width, axis });
    });
  }

  [Symbol.dispose](): void {
    this.#device.dispose();
  }

  async #read(body: () => Tensor): Promise<Float32Array> {
    const result = this.#device.noGrad(() => this.#device.scope(body));
    try {
      return await result.data() as Float32Array;
    } finally {
      result.dispose();
    }
  }

  #constant(values: Float32Array, shape: number[]): Tensor {
    const known = this.#constants.get(values);
    if (known) {
      this.#constants.delete(values);
      this.#constants.set(values, known);
      return known;
    }
    if (this.#constants.size >= KEPT_CONSTANTS) {
      const [oldest, tensor] = this.#constants.entries().next().value!;
      this.#constants.delete(oldest);
      tensor.dispose();
    }
    const tensor = this.#device.keep(this.#device.tensor(values, shape));
    this.#constants.set(values, tensor);
    return tensor;
  }
}
