/**
 * The WebGPU backend: launches are recorded into one command encoder, and submitted when someone
 * reads, flushes, or the parameter ring is full. Parameters live in one uniform ring addressed by
 * dynamic offsets; it is filled on the host while recording and uploaded just before the submit,
 * since writing a live buffer would change what recorded commands see.
 */
import {
  type BackendStats,
  DeviceLostError,
  encodeParams,
  type GpuBackendInterface,
  type GpuCaps,
  type GpuLaunch,
  type Memory,
} from "../backend.ts";
import { type Pipeline, Pipelines } from "./pipelines.ts";
import { BufferPool, type GpuMemory } from "./pool.ts";

const RING_BYTES = 1 << 20;
const PARAM_BYTES = 256; // the default minUniformBufferOffsetAlignment, and enough for any kernel

export class WebGpuBackend implements GpuBackendInterface {
  readonly kind = "webgpu";
  readonly name: string;
  readonly caps: GpuCaps;
  readonly #device: GPUDevice;
  readonly #pool: BufferPool;
  readonly #pipelines: Pipelines;
  readonly #ring: GPUBuffer;
  readonly #ringHost = new DataView(new ArrayBuffer(RING_BYTES));
  readonly #ringGroup: GPUBindGroup;
  readonly #stride: number;
  #ringUsed = 0;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #error: Error | null = null;
  #disposed = false;
  #launches = 0;

  constructor(device: GPUDevice, name: string, caps: GpuCaps) {
    this.#device = device;
    this.name = name;
    this.caps = caps;
    this.#pool = new BufferPool(device);
    this.#pipelines = new Pipelines(device);
    this.#stride = Math.max(PARAM_BYTES, device.limits.minUniformBufferOffsetAlignment);
    this.#ring = device.createBuffer({
      size: RING_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#ringGroup = device.createBindGroup({
      layout: this.#pipelines.paramsLayout,
      entries: [{ binding: 0, resource: { buffer: this.#ring, size: PARAM_BYTES } }],
    });
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#error ??= new Error(`WebGPU: ${(event as GPUUncapturedErrorEvent).error.message}`);
    });
    void device.lost.then((info) => {
      if (!this.#disposed) {
        this.#error = new DeviceLostError(`the GPU went away (${info.message || info.reason})`);
      }
    });
  }

  alloc(bytes: number): GpuMemory {
    this.#check();
    return this.#pool.alloc(bytes);
  }

  free(memory: Memory): void {
    if (!this.#disposed) this.#pool.free(memory as GpuMemory);
  }

  write(memory: Memory, data: ArrayBufferView, byteOffset = 0): void {
    this.#check();
    if (byteOffset + data.byteLength > memory.bytes) {
      throw new Error(`write: ${data.byteLength} bytes at ${byteOffset} of ${memory.bytes}`);
    }
    this.flush();
    const { byteLength } = data;
    const source = data as ArrayBufferView<ArrayBuffer>;
    this.#device.queue.writeBuffer(
      (memory as GpuMemory).buffer,
      byteOffset,
      source.buffer,
      source.byteOffset,
      byteLength,
    );
    // Staging memory is given back at a submit; large uploads should not wait for the next step.
    if (byteLength > 1 << 22) this.#device.queue.submit([]);
  }

  async read(memory: Memory, byteOffset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#check();
    this.#endPass();
    const size = Math.max(4, bytes);
    const staging = this.#device.createBuffer({
      size,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    try {
      this.#open().copyBufferToBuffer((memory as GpuMemory).buffer, byteOffset, staging, 0, size);
      this.flush();
      await staging.mapAsync(GPUMapMode.READ);
      this.#check();
      return new Uint8Array(staging.getMappedRange().slice(0, bytes));
    } catch (error) {
      this.#check();
      throw error;
    } finally {
      staging.destroy();
    }
  }

  run(launch: GpuLaunch): void {
    this.#check();
    if (this.#ringUsed + this.#stride > RING_BYTES) this.flush();
    const pipeline = this.#pipelines.get(launch.shader, launch.entry, launch.constants);
    const pass = this.#pass ??= this.#open().beginComputePass();
    pass.setPipeline(pipeline.pipeline);
    pass.setBindGroup(0, this.#bind(pipeline, launch.buffers));
    if (pipeline.source.hasParams) {
      if (launch.params.length * 4 > PARAM_BYTES) {
        throw new Error(`${launch.shader}: ${launch.params.length} parameters do not fit the ring`);
      }
      encodeParams(launch.params, this.#ringHost, this.#ringUsed);
      pass.setBindGroup(1, this.#ringGroup, [this.#ringUsed]);
      this.#ringUsed += this.#stride;
    }
    const [x, y, z] = launch.grid;
    pass.dispatchWorkgroups(x, y, z);
    this.#launches++;
  }

  flush(): void {
    this.#check();
    this.#endPass();
    if (!this.#encoder) return;
    if (this.#ringUsed > 0) {
      this.#device.queue.writeBuffer(this.#ring, 0, this.#ringHost.buffer, 0, this.#ringUsed);
    }
    this.#device.queue.submit([this.#encoder.finish()]);
    this.#encoder = null;
    this.#ringUsed = 0;
    this.#pool.afterSubmit();
  }

  async finish(): Promise<void> {
    this.flush();
    await this.#device.queue.onSubmittedWorkDone();
    this.#check();
  }

  stats(): BackendStats {
    const { liveBytes, peakBytes, live } = this.#pool;
    return { liveBytes, peakBytes, liveMemories: live, launches: this.#launches };
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#pool.dispose();
    this.#device.destroy();
  }

  #open(): GPUCommandEncoder {
    return this.#encoder ??= this.#device.createCommandEncoder();
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
  }

  #bind({ layout, source }: Pipeline, buffers: readonly Memory[]): GPUBindGroup {
    if (buffers.length !== source.storages.length) {
      throw new Error(
        `${source.name}: binds ${source.storages.length} buffers, got ${buffers.length}`,
      );
    }
    return this.#device.createBindGroup({
      layout,
      entries: buffers.map((b, binding) => ({
        binding,
        resource: { buffer: (b as GpuMemory).buffer },
      })),
    });
  }

  #check(): void {
    if (this.#disposed) throw new DeviceLostError("the GPU device was closed");
    if (this.#error) throw this.#error;
  }
}
