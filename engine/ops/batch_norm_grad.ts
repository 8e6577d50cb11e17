/**
 * Gradients of batch norm, plain and with ReLU and pooling. Two readings: the sums Σ dy and
 * Σ dy·(x − mean) of a channel first (for the pooled op over the windows' winners alone), then
 * dx = scale·dy + slope·(x − mean) + offset, whose slope and offset carry what flows through the
 * statistics.
 */
import { type CpuCaps, type CpuLaunch, f32, type GpuLaunch, linearGrid } from "../backend.ts";
import { type Arg, type Call, defineOp, type Op, type TensorSpec } from "../op.ts";
import { cpuRowGrad } from "./batch_norm_rows.ts";
import { GPU_CHUNK, gpuChunks, layoutOf, memories, type NormAttrs } from "./batch_norm_plan.ts";

/** Inputs dy, x, gamma, beta, mean, variance; outputs dx, dgamma, dbeta. */
export const normGradOp: Op<NormAttrs> = defineOp<NormAttrs>({
  name: "batchNormGrad",
  infer: gradSpecs,
  cpu: (call, caps) => {
    const { inputs: [dy, x, , beta, mean], outputs: [dx], attrs: { relu } } = call;
    const { N, C, S } = layoutOf(x.shape);
    if (S === 1) return cpuRowGrad(call);
    const { launches, line } = cpuSums(call, caps, x);
    return [...launches, {
      kernel: "batchNormDx",
      buffers: [...memories([dy, x, beta, mean]), line, dx.memory],
      params: [C, S, Number(relu)],
      items: N * C,
      work: S,
    }];
  },
  gpu: (call, caps) => {
    const { inputs: [dy, x, , beta, mean], outputs: [dx], attrs: { relu } } = call;
    const { C, S } = layoutOf(x.shape);
    const { launches, line } = gpuSums(call, caps.software, x);
    return [...launches, {
      shader: "batch_norm_dx",
      buffers: [...memories([dy, x, beta, mean]), line, dx.memory],
      params: [dx.size, C, S, 1, Number(relu)],
      grid: linearGrid(dx.size),
    }];
  },
  backward: null,
});

/** Inputs dy, x, gamma, beta, mean, variance, winners; outputs dx, dgamma, dbeta. */
export const poolGradOp: Op<NormAttrs> = defineOp<NormAttrs>({
  name: "batchNormReluMaxPoolGrad",
  infer: gradSpecs,
  cpu: (call, caps) => {
    const { inputs: [dy, x, , beta, mean, , winners], outputs: [dx] } = call;
    const [N, C, H, W] = x.shape;
    const { launches, line } = cpuSums(call, caps, winners);
    return [...launches, {
      kernel: "batchNormPoolDx",
      buffers: [...memories([dy, x, beta, mean]), line, dx.memory],
      params: [C, H, W],
      items: N * C,
      work: H * W,
    }];
  },
  gpu: (call, caps) => {
    const { inputs: [dy, x, , beta, mean, , winners], outputs: [dx] } = call;
    const [N, C, H, W] = x.shape;
    const { launches, line } = gpuSums(call, caps.software, winners);
    const windows = N * C * Math.ceil(H / 2) * Math.ceil(W / 2);
    return [...launches, {
      shader: "batch_norm_dx",
      entry: "pool",
      buffers: [...memories([dy, x, beta, mean]), line, dx.memory],
      params: [windows, C, H, W, 1],
      grid: linearGrid(windows),
    }];
  },
  backward: null,
});

function gradSpecs([, x, gamma]: readonly TensorSpec[]): TensorSpec[] {
  return [x, gamma, gamma].map(({ shape }) => ({ shape, dtype: "f32" }));
}

/** 1 / (values a channel) where the statistics take part in the gradient, else 0. */
function shareOf(attrs: NormAttrs, x: Arg): number {
  return attrs.batchStatistics ? x.shape[1] / x.size : 0;
}

/** dgamma, dbeta and each channel's line of dx, from dy and the inputs it belongs to. */
function cpuSums(call: Call<NormAttrs>, { threads }: CpuCaps, of: Arg) {
  const { inputs: [dy, x, gamma, beta, mean, variance], outputs: [, dgamma, dbeta], attrs } = call;
  const { N, C, S } = layoutOf(of.shape);
  const partial = call.scratch(N * C * 4);
  const line = call.scratch(C * 4);
  const launches: CpuLaunch[] = [
    {
      kernel: "batchNormSums",
      buffers: [
        ...memories([dy, of, gamma, beta, mean, variance]),
        call.scratch(threads * 32),
        partial,
      ],
      params: [C, S, f32(attrs.eps), Number(attrs.relu)],
      items: N * C,
      work: 2 * S,
    },
    {
      kernel: "batchNormCombine",
      buffers: [partial, ...memories([gamma, variance, dgamma, dbeta]), line],
      params: [N, C, f32(attrs.eps), f32(shareOf(attrs, x))],
      items: C,
      work: 4 * N,
    },
  ];
  return { launches, line };
}

function gpuSums(call: Call<NormAttrs>, software: boolean, of: Arg) {
  const { inputs: [dy, x, gamma, beta, mean, variance], outputs: [, dgamma, dbeta], attrs } = call;
  const layout = layoutOf(of.shape);
  const { N, C, S } = layout;
  const { chunks, threads } = gpuChunks(layout, software);
  const partial = call.scratch(C * chunks * 2);
  const line = call.scratch(C * 4);
  const launches: GpuLaunch[] = [
    {
      shader: "batch_norm_sums",
      constants: { WIDTH: threads },
      buffers: [...memories([dy, of, gamma, beta, mean, variance]), partial],
      params: [N, C, S, chunks, GPU_CHUNK, f32(attrs.eps), Number(attrs.relu)],
      grid: linearGrid(C * chunks, 1),
    },
    {
      shader: "batch_norm_combine",
      buffers: [partial, ...memories([gamma, variance, dgamma, dbeta]), line],
      params: [C, chunks, f32(attrs.eps), f32(shareOf(attrs, x))],
      grid: linearGrid(C),
    },
  ];
  return { launches, line };
}
