// Everything the CPU backend can launch, one file a kernel family.
export { heapBase, threadId } from "./abi";
export * from "./copy";
export * from "./elementwise";
export * from "./fft";
export * from "./matmul";
export * from "./probe";
export * from "./reduce";
export * from "./softmax";
