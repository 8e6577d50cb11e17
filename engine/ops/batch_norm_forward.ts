/** Batch norm's ops: statistics of a batch, running statistics, normalising plain and pooled. */
import { f32, linearGrid } from "../backend.ts";
import { defineOp, type Op, type TensorSpec } from "../op.ts";
import { normGradOp, poolGradOp } from "./batch_norm_grad.ts";
import { cpuRowNorm, cpuRowStatistics } from "./batch_norm_rows.ts";
import { GPU_CHUNK, gpuChunks, layoutOf, memories, type NormAttrs } from "./batch_norm_plan.ts";

function floatSpecs(name: string, inputs: readonly TensorSpec[]): void {
  for (const { dtype } of inputs) {
    if (dtype !== "f32") throw new Error(`${name}: needs f32, got ${dtype}`);
  }
}

export const statisticsOp: Op<Record<string, never>> = defineOp<Record<string, never>>({
  name: "batchNormStatistics",
  infer: ([x]) => {
    floatSpecs("batchNorm", [x]);
    return [0, 1].map(() => ({ shape: [x.shape[1]], dtype: "f32" as const }));
  },
  cpu: (call, { threads }) => {
    const { inputs: [x], outputs: [mean, variance], scratch } = call;
    const { N, C, S } = layoutOf(x.shape);
    if (S === 1) return cpuRowStatistics(call);
    const partial = scratch(N * C * 4);
    return [
      {
        kernel: "batchNormMoments",
        buffers: [x.memory, scratch(threads * 32), partial],
        params: [S],
        items: N * C,
        work: 2 * S,
      },
      {
        kernel: "batchNormStatistics",
        buffers: [partial, mean.memory, variance.memory],
        params: [N, C, S],
        items: C,
        work: 8 * N,
      },
    ];
  },
  gpu: ({ inputs: [x], outputs: [mean, variance], scratch }, { software }) => {
    const layout = layoutOf(x.shape);
    const { N, C, S } = layout;
    const { chunks, threads } = gpuChunks(layout, software);
    const buffers = [x.memory, scratch(C * chunks * 2), mean.memory, variance.memory];
    const params = [N, C, S, chunks, GPU_CHUNK];
    return [
      {
        shader: "batch_norm_statistics",
        entry: "moments",
        constants: { WIDTH: threads },
        buffers,
        params,
        grid: linearGrid(C * chunks, 1),
      },
      {
        shader: "batch_norm_statistics",
        entry: "combine",
        constants: { WIDTH: threads },
        buffers,
        params,
        grid: linearGrid(C),
      },
    ];
  },
  backward: null,
});

export const runningOp = defineOp<{ readonly momentum: number; readonly unbias: number }>({
  name: "batchNormRunning",
  infer: (inputs) => {
    floatSpecs("batchNorm", inputs);
    return [];
  },
  cpu: ({ inputs, attrs }) => [{
    kernel: "batchNormRunning",
    buffers: inputs.map((t) => t.memory),
    params: [f32(attrs.momentum), f32(attrs.unbias)],
    items: inputs[0].size,
  }],
  gpu: ({ inputs, attrs }) => [{
    shader: "batch_norm_running",
    buffers: inputs.map((t) => t.memory),
    params: [inputs[0].size, f32(attrs.momentum), f32(attrs.unbias)],
    grid: linearGrid(inputs[0].size),
  }],
  mutates: [0, 1],
  backward: null,
});

export const normOp: Op<NormAttrs> = defineOp<NormAttrs>({
  name: "batchNorm",
  infer: (inputs) => {
    floatSpecs("batchNorm", inputs);
    return [{ shape: inputs[0].shape, dtype: "f32" }];
  },
  cpu: (call) => {
    const { inputs, outputs: [y], attrs: { eps, relu } } = call;
    const { N, C, S } = layoutOf(y.shape);
    if (S === 1) return cpuRowNorm(call);
    return [{
      kernel: "batchNorm",
      buffers: [...memories(inputs), y.memory],
      params: [C, S, f32(eps), Number(relu)],
      items: N * C,
      work: S,
    }];
  },
  gpu: ({ inputs, outputs: [y], attrs: { eps, relu } }) => {
    const { C, S } = layoutOf(y.shape);
    return [{
      shader: "batch_norm",
      buffers: [...memories(inputs), y.memory],
      params: [y.size, C, S, f32(eps), Number(relu)],
      grid: linearGrid(y.size),
    }];
  },
  save: { inputs: [0, 1, 2, 3, 4] },
  backward: ([g], c) => {
    const saved = [0, 1, 2, 3, 4].map((i) => c.input(i));
    return [...normGradOp.apply([g!, ...saved], c.attrs), null, null];
  },
});

export const poolOp: Op<NormAttrs> = defineOp<NormAttrs>({
  name: "batchNormReluMaxPool",
  // The second output, each window's chosen input, saves the gradient a reading of x.
  infer: (inputs) => {
    floatSpecs("batchNormReluMaxPool", inputs);
    const [N, C, H, W] = inputs[0].shape;
    const shape = [N, C, H >> 1, W >> 1];
    return [{ shape, dtype: "f32" }, { shape, dtype: "f32" }];
  },
  cpu: ({ inputs, outputs: [y, winners], attrs: { eps } }) => {
    const [N, C, H, W] = inputs[0].shape;
    return [{
      kernel: "batchNormPool",
      buffers: [...memories(inputs), y.memory, winners.memory],
      params: [C, H, W, f32(eps)],
      items: N * C,
      work: H * W,
    }];
  },
  gpu: ({ inputs, outputs: [y, winners], attrs: { eps } }) => {
    const [, C, H, W] = inputs[0].shape;
    return [{
      shader: "batch_norm_pool",
      buffers: [...memories(inputs), y.memory, winners.memory],
      params: [y.size, C, H, W, f32(eps)],
      grid: linearGrid(y.size),
    }];
  },
  save: { inputs: [0, 1, 2, 3, 4], outputs: [1] },
  backward: ([g], c) => {
    const saved = [0, 1, 2, 3, 4].map((i) => c.input(i));
    return [...poolGradOp.apply([g!, ...saved, c.output(1)], c.attrs), null, null];
  },
});
