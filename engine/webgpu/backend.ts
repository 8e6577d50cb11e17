/**
 * The WebGPU backend: launches are recorded into one command encoder, and submitted when someone
 * reads, flushes, or the parameter ring is full. Parameters live in one uniform ring addressed by
 * dynamic offsets; it is filled on the host while recording and uploaded just before the submit,
 * since writing a live buffer would change what recorded commands see.
 */
import {
  type BackendStats,
  encodeParams,
  type GpuBackendInterface,
  type GpuCaps,
  type GpuLaunch,
  type LaunchObserver,
  type LaunchTime,
  type Memory,
  OutOfMemoryError,
} from "../backend.ts";
import { BindGroups } from "./bind_groups.ts";
import { Faults } from "./faults.ts";
import { Pipelines } from "./pipelines.ts";
import { BufferPool, type GpuMemory } from "./pool.ts";
import { Profiler } from "./profile.ts";
import { parseShader, shaderSource } from "./shaders.ts";

const RING_BYTES = 1 << 20;
const PARAM_BYTES = 256; // the default minUniformBufferOffsetAlignment, and enough for any kernel
/** Uploads from this size on do not wait for the next step: only a submit frees their staging. */
const LARGE_UPLOAD = 1 << 22;

export class WebGpuBackend implements GpuBackendInterface {
  readonly kind = "webgpu";
  readonly halfBytes = 2;
  readonly name: string;
  readonly caps: GpuCaps;
  observer: LaunchObserver | null = null;
  readonly #device: GPUDevice;
  readonly #faults: Faults;
  readonly #pool: BufferPool;
  readonly #pipelines: Pipelines;
  readonly #bindGroups: BindGroups;
  readonly #ring: GPUBuffer;
  readonly #ringHost = new DataView(new ArrayBuffer(RING_BYTES));
  readonly #ringGroup: GPUBindGroup;
  readonly #stride: number;
  #ringUsed = 0;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #profiler: Profiler | null = null;
  #submits = 0;
  #submitSeconds = 0;
  #launches = 0;

  /** `shaders` are known by name beside the engine's own. */
  constructor(
    device: GPUDevice,
    name: string,
    caps: GpuCaps,
    shaders: Readonly<Record<string, string>> = {},
  ) {
    this.#device = device;
    this.name = name;
    this.caps = caps;
    this.#faults = new Faults(device);
    this.#pool = new BufferPool({ limit: caps.maxBinding, create: (size) => this.#create(size) });
    const find = (shader: string) => {
      const { subgroups } = this.caps;
      if (shader in shaders) return parseShader(shader, shaders[shader], subgroups);
      return shaderSource(shader, subgroups);
    };
    this.#pipelines = new Pipelines(device, this.#faults, find);
    this.#bindGroups = new BindGroups(device, this.#faults);
    this.#stride = Math.max(PARAM_BYTES, device.limits.minUniformBufferOffsetAlignment);
    this.#ring = device.createBuffer({
      size: RING_BYTES,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.#ringGroup = device.createBindGroup({
      layout: this.#pipelines.paramsLayout,
      entries: [{ binding: 0, resource: { buffer: this.#ring, size: PARAM_BYTES } }],
    });
  }

  alloc(bytes: number): GpuMemory {
    this.#faults.check();
    return this.#pool.alloc(bytes);
  }

  free(memory: Memory): void {
    if (!this.#faults.closed) this.#pool.free(memory as GpuMemory);
  }

  write(memory: Memory, data: ArrayBufferView, byteOffset = 0): void {
    this.#faults.check();
    const { buffer, byteOffset: start, byteLength } = data as ArrayBufferView<ArrayBuffer>;
    checkRange("write", memory, byteOffset, byteLength);
    const { slot } = memory as GpuMemory;
    // The queue writes before it runs what is only recorded yet. That matters where recorded
    // commands know the buffer; elsewhere the step goes on in one submit.
    if (slot.usedIn === this.#submits) this.flush();
    this.#device.queue.writeBuffer(slot.buffer, byteOffset, buffer, start, byteLength);
    if (byteLength >= LARGE_UPLOAD) this.#submit([]);
  }

  async read(memory: Memory, byteOffset: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    this.#faults.check();
    checkRange("read", memory, byteOffset, bytes);
    if (bytes === 0) return new Uint8Array();
    const { slot } = memory as GpuMemory;
    const staging = this.#device.createBuffer({
      size: bytes,
      usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ,
    });
    try {
      this.#endPass();
      this.#open().copyBufferToBuffer(slot.buffer, byteOffset, staging, 0, bytes);
      this.flush();
      await staging.mapAsync(GPUMapMode.READ);
      // A submit that was refused leaves zeros behind, and they map as well as anything.
      await this.#faults.settled();
      return new Uint8Array(staging.getMappedRange().slice(0));
    } catch (error) {
      throw await this.#faults.explain(error);
    } finally {
      staging.destroy();
    }
  }

  run(launch: GpuLaunch): void {
    this.#faults.check();
    const { shader, params, grid } = launch;
    if (grid.some((n) => n > this.caps.maxWorkgroupsPerDimension)) {
      throw new Error(`${shader}: a grid of ${grid.join("×")} workgroups passes the limit`);
    }
    if (params.length * 4 > PARAM_BYTES) {
      throw new Error(`${shader}: ${params.length} parameters, ${PARAM_BYTES / 4} fit`);
    }
    if (this.#ringUsed + this.#stride > RING_BYTES || this.#profiler?.full) this.flush();
    const pipeline = this.#pipelines.get(shader, launch.entry, launch.constants);
    const slots = launch.buffers.map((b) => (b as GpuMemory).slot);
    const group = this.#bindGroups.get(pipeline, slots);
    for (const slot of slots) slot.usedIn = this.#submits;
    const pass = this.#beginPass(shader);
    pass.setPipeline(pipeline.pipeline);
    pass.setBindGroup(0, group);
    if (pipeline.source.hasParams) {
      encodeParams(params, this.#ringHost, this.#ringUsed);
      pass.setBindGroup(1, this.#ringGroup, [this.#ringUsed]);
      this.#ringUsed += this.#stride;
    }
    pass.dispatchWorkgroups(...grid);
    this.#launches++;
    if (this.#profiler) this.#endPass();
    this.observer?.launched(launch, null);
  }

  flush(): void {
    this.#faults.check();
    this.#endPass();
    const encoder = this.#encoder;
    if (!encoder) return;
    this.#profiler?.resolve(encoder);
    this.#faults.guard(
      "validation",
      (message) => new Error(`WebGPU: submitting a step: ${message}`),
      () => {
        const { queue } = this.#device;
        if (this.#ringUsed > 0) {
          queue.writeBuffer(this.#ring, 0, this.#ringHost.buffer, 0, this.#ringUsed);
        }
        const commands = encoder.finish();
        this.#profiler?.submitting();
        this.#submit([commands]);
      },
    );
    this.#encoder = null;
    this.#ringUsed = 0;
    this.#submits++;
    this.#pool.afterSubmit();
  }

  async finish(): Promise<void> {
    this.flush();
    try {
      await this.#device.queue.onSubmittedWorkDone();
      await this.#faults.settled();
    } catch (error) {
      throw await this.#faults.explain(error);
    }
  }

  startProfile(): boolean {
    this.flush();
    if (!this.#device.features.has("timestamp-query")) return false;
    this.#profiler = new Profiler(this.#device);
    return true;
  }

  async stopProfile(): Promise<LaunchTime[]> {
    const profiler = this.#profiler;
    await this.finish();
    this.#profiler = null;
    return await profiler?.results() ?? [];
  }

  /** Also says how many submits and bind groups there were, and the bytes of idle buffers. */
  stats(): BackendStats & {
    submits: number;
    submitSeconds: number;
    bindGroups: number;
    idleBytes: number;
  } {
    const { liveBytes, peakBytes, live, idleBytes } = this.#pool;
    return {
      liveBytes,
      peakBytes,
      liveMemories: live,
      launches: this.#launches,
      submits: this.#submits,
      submitSeconds: this.#submitSeconds,
      bindGroups: this.#bindGroups.made,
      idleBytes,
    };
  }

  dispose(): void {
    if (this.#faults.closed) return;
    this.#faults.close();
    this.#pool.dispose();
    this.#device.destroy();
  }

  #create(size: number): GPUBuffer {
    const live = this.#pool.liveBytes;
    return this.#faults.guard(
      "out-of-memory",
      () =>
        new OutOfMemoryError(
          `out of memory: the GPU holds ${mb(live)} MB of tensors and has no room for ` +
            `${mb(size)} MB more; use a smaller batch`,
        ),
      () =>
        this.#device.createBuffer({
          size,
          usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
        }),
    );
  }

  /** Timed apart: a driver may block in here, a software one for all the work. */
  #submit(commands: GPUCommandBuffer[]): void {
    const start = performance.now();
    this.#device.queue.submit(commands);
    this.#submitSeconds += (performance.now() - start) / 1000;
  }

  #open(): GPUCommandEncoder {
    return this.#encoder ??= this.#device.createCommandEncoder();
  }

  #beginPass(shader: string): GPUComputePassEncoder {
    return this.#pass ??= this.#open().beginComputePass(this.#profiler?.pass(shader));
  }

  #endPass(): void {
    this.#pass?.end();
    this.#pass = null;
  }
}

/** WebGPU copies whole words only; so does the engine, whose elements are words. */
function checkRange(what: string, memory: Memory, offset: number, bytes: number): void {
  if (offset < 0 || offset + bytes > memory.bytes || offset % 4 !== 0 || bytes % 4 !== 0) {
    throw new Error(`${what}: bytes ${offset}…${offset + bytes} of a memory of ${memory.bytes}`);
  }
}

function mb(bytes: number): number {
  return Math.ceil(bytes / 1e6);
}
