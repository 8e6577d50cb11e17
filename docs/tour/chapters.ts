/** The chapters of the tour in reading order. NAME.md is the text, NAME.ts the example, pictures/NAME.svg the picture. */

/** A chapter's example: prints the block that the chapter shows. */
export interface Example {
  run(print: (line: string) => void): Promise<void>;
}

export interface Chapter {
  readonly name: string;
  readonly title: string;
  load(): Promise<Example>;
}

export const CHAPTERS: readonly Chapter[] = [
  { name: "tensor", title: "A tensor", load: () => import("./tensor.ts") },
  {
    name: "broadcasting",
    title: "Broadcasting and its gradient",
    load: () => import("./broadcasting.ts"),
  },
  { name: "tape", title: "The tape", load: () => import("./tape.ts") },
  { name: "matmul", title: "Matmul, from naive to tiled", load: () => import("./matmul.ts") },
  {
    name: "convolution",
    title: "Convolution and its two gradients",
    load: () => import("./convolution.ts"),
  },
  {
    name: "batch_norm",
    title: "Batch norm's backward by hand",
    load: () => import("./batch_norm.ts"),
  },
  { name: "softmax", title: "Softmax and cross-entropy", load: () => import("./softmax.ts") },
  {
    name: "attention",
    title: "Attention without the matrix",
    load: () => import("./attention.ts"),
  },
  { name: "fft", title: "The FFT", load: () => import("./fft.ts") },
  { name: "memory", title: "Memory and scopes", load: () => import("./memory.ts") },
  {
    name: "webgpu",
    title: "How a WebGPU command stream runs",
    load: () => import("./webgpu.ts"),
  },
  { name: "emotion", title: "From waveform to emotion", load: () => import("./emotion.ts") },
];
