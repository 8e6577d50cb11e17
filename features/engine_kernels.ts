/**
 * The kernels of features on the engine: one device, constants uploaded once, each call one scope.
 */
import type { Device } from "../engine/device.ts";
import { openDevice } from "../engine/open.ts";
import { mul } from "../engine/ops/elementwise.ts";
import { irfft, rfft } from "../engine/ops/fft.ts";
import { frame, overlapAdd } from "../engine/ops/gather.ts";
import { matmul } from "../engine/ops/matmul.ts";
import { runningMedian } from "../engine/ops/median.ts";
import { reshape } from "../engine/ops/movement.ts";
import type { Tensor } from "../engine/tensor.ts";
import type { Framing, Matrix, SpectralKernels } from "./spectral.ts";

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

  async rfft(signal: Float32Array, { window, hop }: Framing): Promise<Float32Array> {
    const n = window.length;
    return await this.#read(() =>
      rfft(mul(this.#frames(signal, n, hop), this.#constant(window, [n])))
    );
  }

  async overlapSpectra(spectra: Float32Array, { window, hop }: Framing): Promise<Float32Array> {
    const n = window.length;
    const bins = n / 2 + 1;
    const frames = spectra.length / (2 * bins);
    return await this.#read(() => {
      const parts = irfft(this.#device.tensor(spectra, [1, frames, bins, 2]));
      const weighted = mul(parts, this.#constant(window, [n]));
      return overlapAdd(weighted, { hop, length: (frames - 1) * hop + n });
    });
  }

  async matmul(
    signal: Float32Array,
    { values, rows, columns }: Matrix,
    hop = rows,
  ): Promise<Float32Array> {
    return await this.#read(() =>
      matmul(this.#frames(signal, rows, hop), this.#constant(values, [rows, columns]))
    );
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

  /** [frames, size] */
  #frames(signal: Float32Array, size: number, hop: number): Tensor {
    if (hop === size) return this.#device.tensor(signal, [signal.length / size, size]);
    const framed = frame(this.#device.tensor(signal, [1, signal.length]), { size, hop });
    return reshape(framed, [-1, size]);
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
