/** Timbre's tensor engine: everything a program outside needs. */
export { backward } from "./autograd.ts";
export { Device } from "./device.ts";
export {
  type AdapterSummary,
  type CpuSpeed,
  type DeviceList,
  listDevices,
  measureCpu,
  openDevice,
  type OpenOptions,
  type WasmFeatures,
  wasmFeatures,
} from "./open.ts";
export { Tensor } from "./tensor.ts";
export type { DType, TypedData } from "./dtype.ts";
export type { Shape } from "./shape.ts";
export { UserError } from "./error.ts";
export { fill, full, zeros } from "./ops/create.ts";
export * from "./ops/elementwise.ts";
export { reshape } from "./ops/movement.ts";
export { type ReduceOptions, sum } from "./ops/reduce.ts";
