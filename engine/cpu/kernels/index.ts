// Everything the CPU backend can launch, one file a kernel family.
export { heapBase, threadId } from "./abi";
export * from "./batch_norm";
export * from "./batch_norm_pool";
export * from "./conv";
export * from "./conv_weight";
export * from "./copy";
export * from "./elementwise";
export * from "./fft";
export * from "./layer_norm";
export * from "./matmul";
export * from "./median";
export * from "./optimizer";
export * from "./pool";
export * from "./probe";
export * from "./random";
export * from "./reduce";
export * from "./softmax";
export * from "./winograd";
