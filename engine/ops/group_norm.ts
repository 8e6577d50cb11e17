/**
 * Group norm of sequences with channels last: statistics over all times of a group's channels, by
 * chunks of times joined in a fixed order, then one pass over the values; its gradient alike.
 */
import { type CpuCaps, f32, linearGrid } from "../backend.ts";
import { type Call, defineOp, type Op } from "../op.ts";
import { formatShape, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { grainFor } from "./copy_plan.ts";
import { cpuReduce, gpuReduce, type ReduceWork } from "./reduce_plan.ts";
import { lanesConstants, lanesFor, rowGrid } from "./rows.ts";

interface GroupNormAttrs {
  readonly groups: number;
  readonly eps: number;
}

/** Floats a chunk of times holds: it stays in the second cache between the two looks at it. */
const CHUNK = 16_384;

interface Layout {
  readonly batch: number;
  readonly times: number;
  readonly n: number;
  /** Times a chunk, and chunks a sequence: by the shape alone. */
  readonly size: number;
  readonly chunks: number;
}

function layoutOf([batch, times, n]: Shape): Layout {
  const size = Math.min(256, Math.max(8, Math.floor(CHUNK / n)));
  return { batch, times, n, size, chunks: Math.ceil(times / size) };
}

const memories = (args: Call<unknown>["inputs"]) => args.map((t) => t.memory);

const groupNormOp: Op<GroupNormAttrs> = defineOp<GroupNormAttrs>({
  name: "groupNorm",
  infer: (inputs, { groups }) => {
    const [x, gamma, beta] = inputs;
    const n = x.shape[2];
    const fits = x.shape.length === 3 && x.shape[1] > 0 && n > 0 && n % groups === 0 &&
      [gamma, beta].every((t) => sameShape(t.shape, [n])) &&
      inputs.every((t) => t.dtype === "f32");
    if (!fits) {
      throw new Error(
        `groupNorm: needs f32 x [B, T, C] with gamma and beta [C] in ${groups} equal groups, got ${
          inputs.map((t) => `${t.dtype} ${formatShape(t.shape)}`).join(", ")
        }`,
      );
    }
    const perGroup = { shape: [x.shape[0] * groups], dtype: "f32" } as const;
    return [{ shape: x.shape, dtype: "f32" }, perGroup, perGroup];
  },
  cpu: ({ inputs: [x, gamma, beta], outputs, attrs: { groups, eps }, scratch }, caps) => {
    const [out, mean, rstd] = memories(outputs);
    const { batch, times, n, size, chunks } = layoutOf(x.shape);
    const moments = scratch(batch * chunks * 2 * n);
    const perThread = threadWords(2, n);
    return [
      {
        kernel: "groupNormMoments",
        buffers: [x.memory, moments],
        params: [times, n, size, chunks],
        items: batch * chunks,
        work: 2 * size * n,
      },
      {
        kernel: "groupNormStatistics",
        buffers: [moments, mean, rstd],
        params: [times, n, size, chunks, groups, f32(eps)],
        items: batch * groups,
        work: 4 * chunks * n / groups,
      },
      {
        kernel: "groupNorm",
        buffers: [
          ...[x, gamma, beta].map((t) => t.memory),
          mean,
          rstd,
          out,
          scratch(perThread * caps.threads),
        ],
        params: [times, n, groups, perThread],
        items: batch * times,
        grain: grainFor(batch * times, n, caps),
      },
    ];
  },
  gpu: ({ inputs: [x, gamma, beta], outputs, attrs: { groups, eps }, scratch }, caps) => {
    const [out, mean, rstd] = memories(outputs);
    const { batch, times, n, size, chunks } = layoutOf(x.shape);
    const moments = scratch(batch * chunks * 2 * n);
    const lanes = lanesFor(chunks * n / groups, caps);
    return [
      {
        shader: "group_norm_moments",
        buffers: [x.memory, moments],
        params: [batch * chunks * n, times, n, size, chunks],
        grid: linearGrid(batch * chunks * n),
      },
      {
        shader: "group_norm_statistics",
        constants: lanesConstants(lanes),
        buffers: [moments, mean, rstd],
        params: [batch * groups, times, n, size, chunks, groups, f32(eps)],
        grid: rowGrid(batch * groups, lanes),
      },
      {
        shader: "group_norm",
        buffers: [...[x, gamma, beta].map((t) => t.memory), mean, rstd, out],
        params: [x.size, times, n, groups],
        grid: linearGrid(x.size),
      },
    ];
  },
  save: { inputs: [0, 1], outputs: [1, 2] },
  backward: ([g], c) =>
    g &&
      groupNormGradOp.apply([g, c.input(0), c.input(1), c.output(1), c.output(2)], c.attrs) || [],
});

/** Scratch words of a thread: rows of n floats, a cache line apart. */
function threadWords(rows: number, n: number): number {
  return Math.ceil(rows * n / 16) * 16;
}

/** Sums the rows of dγ or dβ, one a sequence, into output 1 or 2. */
function overSequences(
  { outputs, scratch }: Call<GroupNormAttrs>,
  output: 1 | 2,
  rows: ReduceWork["x"],
  batch: number,
): ReduceWork {
  const { memory, size } = outputs[output];
  return { kind: "sum", x: rows, out: memory, shape: [batch, size], axes: [0], scratch };
}

const groupNormGradOp: Op<GroupNormAttrs> = defineOp<GroupNormAttrs>({
  name: "groupNormGrad",
  infer: ([_, x, gamma]) => [
    { shape: x.shape, dtype: "f32" },
    { shape: gamma.shape, dtype: "f32" },
    { shape: gamma.shape, dtype: "f32" },
  ],
  cpu: (call, caps: CpuCaps) => {
    const { attrs: { groups }, scratch } = call;
    const [g, x, gamma, mean, rstd] = memories(call.inputs);
    const { batch, times, n, size, chunks } = layoutOf(call.outputs[0].shape);
    const sums = scratch(batch * chunks * 2 * n), factors = scratch(2 * batch * groups);
    const dGamma = scratch(batch * n), dBeta = scratch(batch * n);
    const perThread = threadWords(4, n);
    const rows = scratch(perThread * caps.threads);
    return [
      {
        kernel: "groupNormSums",
        buffers: [g, x, mean, sums, rows],
        params: [times, n, size, chunks, groups, perThread],
        items: batch * chunks,
        work: 2 * size * n,
      },
      {
        kernel: "groupNormTotals",
        buffers: [sums, gamma, rstd, dGamma, dBeta, factors],
        params: [times, n, chunks, groups],
        items: batch * groups,
        work: 4 * chunks * n / groups,
      },
      {
        kernel: "groupNormGrad",
        buffers: [g, x, gamma, mean, rstd, factors, call.outputs[0].memory, rows],
        params: [times, n, groups, perThread],
        items: batch * times,
        grain: grainFor(batch * times, n, caps),
      },
      ...cpuReduce(overSequences(call, 1, dGamma, batch), caps),
      ...cpuReduce(overSequences(call, 2, dBeta, batch), caps),
    ];
  },
  gpu: (call, caps) => {
    const { attrs: { groups }, scratch } = call;
    const [g, x, gamma, mean, rstd] = memories(call.inputs);
    const { batch, times, n, size, chunks } = layoutOf(call.outputs[0].shape);
    const items = batch * times * n;
    const sums = scratch(batch * chunks * 2 * n), factors = scratch(2 * batch * groups);
    const dGamma = scratch(batch * n), dBeta = scratch(batch * n);
    const lanes = lanesFor(n / groups, caps);
    return [
      {
        shader: "group_norm_sums",
        buffers: [g, x, mean, sums],
        params: [batch * chunks * n, times, n, size, chunks, groups],
        grid: linearGrid(batch * chunks * n),
      },
      {
        shader: "group_norm_channels",
        buffers: [sums, rstd, dGamma, dBeta],
        params: [batch * n, n, chunks, groups],
        grid: linearGrid(batch * n),
      },
      {
        shader: "group_norm_factors",
        constants: lanesConstants(lanes),
        buffers: [dGamma, dBeta, gamma, rstd, factors],
        params: [batch * groups, times, n, groups],
        grid: rowGrid(batch * groups, lanes),
      },
      {
        shader: "group_norm_grad",
        buffers: [g, x, gamma, mean, rstd, factors, call.outputs[0].memory],
        params: [items, times, n, groups],
        grid: linearGrid(items),
      },
      ...gpuReduce(overSequences(call, 1, dGamma, batch), caps),
      ...gpuReduce(overSequences(call, 2, dBeta, batch), caps),
    ];
  },
  backward: null,
});

/** Which channels share statistics. */
export interface GroupNormOptions {
  /** Equal runs of channels that share statistics. */
  readonly groups: number;
  /** Added to the variance; default 1e-5. */
  readonly eps?: number;
}

/**
 * (x − mean) / √(variance + eps) · gamma + beta with mean and biased variance over all times and a
 * group's channels of every sequence: x [B, T, C], gamma and beta [C]. `torch.nn.functional.group_norm`
 * on [B, C, T]; groups = C gives a statistic a channel over time.
 */
export function groupNorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  { groups, eps = 1e-5 }: GroupNormOptions,
): Tensor {
  if (!Number.isInteger(groups) || groups < 1) {
    throw new Error(`groupNorm: groups must be whole and at least 1, got ${groups}`);
  }
  const [out, mean, rstd] = groupNormOp.apply([x, gamma, beta], { groups, eps });
  mean.dispose(); // the tape holds its own, where a gradient will want them
  rstd.dispose();
  return out;
}
