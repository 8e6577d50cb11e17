/** Batch norm on the CPU where a row holds one value a channel, [R, C]: the launches of its kernels. */
import { type CpuLaunch, f32, type Memory } from "../backend.ts";
import type { Call } from "../op.ts";
import { memories, type NormAttrs } from "./batch_norm_plan.ts";

/** Rows whose columns are summed in f32 before f64 takes over. */
const CHUNK = 64;

const chunksOf = (rows: number) => Math.ceil(rows / CHUNK);

/** Input x; outputs mean, variance. */
export function cpuRowStatistics({ inputs: [x], outputs, scratch }: Call<unknown>): CpuLaunch[] {
  const [rows, channels] = x.shape;
  const chunks = chunksOf(rows);
  const partial = scratch(chunks * channels);
  const [mean, variance] = memories(outputs);
  const take = (squared: number, out: Memory): CpuLaunch[] => [
    {
      kernel: "batchNormRowMoment",
      buffers: [x.memory, mean, partial],
      params: [rows, channels, CHUNK, squared],
      items: chunks,
      work: CHUNK * channels,
    },
    {
      kernel: "batchNormRowMean",
      buffers: [partial, out],
      params: [chunks, channels, rows],
      items: channels,
      work: chunks,
    },
  ];
  return [...take(0, mean), ...take(1, variance)];
}

/** Inputs x, gamma, beta, mean, variance; output y. */
export function cpuRowNorm({ inputs, outputs, attrs, scratch }: Call<NormAttrs>): CpuLaunch[] {
  const [rows, channels] = inputs[0].shape;
  const [x, gamma, beta, mean, variance] = memories(inputs);
  const scale = scratch(channels);
  return [scaleLaunch(gamma, variance, scale, { channels, eps: attrs.eps }), {
    kernel: "batchNormRows",
    buffers: [x, scale, beta, mean, outputs[0].memory],
    params: [channels, Number(attrs.relu)],
    items: rows,
    work: channels,
  }];
}

/** Inputs dy, x, gamma, beta, mean, variance; outputs dx, dgamma, dbeta. */
export function cpuRowGrad({ inputs, outputs, attrs, scratch }: Call<NormAttrs>): CpuLaunch[] {
  const { eps, relu, batchStatistics } = attrs;
  const [rows, channels] = inputs[1].shape;
  const chunks = chunksOf(rows);
  const [dy, x, gamma, beta, mean, variance] = memories(inputs);
  const [dx, dgamma, dbeta] = memories(outputs);
  const scale = scratch(channels);
  const partial = scratch(chunks * 2 * channels);
  const line = scratch(2 * channels);
  return [
    scaleLaunch(gamma, variance, scale, { channels, eps }),
    {
      kernel: "batchNormRowSums",
      buffers: [dy, x, scale, beta, mean, partial],
      params: [rows, channels, CHUNK, Number(relu)],
      items: chunks,
      work: 2 * CHUNK * channels,
    },
    {
      kernel: "batchNormRowLine",
      buffers: [partial, gamma, variance, dgamma, dbeta, line],
      params: [chunks, channels, f32(eps), f32(batchStatistics ? 1 / rows : 0)],
      items: channels,
      work: 2 * chunks,
    },
    {
      kernel: "batchNormRowDx",
      buffers: [dy, x, scale, beta, mean, line, dx],
      params: [channels, Number(relu)],
      items: rows,
      work: channels,
    },
  ];
}

function scaleLaunch(
  gamma: Memory,
  variance: Memory,
  scale: Memory,
  { channels, eps }: { readonly channels: number; readonly eps: number },
): CpuLaunch {
  return {
    kernel: "batchNormRowScale",
    buffers: [gamma, variance, scale],
    params: [f32(eps)],
    items: channels,
  };
}
