/** Timbre's tensor engine: everything a program outside needs. */
export { backward, checkpoint } from "./autograd.ts";
export { Device } from "./device.ts";
export {
  type AdapterSummary,
  cooperativeLacks,
  type CpuSpeed,
  type DeviceList,
  listDevices,
  measureCpu,
  openDevice,
  type OpenOptions,
  type WasmFeatures,
  wasmFeatures,
} from "./open.ts";
export { gradcheck, type GradcheckOptions, type GradientRow } from "./gradcheck.ts";
export { Random, type RandomState } from "./random.ts";
export { Tensor } from "./tensor.ts";
export type {
  AttentionShare,
  AttentionTile,
  ConvTile,
  MatmulTile,
  TileOutputs,
  Tiles,
  TilesByPrecision,
} from "./tiles.ts";
export type { DType, Precision, TypedData } from "./dtype.ts";
export type { Shape } from "./shape.ts";
export { UserError } from "./error.ts";
export { attention, type AttentionOptions } from "./ops/attention.ts";
export { attentiveStatistics } from "./ops/attentive_statistics.ts";
export { conv2d, type Conv2dOptions, convTranspose2d } from "./ops/conv.ts";
export { conv1d, type Conv1dOptions } from "./ops/conv1d.ts";
export { batchNorm, type BatchNormOptions, batchNormReluMaxPool } from "./ops/batch_norm.ts";
export { cast, operand } from "./ops/cast.ts";
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
export type { Pair } from "./ops/conv_plan.ts";
export type { FrameAttrs, OverlapAttrs } from "./ops/gather.ts";
export type { CrossEntropyOptions } from "./ops/loss.ts";
export type * from "./backend.ts";
export type { Words } from "./random.ts";
export type { Storage } from "./storage.ts";
export type { BackwardFn, Tape, TapeEntry } from "./tape.ts";
export {
  BatchNorm,
  Conv2d,
  ConvTranspose2d,
  Dropout,
  type LayerContext,
  Linear,
} from "./nn/layers.ts";
export { DTYPE_BYTES } from "./io/dtypes.ts";
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsDtype,
  type TensorData,
} from "./io/safetensors.ts";
export {
  Conv1d,
  type Conv1dLayerOptions,
  GroupNorm,
  WeightNormConv1d,
} from "./nn/sequence_layers.ts";
export type { Sequences } from "./nn/sequences.ts";
export { Module } from "./nn/module.ts";
export { Adam, type AdamOptions } from "./optim/adam.ts";
export { AdamW } from "./optim/adamw.ts";
export { clipGradNorm } from "./optim/clip.ts";
export { EarlyStopping, type EarlyStoppingState } from "./optim/early_stopping.ts";
export { Optimizer, type OptimizerNumbers } from "./optim/optimizer.ts";
export { type LossScale, LossScaler, type LossScalerOptions } from "./optim/loss_scaler.ts";
export {
  type PlateauOptions,
  type PlateauState,
  ReduceLROnPlateau,
} from "./optim/reduce_lr_on_plateau.ts";
export { oneCycle, warmupLinear } from "./optim/schedules.ts";
export { Sgd, type SgdOptions } from "./optim/sgd.ts";
export { type LabelledData, logitsOf, scoreModel } from "./train/evaluate.ts";
export type { Recipe } from "./train/recipe.ts";
export { Rows, type RowSource } from "./train/rows.ts";
export { SequenceRows } from "./train/sequence_rows.ts";
export type { Schedule } from "./train/schedule.ts";
export type { Scores } from "./train/scores.ts";
export {
  type EpochRecord,
  NotFinite,
  type Outcome,
  type RunOptions,
  type StepInfo,
  Trainer,
  type TrainerNumbers,
  type TrainerOptions,
} from "./train/trainer.ts";
export type { TallyState } from "./train/tally.ts";
