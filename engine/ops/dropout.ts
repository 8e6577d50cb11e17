/** Dropout. No mask is stored: forward and gradient each make it from the stream's place. */
import { f32, linearGrid } from "../backend.ts";
import { type Call, defineOp, type Op } from "../op.ts";
import type { Random, Words } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { RANDOM_GRAIN, streamParams } from "./random_ops.ts";

interface DropoutAttrs {
  /** Elements whose random word lies below are dropped. */
  readonly threshold: number;
  /** Factor on the others. */
  readonly scale: number;
  readonly key: Words;
  readonly counter: number;
}

const paramsOf = ({ attrs }: Call<DropoutAttrs>) => [
  ...streamParams(attrs.key, attrs.counter),
  ...[attrs.threshold, f32(attrs.scale)],
];

const dropoutOp: Op<DropoutAttrs> = defineOp<DropoutAttrs>({
  name: "dropout",
  infer: ([x]) => {
    if (x.dtype !== "f32") throw new Error(`dropout: needs f32, got ${x.dtype}`);
    return [{ shape: x.shape, dtype: "f32" }];
  },
  cpu: (call) => [{
    kernel: "dropout",
    buffers: [call.inputs[0].memory, call.outputs[0].memory],
    params: paramsOf(call),
    items: call.outputs[0].size,
    grain: RANDOM_GRAIN,
  }],
  gpu: (call) => [{
    shader: "dropout",
    buffers: [call.inputs[0].memory, call.outputs[0].memory],
    params: [call.outputs[0].size, ...paramsOf(call)],
    grid: linearGrid(Math.ceil(call.outputs[0].size / 2)),
  }],
  backward: ([g], { attrs }) => [dropoutOp.apply([g!], attrs)[0]],
});

/**
 * Each element zeroed with probability `p`, the others scaled by 1 / (1 − p), as `torch.nn.Dropout`
 * in training. Uses ⌈n/2⌉ blocks of `random`, whatever p; with p = 0 it is `x` itself.
 */
export function dropout(x: Tensor, p: number, random: Random): Tensor {
  if (!(p >= 0 && p <= 1)) {
    throw new Error(`dropout: the probability must be between 0 and 1, got ${p}`);
  }
  const counter = random.take(Math.ceil(x.size / 2));
  if (p === 0) return x;
  const threshold = Math.min(Math.round(p * 2 ** 32), 2 ** 32 - 1);
  const scale = p === 1 ? 0 : 1 / (1 - p);
  return dropoutOp.apply([x], { threshold, scale, key: random.key, counter })[0];
}
