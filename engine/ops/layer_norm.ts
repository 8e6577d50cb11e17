/** Layer norm over the last axis, forward and backward each fused. */
import { f32, linearGrid } from "../backend.ts";
import { type Call, defineOp, type Op, type TensorSpec } from "../op.ts";
import { formatShape, sameShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { grainFor } from "./copy_plan.ts";
import { cpuReduce, gpuReduce, type ReduceWork } from "./reduce_plan.ts";
import { lanesConstants, lanesFor, rowGrid } from "./rows.ts";

interface LayerNormAttrs {
  readonly eps: number;
}

function rowsOf(shape: Shape): { rows: number; n: number } {
  const n = shape.at(-1)!;
  return { n, rows: shape.slice(0, -1).reduce((r, d) => r * d, 1) };
}

const layerNormOp: Op<LayerNormAttrs> = defineOp<LayerNormAttrs>({
  name: "layerNorm",
  infer: ([x, gamma, beta]) => {
    const n = x.shape.at(-1) ?? 0;
    const fits = (t: TensorSpec) => t.dtype === "f32" && sameShape(t.shape, [n]);
    if (x.dtype !== "f32" || n === 0 || !fits(gamma) || !fits(beta)) {
      throw new Error(
        `layerNorm: needs f32 x […, n] with gamma and beta [n], got ${
          [x, gamma, beta].map((t) => `${t.dtype} ${formatShape(t.shape)}`).join(", ")
        }`,
      );
    }
    const { rows } = rowsOf(x.shape);
    const perRow: TensorSpec = { shape: [rows], dtype: "f32" };
    return [{ shape: x.shape, dtype: "f32" }, perRow, perRow];
  },
  cpu: ({ inputs, outputs, attrs: { eps } }, caps) => {
    const { rows, n } = rowsOf(inputs[0].shape);
    return [{
      kernel: "layerNorm",
      buffers: [...inputs, ...outputs].map((t) => t.memory),
      params: [n, f32(eps)],
      items: rows,
      grain: grainFor(rows, n, caps),
    }];
  },
  gpu: ({ inputs, outputs, attrs: { eps } }, caps) => {
    const { rows, n } = rowsOf(inputs[0].shape);
    const lanes = lanesFor(n, caps);
    return [{
      shader: "layer_norm",
      constants: lanesConstants(lanes),
      buffers: [...inputs, ...outputs].map((t) => t.memory),
      params: [rows, n, f32(eps)],
      grid: rowGrid(rows, lanes),
    }];
  },
  save: { inputs: [0, 1], outputs: [1, 2] },
  backward: ([g], c) =>
    g && layerNormGradOp.apply([g, c.input(0), c.input(1), c.output(1), c.output(2)], {}) || [],
});

/** Rows whose dγ and dβ one chunk adds up: set by sizes alone. */
const chunkRows = (rows: number) => Math.min(64, Math.max(1, Math.ceil(rows / 32)));

/** The second step of dγ and dβ: the sum over chunks, into output 1 or 2. */
function overChunks(
  call: Call<Record<string, never>>,
  output: 1 | 2,
  partial: ReduceWork["x"],
  chunks: number,
): ReduceWork {
  const { memory, size } = call.outputs[output];
  const { scratch } = call;
  return { kind: "sum", x: partial, out: memory, shape: [chunks, size], axes: [0], scratch };
}

const layerNormGradOp = defineOp<Record<string, never>>({
  name: "layerNormGrad",
  infer: ([_, x, gamma]) => [
    { shape: x.shape, dtype: "f32" },
    { shape: gamma.shape, dtype: "f32" },
    { shape: gamma.shape, dtype: "f32" },
  ],
  cpu: (call, caps) => {
    const { inputs, outputs: [dx] } = call;
    const { rows, n } = rowsOf(dx.shape);
    const size = chunkRows(rows);
    const chunks = Math.ceil(rows / size);
    const dGamma = call.scratch(chunks * n), dBeta = call.scratch(chunks * n);
    return [
      {
        kernel: "layerNormGrad",
        buffers: [...inputs.map((t) => t.memory), dx.memory, dGamma, dBeta],
        params: [n, rows, size],
        items: chunks,
        grain: grainFor(chunks, size * n, caps),
      },
      ...cpuReduce(overChunks(call, 1, dGamma, chunks), caps),
      ...cpuReduce(overChunks(call, 2, dBeta, chunks), caps),
    ];
  },
  gpu: (call, caps) => {
    const { inputs: [g, x, gamma, mean, rstd], outputs: [dx] } = call;
    const { rows, n } = rowsOf(dx.shape);
    const size = chunkRows(rows);
    const chunks = Math.ceil(rows / size);
    const lanes = lanesFor(n, caps);
    const dGamma = call.scratch(chunks * n), dBeta = call.scratch(chunks * n);
    return [
      {
        shader: "layer_norm_grad",
        constants: lanesConstants(lanes),
        buffers: [g, x, gamma, mean, rstd, dx].map((t) => t.memory),
        params: [rows, n],
        grid: rowGrid(rows, lanes),
      },
      {
        shader: "layer_norm_params",
        buffers: [...[g, x, mean, rstd].map((t) => t.memory), dGamma, dBeta],
        params: [chunks * n, rows, n, size],
        grid: linearGrid(chunks * n),
      },
      ...gpuReduce(overChunks(call, 1, dGamma, chunks), caps),
      ...gpuReduce(overChunks(call, 2, dBeta, chunks), caps),
    ];
  },
  backward: null,
});

/**
 * (x − mean) / √(variance + eps) · gamma + beta with mean and biased variance of every row along the
 * last axis: x […, n], gamma and beta [n] (`torch.nn.functional.layer_norm`). eps defaults to 1e-5.
 */
export function layerNorm(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  { eps = 1e-5 }: { readonly eps?: number } = {},
): Tensor {
  const [out, mean, rstd] = layerNormOp.apply([x, gamma, beta], { eps });
  mean.dispose(); // the tape holds its own, where a gradient will want them
  rstd.dispose();
  return out;
}
