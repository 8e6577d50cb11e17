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
export { Random, type RandomState } from "./random.ts";
export { Tensor } from "./tensor.ts";
export type { DType, TypedData } from "./dtype.ts";
export type { Shape } from "./shape.ts";
export { UserError } from "./error.ts";
export { attention, type AttentionOptions } from "./ops/attention.ts";
export { attentiveStatistics } from "./ops/attentive_statistics.ts";
export { conv2d, type Conv2dOptions, convTranspose2d } from "./ops/conv.ts";
export { conv1d, type Conv1dOptions } from "./ops/conv1d.ts";
export { batchNorm, type BatchNormOptions, batchNormReluMaxPool } from "./ops/batch_norm.ts";
export { copy, copyInto } from "./ops/copy.ts";
export { fill, full, zeros } from "./ops/create.ts";
export * from "./ops/elementwise.ts";
export { irfft, rfft } from "./ops/fft.ts";
export { matmul, type MatmulOptions } from "./ops/matmul.ts";
export { dropout } from "./ops/dropout.ts";
export { frame, frameCount, gather, overlapAdd, scatterAdd } from "./ops/gather.ts";
export { groupNorm, type GroupNormOptions } from "./ops/group_norm.ts";
export { layerNorm } from "./ops/layer_norm.ts";
export { countCorrect, crossEntropy, mse } from "./ops/loss.ts";
export { maskFrames } from "./ops/mask_frames.ts";
export { maskedMean, maskedSoftmax } from "./ops/masked_pool.ts";
export { runningMedian } from "./ops/median.ts";
export { broadcastTo, concat, pad, type Range, reshape, slice, transpose } from "./ops/movement.ts";
export { normal, uniform } from "./ops/random_ops.ts";
export { avgPool2d, type AvgPoolOptions, maxPool2d, type PoolOptions } from "./ops/pool.ts";
export { argmax, max, mean, type ReduceOptions, sum, variance } from "./ops/reduce.ts";
export { logSoftmax, softmax } from "./ops/softmax.ts";
export { weightNorm } from "./ops/weight_norm.ts";
