/** The ladder of attention, softmax(q kᵀ / √D) v of every head, all of [B, T, heads · D]. */
import { f32, linearGrid } from "../../engine/backend.ts";
import type { Call } from "../../engine/op.ts";
import { cpuAttention } from "../../engine/ops/attention_cpu.ts";
import { suitsCooperative } from "../../engine/ops/attention_cooperative.ts";
import { gpuAttention } from "../../engine/ops/attention_gpu.ts";
import type { AttentionAttrs } from "../../engine/ops/attention_plan.ts";
import { attentionAt } from "../expected.ts";
import { bytesOf } from "../op_case.ts";
import { checkHeads } from "../transforms.ts";
import { asHalves, lacksCooperative, type Ladder, type RungCall } from "./ladder.ts";

const HERE = "bench/ladder/attention";

const scaleOf = (D: number) => 1 / Math.sqrt(D);

/** The call as the op's own launches want it, with the log-sum-exp as second output. */
export function attentionCall(call: RungCall): Call<AttentionAttrs> {
  const [B, T, heads, D] = call.attrs;
  const size = B * heads * T;
  const lse = {
    shape: [B, heads, T],
    dtype: "f32" as const,
    memory: call.scratch(size),
    size,
  };
  return {
    ...call,
    attrs: { heads, scale: scaleOf(D), dropout: null },
    outputs: [call.outputs[0], lse],
  };
}

export const attentionLadder: Ladder = {
  name: "attention",
  dims: "BxTxHEADSxD",
  check: checkHeads,
  sizes: {
    cpu: [1, 199, 12, 64],
    gpu: [4, 1500, 12, 64],
    software: [1, 64, 2, 32],
    tests: [[1, 1, 1, 1], [2, 7, 3, 5], [1, 67, 2, 33], [2, 130, 1, 64]],
  },
  shapes: ([B, T, heads, D]) => [[B, T, heads * D], [B, T, heads * D], [B, T, heads * D]],
  output: ([B, T, heads, D]) => [B, T, heads * D],
  flops: ([B, T, heads, D]) => 4 * B * heads * T * T * D,
  bytes: ([B, T, heads, D]) => 4 * bytesOf([B, T, heads * D]),
  expected: attentionAt,
  rungs: [
    {
      kind: "cpu",
      file: `${HERE}/01_three_passes.ts`,
      title: "scores, softmax, mix",
      plan({ attrs: [B, T, heads, D], inputs: [q, k, v], outputs: [out], scratch }) {
        const rows = B * heads * T;
        const [scores, shares] = [scratch(rows * T), scratch(rows * T)];
        const work = 2 * T * D;
        return {
          launches: [{
            kernel: "attentionScores",
            buffers: [q.memory, k.memory, scores],
            params: [heads, T, D, f32(scaleOf(D))],
            items: rows,
            work,
          }, {
            kernel: "softmaxNaive",
            buffers: [scores, shares],
            params: [T],
            items: rows,
            work: 4 * T,
          }, {
            kernel: "attentionMix",
            buffers: [shares, v.memory, out.memory],
            params: [heads, T, D],
            items: rows,
            work,
          }],
        };
      },
    },
    {
      kind: "cpu",
      file: `${HERE}/02_online.ts`,
      title: "one pass over the keys, nothing stored",
      plan: ({ attrs: [B, T, heads, D], inputs, outputs: [out] }) => ({
        launches: [{
          kernel: "attentionOnline",
          buffers: [...inputs, out].map((t) => t.memory),
          params: [heads, T, D, f32(scaleOf(D))],
          items: B * heads * T,
          work: 4 * T * D,
        }],
      }),
    },
    {
      kind: "cpu",
      file: "engine/cpu/kernels/attention.ts",
      title: "blocks through matmul's microkernel: ours",
      plan: (call, caps) => ({ launches: cpuAttention(attentionCall(call), caps) }),
    },
    {
      kind: "webgpu",
      file: `${HERE}/01_three_passes.wgsl`,
      title: "scores, softmax, mix",
      plan({ attrs: [B, T, heads, D], inputs: [q, k, v], outputs: [out], scratch }) {
        const rows = B * heads * T;
        const [scores, shares] = [scratch(rows * T), scratch(rows * T)];
        const params = [B, heads, T, D, f32(scaleOf(D))];
        return {
          launches: [{
            shader: "attention/01_three_passes",
            entry: "scores",
            buffers: [q.memory, k.memory, scores],
            params,
            grid: linearGrid(rows * T),
          }, {
            shader: "softmax/01_naive",
            buffers: [scores, shares],
            params: [rows, T],
            grid: linearGrid(rows),
          }, {
            shader: "attention/01_three_passes",
            entry: "mix",
            buffers: [shares, v.memory, out.memory],
            params,
            grid: linearGrid(rows * D),
          }],
        };
      },
    },
    {
      kind: "webgpu",
      file: `${HERE}/02_online.wgsl`,
      title: "a thread a query, nothing stored",
      suits: ([, , , D]) => D <= 64,
      plan: ({ attrs: [B, T, heads, D], inputs, outputs: [out] }) => ({
        launches: [{
          shader: "attention/02_online",
          buffers: [...inputs, out].map((t) => t.memory),
          params: [B, heads, T, D, f32(scaleOf(D))],
          grid: linearGrid(B * heads * T),
        }],
      }),
    },
    {
      kind: "webgpu",
      file: "shaders/attention.wgsl",
      title: "tiles of keys, queries in registers: ours",
      plan: (call, caps) => ({ launches: gpuAttention(attentionCall(call), caps) }),
    },
    {
      kind: "webgpu",
      file: "shaders/attention_cooperative.wgsl",
      title: "cooperative matrices on f16: ours, for halves",
      beyond: true,
      tolerance: 3e-3,
      lacks: lacksCooperative,
      suits: ([B, T, heads, D]) => suitsCooperative({ B, T, heads, D, C: heads * D }),
      plan(call, caps) {
        const { before, inputs } = asHalves(call.inputs, call.scratch);
        return { before, launches: gpuAttention(attentionCall({ ...call, inputs }), caps) };
      },
    },
  ],
};
