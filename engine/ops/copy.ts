/** Copies: a new tensor of the same values, or new values in the same tensor. */
import { defineOp } from "../op.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cpuCopy, gpuCopy, planCopy } from "./copy_plan.ts";
import { broadcastTo, ownWalk } from "./movement.ts";

/** The same values in a storage of their own. */
export function copy(x: Tensor): Tensor {
  return broadcastTo(x, x.shape);
}

const copyIntoOp = defineOp<Record<string, never>>({
  name: "copyInto",
  infer: ([dst, src]) => {
    if (dst.dtype !== src.dtype || !sameShape(dst.shape, src.shape)) {
      throw new Error(
        `copyInto: ${src.dtype} ${formatShape(src.shape)} does not fit ${dst.dtype} ${
          formatShape(dst.shape)
        }`,
      );
    }
    return [];
  },
  cpu: ({ inputs: [dst, src] }, caps) => {
    const own = ownWalk(dst.shape);
    return [cpuCopy(planCopy(dst.shape, own, own), src.memory, dst.memory, caps)];
  },
  gpu: ({ inputs: [dst, src] }, caps) => {
    const own = ownWalk(dst.shape);
    if (dst.size === 0) return [];
    return [gpuCopy(planCopy(dst.shape, own, own), src.memory, dst.memory, caps)];
  },
  mutates: [0],
  backward: null,
});

/** Overwrites the elements of `dst` with those of `src`, on the device. No gradient. */
export function copyInto(dst: Tensor, src: Tensor): void {
  if (dst.storage !== src.storage) copyIntoOp.apply([dst, src], {});
}
