/**
 * Frames at or past a clip's length replaced by a number. What they held does not matter, NaN and
 * infinities included, and their gradient is 0: other ops over padded batches are composed with it.
 */
import { f32, linearGrid } from "../backend.ts";
import { type Call, defineOp, type Op } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { grainFor } from "./copy_plan.ts";

interface MaskAttrs {
  readonly value: number;
}

const buffersOf = ({ inputs, outputs }: Call<MaskAttrs>) =>
  [...inputs, ...outputs].map((t) => t.memory);

const maskFramesOp: Op<MaskAttrs> = defineOp<MaskAttrs>({
  name: "maskFrames",
  infer: ([x, lengths]) => {
    const fits = lengths.dtype === "i32" && sameShape(lengths.shape, x.shape.slice(0, 1));
    if (x.dtype !== "f32" || x.shape.length !== 3 || !fits) {
      throw new Error(
        `maskFrames: needs f32 [B, T, C] and i32 lengths [B], got ${x.dtype} ${
          formatShape(x.shape)
        } and ${lengths.dtype} ${formatShape(lengths.shape)}`,
      );
    }
    return [{ shape: x.shape, dtype: "f32" }];
  },
  cpu: (call, caps) => {
    const [B, T, C] = call.inputs[0].shape;
    return [{
      kernel: "maskFrames",
      buffers: buffersOf(call),
      params: [T, C, f32(call.attrs.value)],
      items: B * T,
      grain: grainFor(B * T, C, caps),
    }];
  },
  gpu: (call) => {
    const { size, shape: [_, T, C] } = call.inputs[0];
    return [{
      shader: "mask_frames",
      buffers: buffersOf(call),
      params: [size, T, C, f32(call.attrs.value)],
      grid: linearGrid(size),
    }];
  },
  save: { inputs: [1] },
  backward: ([g], c) => [maskFramesOp.apply([g!, c.input(1)], { value: 0 })[0], null],
});

/** x [B, T, C] with `value` (default 0) in frames t ≥ lengths[b]; lengths i32 [B]. */
export function maskFrames(x: Tensor, lengths: Tensor, value = 0): Tensor {
  return maskFramesOp.apply([x, lengths], { value })[0];
}
