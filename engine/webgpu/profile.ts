/**
 * How long each launch takes on the GPU itself, by timestamps at both ends of a compute pass. A
 * profiled launch has a pass of its own, so profiled work is a little slower than plain work.
 * The values are taken as nanoseconds, as the WebGPU standard says; a runtime that hands out a
 * driver's raw ticks where these are not nanoseconds gives times in that unit (Deno does so).
 */
import type { LaunchTime } from "../backend.ts";

const CAPACITY = 2048; // launches a query set; WebGPU allows 4,096 queries

interface Batch {
  readonly queries: GPUQuerySet;
  readonly shaders: string[];
  /** Where the queries are resolved to, and from where the host reads them. */
  readonly resolved: GPUBuffer;
  readonly staging: GPUBuffer;
}

export class Profiler {
  readonly #device: GPUDevice;
  readonly #done: Batch[] = [];
  #open: Batch | null = null;
  /** The host's seconds when the first launch was submitted: two clocks that share no origin meet there. */
  #submitted: number | null = null;

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** No room is left before the next submit. */
  get full(): boolean {
    return this.#open?.shaders.length === CAPACITY;
  }

  /** The pass for one launch of `shader`. */
  pass(shader: string): GPUComputePassDescriptor {
    const batch = this.#open ??= this.#begin();
    const i = batch.shaders.push(shader) - 1;
    return {
      timestampWrites: {
        querySet: batch.queries,
        beginningOfPassWriteIndex: 2 * i,
        endOfPassWriteIndex: 2 * i + 1,
      },
    };
  }

  /** Records the copying out of what was measured, at the end of an encoder. */
  resolve(encoder: GPUCommandEncoder): void {
    const batch = this.#open;
    if (!batch) return;
    this.#open = null;
    const { queries, shaders, resolved, staging } = batch;
    encoder.resolveQuerySet(queries, 0, shaders.length * 2, resolved, 0);
    encoder.copyBufferToBuffer(resolved, 0, staging, 0, shaders.length * 16);
    this.#done.push(batch);
  }

  /** What was resolved is handed to the GPU now. */
  submitting(): void {
    if (this.#done.length > 0) this.#submitted ??= performance.now() / 1000;
  }

  /** The launches of all submitted work, in order. */
  async results(): Promise<LaunchTime[]> {
    const times: LaunchTime[] = [];
    let first: bigint | undefined; // a clock since the epoch has too many digits for a number
    for (const { queries, shaders, resolved, staging } of this.#done.splice(0)) {
      await staging.mapAsync(GPUMapMode.READ);
      const ticks = new BigUint64Array(staging.getMappedRange());
      shaders.forEach((shader, i) => {
        const [began, ended] = ticks.subarray(2 * i);
        first ??= began;
        times.push({
          shader,
          began: this.#submitted! + Number(began - first) * 1e-9,
          seconds: Number(ended - began) * 1e-9,
        });
      });
      staging.destroy();
      resolved.destroy();
      queries.destroy();
    }
    return times;
  }

  #begin(): Batch {
    const buffer = (usage: number) => this.#device.createBuffer({ size: CAPACITY * 16, usage });
    return {
      queries: this.#device.createQuerySet({ type: "timestamp", count: 2 * CAPACITY }),
      shaders: [],
      resolved: buffer(GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC),
      staging: buffer(GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ),
    };
  }
}
