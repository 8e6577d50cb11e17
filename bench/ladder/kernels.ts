// The CPU's rungs beside the engine's own kernels, so that one device runs and times them all. AssemblyScript;
// compiled by engine/cpu/build.ts into .build/ladder.wasm, never part of the program's own module.
export * from "../../engine/cpu/kernels/index";
export * from "./attention/01_three_passes";
export * from "./attention/02_online";
export * from "./conv2d/01_naive";
export * from "./conv2d/02_rows";
export * from "./fft/01_dft";
export * from "./fft/02_radix2";
export * from "./matmul/01_naive";
export * from "./matmul/02_rows";
export * from "./matmul/03_blocked";
export * from "./matmul/04_simd";
export * from "./peak";
export * from "./softmax/01_naive";
export * from "./softmax/02_online";
