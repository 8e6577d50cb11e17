/**
 * Whether an adapter's cooperative matrices do what `shaders/matmul_cooperative.wgsl` asks of them. The
 * feature's name says neither which sizes and types there are nor how many threads share a matrix, and
 * drivers disagree about layouts: so a small product is tried, plain and transposed, before any counts.
 */
import { encodeParams } from "../backend.ts";
import { shaderSource } from "./shaders.ts";

const SIDE = 32;
const DEPTH = 16;
/** Words of the shader's parameters: sizes, four axes of a batch, slices. */
const PARAMS = [SIDE, DEPTH, SIDE, 1, ...[1, 1, 1, 1].flatMap((n) => [n, 0, 0, 0]), 1, DEPTH];

/** Small whole numbers, which f16 holds and whose products no rounding touches. */
const valueOf = (i: number) => (i * 37 + (i >> 4)) % 11 - 5;

/** Tries the shader on a device; false where it does not compile, or gives another product. */
export async function cooperativeWorks(device: GPUDevice): Promise<boolean> {
  device.pushErrorScope("validation");
  device.pushErrorScope("internal");
  let right = false;
  try {
    right = await tried(device, false) && await tried(device, true);
  } catch {
    // It maps nothing that was never computed: not right.
  }
  const errors = [await device.popErrorScope(), await device.popErrorScope()];
  return right && errors.every((error) => error === null);
}

/** A product of 32×16 and 16×32, both as they are or both transposed, against the same by the host. */
async function tried(device: GPUDevice, transposed: boolean): Promise<boolean> {
  const { code } = shaderSource("matmul_cooperative");
  const module = device.createShaderModule({ code });
  const info = await module.getCompilationInfo();
  if (info.messages.some(({ type }) => type === "error")) return false;
  const constants = { TRANSPOSE_A: Number(transposed), TRANSPOSE_B: Number(transposed) };
  const pipeline = await device.createComputePipelineAsync({
    layout: "auto",
    compute: { module, entryPoint: "main", constants: { ...constants, BIAS: 0, RELU: 0 } },
  });
  const operand = Float16Array.from({ length: SIDE * DEPTH }, (_, i) => valueOf(i));
  const start = new Float32Array(DEPTH * SIDE).fill(1);
  const params = new DataView(new ArrayBuffer(4 * PARAMS.length));
  encodeParams(PARAMS, params, 0);
  const { STORAGE, UNIFORM, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const made: GPUBuffer[] = [];
  const buffer = (size: number, usage: number, data?: ArrayBufferView<ArrayBuffer>) => {
    const one = device.createBuffer({ size, usage: usage | COPY_DST });
    made.push(one);
    if (data) device.queue.writeBuffer(one, 0, data);
    return one;
  };
  try {
    const bytes = 4 * SIDE * SIDE;
    const out = buffer(bytes, STORAGE | COPY_SRC);
    const storages = [operand, operand, start].map((d) => buffer(d.byteLength, STORAGE, d));
    const uniform = buffer(params.byteLength, UNIFORM, params);
    const staging = buffer(bytes, MAP_READ);
    const group = (index: number, buffers: GPUBuffer[]) =>
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(index),
        entries: buffers.map((one, binding) => ({ binding, resource: { buffer: one } })),
      });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group(0, [...storages, out]));
    pass.setBindGroup(1, group(1, [uniform]));
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(out, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const found = new Float32Array(staging.getMappedRange());
    return found.every((value, i) => value === expected(i, transposed));
  } finally {
    for (const one of made) one.destroy();
  }
}

/** Element i of the product, one more for what its sum began with. */
function expected(i: number, transposed: boolean): number {
  const row = Math.floor(i / SIDE), column = i % SIDE;
  let total = 1;
  for (let k = 0; k < DEPTH; k++) {
    const a = transposed ? k * SIDE + row : row * DEPTH + k;
    const b = transposed ? column * DEPTH + k : k * SIDE + column;
    total += valueOf(a) * valueOf(b);
  }
  return total;
}
