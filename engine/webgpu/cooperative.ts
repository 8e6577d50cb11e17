/**
 * Whether an adapter's cooperative matrices do what our shaders ask of them. The feature's name says neither
 * which sizes and types there are nor how many threads share a matrix, and drivers disagree about layouts: so
 * small products are tried before any counts, from storage (`shaders/matmul_cooperative.wgsl`), plain and
 * transposed, and by way of workgroup memory, as attention and convolutions have them.
 */
import { encodeParams } from "../backend.ts";
import { type ShaderSource, shaderSource } from "./shaders.ts";

type SourceOf = (name: string) => ShaderSource;

/** Of the product from storage: 32×16 by 16×32. */
const SIDE = 32;
const DEPTH = 16;
/** Words of its parameters: sizes, four axes of a batch, slices. */
const PARAMS = [SIDE, DEPTH, SIDE, 1, ...[1, 1, 1, 1].flatMap((n) => [n, 0, 0, 0]), 1, DEPTH];

/** Small whole numbers, which f16 holds and whose products no rounding touches. */
const valueOf = (i: number) => (i * 37 + (i >> 4)) % 11 - 5;

/** Tries them on a device; false where a shader does not compile, or gives another product. */
export async function cooperativeWorks(
  device: GPUDevice,
  sourceOf: SourceOf = shaderSource,
): Promise<boolean> {
  device.pushErrorScope("validation");
  device.pushErrorScope("internal");
  let right = false;
  try {
    right = await fromStorage(device, sourceOf, false) &&
      await fromStorage(device, sourceOf, true) &&
      await throughWorkgroup(device, sourceOf);
  } catch {
    // It maps nothing that was never computed: not right.
  }
  const errors = [await device.popErrorScope(), await device.popErrorScope()];
  return right && errors.every((error) => error === null);
}

/** Both factors as they are or both transposed, and one more for what sums begin with. */
async function fromStorage(device: GPUDevice, sourceOf: SourceOf, transposed: boolean) {
  const operand = Float16Array.from({ length: SIDE * DEPTH }, (_, i) => valueOf(i));
  const start = new Float32Array(DEPTH * SIDE).fill(1);
  const flags = { TRANSPOSE_A: Number(transposed), TRANSPOSE_B: Number(transposed) };
  const found = await launch(device, sourceOf("matmul_cooperative"), {
    constants: { ...flags, BIAS: 0, RELU: 0 },
    inputs: [operand, operand, start],
    params: PARAMS,
    results: SIDE * SIDE,
  });
  return found?.every((value, i) => {
    const row = Math.floor(i / SIDE), column = i % SIDE;
    let total = 1;
    for (let k = 0; k < DEPTH; k++) {
      const a = transposed ? k * SIDE + row : row * DEPTH + k;
      const b = transposed ? column * DEPTH + k : k * SIDE + column;
      total += valueOf(a) * valueOf(b);
    }
    return value === total;
  }) ?? false;
}

/** z = x · y + xᵀ · yᵀ of 16×16, then 2 · zᵀ. */
async function throughWorkgroup(device: GPUDevice, sourceOf: SourceOf) {
  const size = DEPTH * DEPTH;
  const found = await launch(device, sourceOf("cooperative_probe"), {
    inputs: [Float32Array.from({ length: 2 * size }, (_, i) => valueOf(i))],
    results: 2 * size,
  });
  const z = (row: number, column: number) => {
    let total = 0;
    for (let k = 0; k < DEPTH; k++) {
      total += valueOf(row * DEPTH + k) * valueOf(size + k * DEPTH + column) +
        valueOf(k * DEPTH + row) * valueOf(size + column * DEPTH + k);
    }
    return total;
  };
  return found?.every((value, i) => {
    const row = Math.floor(i / DEPTH) % DEPTH, column = i % DEPTH;
    return value === (i < size ? z(row, column) : 2 * z(column, row));
  }) ?? false;
}

interface Trial {
  readonly constants?: Record<string, number>;
  /** What it reads, by binding. */
  readonly inputs: readonly ArrayBufferView<ArrayBuffer>[];
  readonly params?: readonly number[];
  /** Numbers it writes to the last binding. */
  readonly results: number;
}

/** One workgroup of a shader, and what it wrote; null where it does not compile. */
async function launch(
  device: GPUDevice,
  { code }: ShaderSource,
  { constants, inputs, params, results }: Trial,
): Promise<Float32Array | null> {
  const module = device.createShaderModule({ code });
  const info = await module.getCompilationInfo();
  if (info.messages.some(({ type }) => type === "error")) return null;
  const pipeline = await device.createComputePipelineAsync({
    layout: "auto",
    compute: { module, entryPoint: "main", constants },
  });
  const { STORAGE, UNIFORM, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const made: GPUBuffer[] = [];
  const buffer = (size: number, usage: number, data?: ArrayBufferView<ArrayBuffer>) => {
    const one = device.createBuffer({ size, usage: usage | COPY_DST });
    made.push(one);
    if (data) device.queue.writeBuffer(one, 0, data);
    return one;
  };
  try {
    const out = buffer(4 * results, STORAGE | COPY_SRC);
    const groups = [[...inputs.map((d) => buffer(d.byteLength, STORAGE, d)), out]];
    if (params) {
      const words = new DataView(new ArrayBuffer(16 * Math.ceil(params.length / 4))); // a struct's whole 16s
      encodeParams(params, words, 0);
      groups.push([buffer(words.byteLength, UNIFORM, words)]);
    }
    const staging = buffer(4 * results, MAP_READ);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    groups.forEach((buffers, index) => {
      const entries = buffers.map((one, binding) => ({ binding, resource: { buffer: one } }));
      const layout = pipeline.getBindGroupLayout(index);
      pass.setBindGroup(index, device.createBindGroup({ layout, entries }));
    });
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(out, 0, staging, 0, 4 * results);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    return new Float32Array(staging.getMappedRange()).slice();
  } finally {
    for (const one of made) one.destroy();
  }
}
