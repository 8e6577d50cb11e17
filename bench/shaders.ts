/** Shaders of the bench by the name launches use: the ladder's rungs below production, and the two peaks. */
import attentionPasses from "./ladder/attention/01_three_passes.wgsl" with { type: "text" };
import attentionOnline from "./ladder/attention/02_online.wgsl" with { type: "text" };
import convNaive from "./ladder/conv2d/01_naive.wgsl" with { type: "text" };
import convBias from "./ladder/conv2d/02_bias.wgsl" with { type: "text" };
import convIm2col from "./ladder/conv2d/02_im2col.wgsl" with { type: "text" };
import fftDft from "./ladder/fft/01_dft.wgsl" with { type: "text" };
import fftRadix2 from "./ladder/fft/02_radix2.wgsl" with { type: "text" };
import matmulNaive from "./ladder/matmul/01_naive.wgsl" with { type: "text" };
import matmulShared from "./ladder/matmul/02_shared_tile.wgsl" with { type: "text" };
import matmulDoubleBuffered from "./ladder/matmul/09_double_buffered.wgsl" with { type: "text" };
import matmulSubgroups from "./ladder/matmul/10_subgroups.wgsl" with { type: "text" };
import matmulF16 from "./ladder/matmul/11_f16.wgsl" with { type: "text" };
import matmulF16Store from "./ladder/matmul/11_f16_store.wgsl" with { type: "text" };
import matmulCooperative from "./ladder/matmul/13_cooperative.wgsl" with { type: "text" };
import matmulCrop from "./ladder/matmul/13_crop.wgsl" with { type: "text" };
import peakCopy from "./ladder/peak_copy.wgsl" with { type: "text" };
import peakFma from "./ladder/peak_fma.wgsl" with { type: "text" };
import softmaxNaive from "./ladder/softmax/01_naive.wgsl" with { type: "text" };
import softmaxOnline from "./ladder/softmax/02_online.wgsl" with { type: "text" };
import softmaxSubgroups from "./ladder/softmax/10_subgroups.wgsl" with { type: "text" };

export const BENCH_SHADERS: Readonly<Record<string, string>> = {
  "peak_copy": peakCopy,
  "peak_fma": peakFma,
  "attention/01_three_passes": attentionPasses,
  "attention/02_online": attentionOnline,
  "conv2d/01_naive": convNaive,
  "conv2d/02_bias": convBias,
  "conv2d/02_im2col": convIm2col,
  "fft/01_dft": fftDft,
  "fft/02_radix2": fftRadix2,
  "matmul/01_naive": matmulNaive,
  "matmul/02_shared_tile": matmulShared,
  "matmul/09_double_buffered": matmulDoubleBuffered,
  "matmul/10_subgroups": matmulSubgroups,
  "matmul/11_f16": matmulF16,
  "matmul/11_f16_store": matmulF16Store,
  "matmul/13_cooperative": matmulCooperative,
  "matmul/13_crop": matmulCrop,
  "softmax/01_naive": softmaxNaive,
  "softmax/02_online": softmaxOnline,
  "softmax/10_subgroups": softmaxSubgroups,
};
