/** What the tuner times of attention: the ladder's problem, and its backward pass. */
import type { GpuCaps, GpuLaunch } from "../engine/backend.ts";
import type { Arg } from "../engine/op.ts";
import { gpuAttention, gpuAttentionGrad } from "../engine/ops/attention_gpu.ts";
import { attentionGradients } from "./expected_attention.ts";
import type { ExpectedGradient } from "./expected_gradients.ts";
import { bytesOf } from "./op_case.ts";
import { attentionCall, attentionLadder } from "./rungs/attention.ts";
import type { Dims, Problem, RungCall, RungPlan } from "./rungs/ladder.ts";

/** Of the last sizes asked for: it holds what all elements of a head have in common. */
let last: { dims: Dims; gradients: readonly ExpectedGradient[] } | undefined;

function gradientsOf(dims: Dims): readonly ExpectedGradient[] {
  if (last?.dims !== dims) last = { dims, gradients: attentionGradients(dims) };
  return last.gradients;
}

/** q, k, v and the output's gradient to the gradient of k, all [B, T, heads · D]; those of q and v are made too. */
export const attentionGradProblem: Problem = {
  name: "attention-grad",
  dims: attentionLadder.dims,
  shapes: ([B, T, heads, D]) => Array.from({ length: 4 }, () => [B, T, heads * D]),
  output: attentionLadder.output,
  flops: (dims) => 2.5 * attentionLadder.flops(dims),
  bytes: ([B, T, heads, D]) => 8 * bytesOf([B, T, heads * D]),
  expected: ([q, k, v, g], dims, i) => gradientsOf(dims)[1]([q, k, v], g, i),
};

/** The op's launches; the forward pass, whose results they need, runs before the clock does. */
export function planAttentionGrad(call: RungCall, caps: GpuCaps): RungPlan<GpuLaunch> {
  const { inputs: [q, k, v, g], outputs: [dk], scratch } = call;
  const like = ({ shape, size }: Arg): Arg => ({
    shape,
    dtype: "f32",
    size,
    memory: scratch(size),
  });
  const forward = attentionCall({ ...call, inputs: [q, k, v], outputs: [like(q)] });
  const [out, lse] = forward.outputs;
  const inputs = [g, q, k, v, out, lse];
  const outputs = [like(q), dk, like(v)];
  return {
    before: gpuAttention(forward, caps),
    launches: gpuAttentionGrad({ ...call, attrs: forward.attrs, inputs, outputs }, caps),
  };
}
